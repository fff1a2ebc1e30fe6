#pragma once

/// How long customers waited, of all and by channel, reach, team and language. Private to this
/// room.

#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "earshot/digest/digest.hpp"
#include "earshot/digest/waited.hpp"

namespace earshot {

class Times {
 public:
  void add(const Waited& waited, const Case& it);
  std::vector<Measured> finish();

 private:
  std::map<std::array<std::string, 3>, std::vector<Duration>> spans_;  ///< what, by, group
};

}  // namespace earshot

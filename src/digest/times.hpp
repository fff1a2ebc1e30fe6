#pragma once

/// How long customers waited, of all and by channel, reach, team and language. Private to this
/// room.

#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "earshot/cases/case.hpp"
#include "earshot/digest/digest.hpp"

namespace earshot {

class Times {
 public:
  /// `what`: first_answer, solution.
  void add(const std::string& what, const Case& it, Duration span);
  std::vector<Measured> finish();

 private:
  std::map<std::array<std::string, 3>, std::vector<Duration>> spans_;  ///< what, by, group
};

}  // namespace earshot

#pragma once

/// Counts wrong tries per key (an address, a telephone number, a link) in a sliding window, in
/// bounded memory. Pure: time comes in.

#include <cstddef>
#include <deque>
#include <map>
#include <string>

#include "earshot/core/instant.hpp"

namespace earshot {

class Attempts {
 public:
  Attempts(std::size_t most, Duration window) : most_(most), window_(window) {}

  /// Too many wrong tries within the window: nothing of this key is looked at now.
  bool barred(const std::string& key, Instant now);
  void wrong(const std::string& key, Instant now);

 private:
  static constexpr std::size_t kKeys = 10'000;
  void forget(Instant now);

  std::size_t most_;
  Duration window_;
  std::map<std::string, std::deque<Instant>> tries_;
};

}  // namespace earshot

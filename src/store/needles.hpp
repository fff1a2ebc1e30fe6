#pragma once

/// Many byte strings looked for at once, ASCII letters in either case: one pass over the text
/// whatever their number. Pure.

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace earshot {

class Needles {
 public:
  Needles() = default;
  /// In lower case; empty ones are found nowhere.
  explicit Needles(const std::vector<std::string>& needles);
  /// Does one of them stand in it?
  bool in(std::string_view text) const;

 private:
  /// By their last four bytes, which differ where the beginnings of addresses are all the same.
  std::unordered_map<std::uint32_t, std::vector<std::string>> by_end_;
  std::bitset<1U << 16U> ends_;     ///< hashes of those four bytes
  std::vector<std::string> short_;  ///< of fewer than four bytes
};

}  // namespace earshot

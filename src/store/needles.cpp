#include "needles.hpp"

#include <algorithm>
#include <array>

namespace earshot {
namespace {

constexpr std::size_t kEnd = 4;

constexpr std::array<unsigned char, 256> kLower = [] {
  std::array<unsigned char, 256> out{};
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<unsigned char>(i >= 'A' && i <= 'Z' ? i | 0x20U : i);
  return out;
}();

unsigned char low(char c) {
  return kLower[static_cast<unsigned char>(c)];
}

/// The window moves by one byte: the oldest falls out below.
std::uint32_t moved(std::uint32_t window, char next) {
  return (window >> 8U) | (std::uint32_t{low(next)} << 24U);
}

std::size_t hash(std::uint32_t window) {
  return (window * 2'654'435'761U) >> 16U;
}

/// `text` ends where the needle must end.
bool ends_with(std::string_view text, std::string_view needle) {
  if (text.size() < needle.size()) return false;
  text.remove_prefix(text.size() - needle.size());
  return std::equal(needle.begin(), needle.end(), text.begin(),
                    [](char a, char b) { return static_cast<unsigned char>(a) == low(b); });
}

}  // namespace

Needles::Needles(const std::vector<std::string>& needles) {
  for (const std::string& it : needles) {
    if (it.empty()) continue;
    if (it.size() < kEnd) {
      short_.push_back(it);
      continue;
    }
    std::uint32_t window = 0;
    for (const char c : std::string_view{it}.substr(it.size() - kEnd)) window = moved(window, c);
    by_end_[window].push_back(it);
    ends_.set(hash(window));
  }
}

bool Needles::in(std::string_view text) const {
  for (const std::string& it : short_) {
    for (std::size_t end = it.size(); end <= text.size(); ++end)
      if (ends_with(text.substr(0, end), it)) return true;
  }
  std::uint32_t window = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    window = moved(window, text[i]);
    if (!ends_.test(hash(window))) continue;
    const auto found = by_end_.find(window);
    if (found == by_end_.end()) continue;
    for (const std::string& it : found->second)
      if (ends_with(text.substr(0, i + 1), it)) return true;
  }
  return false;
}

}  // namespace earshot

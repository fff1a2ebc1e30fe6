#include "earshot/core/masked.hpp"

#include <algorithm>
#include <string_view>

namespace earshot {
namespace {

constexpr std::size_t kShortest = 20;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_alnum(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
/// Goes with a run: "xoxb-", "whsec_", the end of base64.
bool belongs(char c) {
  return is_alnum(c) || std::string_view{"_-+=~"}.find(c) != std::string_view::npos;
}

bool looks_random(std::string_view run) {
  const auto digits = std::count_if(run.begin(), run.end(), is_digit);
  const auto letters = static_cast<std::ptrdiff_t>(run.size()) - digits;
  return run.size() >= kShortest && digits >= 2 && letters >= 4;
}

}  // namespace

std::string mask_random(std::string text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::size_t end = at;
    while (end < text.size() && is_alnum(text[end])) ++end;
    if (looks_random(std::string_view{text}.substr(at, end - at))) {
      while (at > 0 && belongs(text[at - 1])) --at;
      while (end < text.size() && belongs(text[end])) ++end;
      std::fill(text.begin() + static_cast<std::ptrdiff_t>(at),
                text.begin() + static_cast<std::ptrdiff_t>(end), '*');
    }
    at = std::max(at, end);
  }
  return text;
}

}  // namespace earshot

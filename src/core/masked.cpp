#include "earshot/core/masked.hpp"

#include <algorithm>
#include <string_view>

#include "earshot/core/ids.hpp"

namespace earshot {
namespace {

constexpr std::size_t kShortestMasked = 20;

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
  return run.size() >= kShortestMasked && digits >= 2 && letters >= 4;
}

bool is_base64(char c) {
  return is_alnum(c) || c == '+' || c == '/' || c == '=';
}

/// Stars over each `part`; `whole`: over all of the base64 around it.
void star_all(std::string& text, std::string_view part, bool whole) {
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos;) {
    std::size_t end = at + part.size();
    while (whole && at > 0 && is_base64(text[at - 1])) --at;
    while (whole && end < text.size() && is_base64(text[end])) ++end;
    std::fill(text.begin() + static_cast<std::ptrdiff_t>(at),
              text.begin() + static_cast<std::ptrdiff_t>(end), '*');
    at = end;
  }
}

}  // namespace

std::string without_secret(std::string text, std::string_view secret) {
  constexpr std::size_t kLeast = 4;  // shorter ones are words of everybody
  if (secret.size() < kLeast) return text;
  star_all(text, secret, false);
  for (std::size_t shift = 0; shift < 3; ++shift) {
    // What stands before and behind changes the characters at the ends: only the middle is sought.
    const std::string coded = base64(std::string(shift, '\0') + std::string{secret});
    const std::size_t begin = shift == 0 ? 0 : shift + 1;
    const std::size_t end = (shift + secret.size()) * 8 / 6;
    if (end >= begin + kLeast)
      star_all(text, std::string_view{coded}.substr(begin, end - begin), true);
  }
  return text;
}

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

#pragma once

/// What the readers of dates share: the parts of a date, a cursor, times of day and zones. Pure.

#include <cstddef>
#include <optional>
#include <string_view>

#include "earshot/core/instant.hpp"

namespace earshot::dates {

struct Fields {
  int year = -1;
  int month = -1;
  int day = -1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int millisecond = 0;
  int offset = 0;  ///< minutes east of UTC
};

/// hour 24 and second 60 exist and mean the next minute's begin; no other overflow does.
std::optional<Instant> instant_of(const Fields& f);

inline bool digit(char c) {
  return c >= '0' && c <= '9';
}

/// Walks a text; every `take` leaves it untouched where it does not match.
struct Cursor {
  std::string_view rest;
  bool at_end() const { return rest.empty(); }
  bool take(char c) {
    if (rest.empty() || rest.front() != c) return false;
    rest.remove_prefix(1);
    return true;
  }
  /// Between `least` and `most` digits.
  std::optional<int> number(std::size_t least, std::size_t most) {
    std::size_t n = 0;
    int value = 0;
    while (n < rest.size() && n < most && digit(rest[n])) value = value * 10 + (rest[n++] - '0');
    if (n < least) return std::nullopt;
    rest.remove_prefix(n);
    return value;
  }
  std::size_t digits_ahead() const {
    std::size_t n = 0;
    while (n < rest.size() && digit(rest[n])) ++n;
    return n;
  }
};

/// Any zone: "GMT", "EST", "GMT+2", "Etc/GMT", "UTC-05:00", "+0100", "(CET)"; in minutes east.
std::optional<int> zone_of(std::string_view text);

/// "23:59", "23:59:60.123", "9.05"; leaves what follows.
bool take_time(Cursor& in, Fields& f, bool colon_needed = true);

/// Names of months and days in any order and in many languages; nullopt where they are no date.
std::optional<Instant> read_words(std::string_view text);

}  // namespace earshot::dates

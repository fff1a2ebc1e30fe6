#include "feed_dates.hpp"

#include <chrono>
#include <string>

#include "earshot/core/utf8.hpp"
#include "feed_date_parts.hpp"

namespace earshot {
namespace {
using namespace dates;

bool set_date(Fields& f, std::chrono::sys_days days) {
  const std::chrono::year_month_day date{days};
  f.year = static_cast<int>(date.year());
  f.month = static_cast<int>(static_cast<unsigned>(date.month()));
  f.day = static_cast<int>(static_cast<unsigned>(date.day()));
  return true;
}

bool set_ordinal(Fields& f, int year, int day) {
  if (day < 1 || day > (std::chrono::year{year}.is_leap() ? 366 : 365)) return false;
  return set_date(
      f, std::chrono::sys_days{std::chrono::year{year} / 1 / 1} + std::chrono::days{day - 1});
}

/// ISO 8601 4.1.4: week 1 holds the year's first Thursday.
bool set_week(Fields& f, int year, int week, int day) {
  if (week < 1 || week > 53 || day < 1 || day > 7) return false;
  const std::chrono::sys_days fourth{std::chrono::year{year} / 1 / 4};
  const auto monday = fourth - (std::chrono::weekday{fourth} - std::chrono::Monday);
  return set_date(f, monday + std::chrono::days{(week - 1) * 7 + day - 1});
}

/// The date part of ISO 8601 and W3CDTF, extended or basic, also with slashes or dots after a
/// four-digit year.
bool take_iso_date(Cursor& in, Fields& f) {
  const std::size_t digits = in.digits_ahead();
  if (digits == 4 || digits == 6 || digits == 7 || digits == 8) {
    if (digits == 6) {  // YYMMDD
      f.year = 2000 + in.number(2, 2).value_or(0);
    } else {
      f.year = in.number(4, 4).value_or(0);
      if (digits == 7) return set_ordinal(f, f.year, in.number(3, 3).value_or(0));
    }
    if (digits != 4) {
      f.month = in.number(2, 2).value_or(0);
      f.day = in.number(2, 2).value_or(0);
      return true;
    }
  } else if (digits == 5) {  // YYDDD
    const int year = 2000 + in.number(2, 2).value_or(0);
    return set_ordinal(f, year, in.number(3, 3).value_or(0));
  } else {
    return false;
  }
  f.month = f.day = 1;
  const Cursor year_only = in;
  const char mark = in.take('-')               ? '-'
                    : in.take('/')             ? '/'
                    : in.take('.')             ? '.'
                    : in.rest.starts_with('W') ? 'W'
                                               : '\0';
  if (mark == 0) return true;
  if (in.take('W') || in.take('w')) {
    const int week = in.number(2, 2).value_or(0);
    in.take('-');
    return set_week(f, f.year, week, in.number(1, 1).value_or(1));
  }
  if (mark == '-' && in.digits_ahead() == 3)
    return set_ordinal(f, f.year, in.number(3, 3).value_or(0));
  if (in.digits_ahead() == 0) return mark == '-' && (in = year_only, true);  // "2004-" or a zone
  f.month = in.number(1, 2).value_or(0);
  if (in.take(mark)) f.day = in.number(1, 2).value_or(0);
  return true;
}

/// A zone, or nothing, up to the end.
bool take_zone(Cursor& in, Fields& f) {
  in.rest = trim(in.rest);
  if (in.at_end()) return true;
  if (in.rest.starts_with('z') || in.rest.starts_with('Z')) {
    f.offset = 0;  // what follows a Z is noise: "Z+00:00", "Z GMT"
    return true;
  }
  // "+01:00[Europe/Berlin]": the name only says whose offset that is
  const std::string_view word = in.rest.substr(0, in.rest.find_first_of(" ["));
  if (word.empty()) return true;
  const auto zone = zone_of(word);
  if (!zone) return false;
  f.offset = *zone;
  return true;
}

std::optional<Instant> read_iso(std::string_view text) {
  Fields f;
  Cursor in{text};
  if (!take_iso_date(in, f)) return std::nullopt;
  if (in.at_end()) return instant_of(f);
  const Cursor before = in;
  while (in.take(' ') || in.take('T') || in.take('t') || in.take('_')) {
  }
  if (in.rest.size() == before.rest.size()) return take_zone(in, f) ? instant_of(f) : std::nullopt;
  if (!in.at_end() && !digit(in.rest.front()))
    return take_zone(in, f) ? instant_of(f) : std::nullopt;
  if (!take_time(in, f, false)) return std::nullopt;
  Cursor tail = in;
  tail.rest = trim(tail.rest);
  const std::string half = to_lower_ascii(tail.rest.substr(0, 2));
  if ((half == "am" || half == "pm") && f.hour >= 1 && f.hour <= 12) {
    f.hour = f.hour % 12 + (half == "pm" ? 12 : 0);
    tail.rest.remove_prefix(2);
  }
  return take_zone(tail, f) ? instant_of(f) : std::nullopt;
}

/// ISO 8601:1988 with two digits of the year: "03-12-31", "-0312", "-03-12".
std::optional<Instant> read_short_iso(std::string_view text) {
  Fields f;
  Cursor in{text};
  const bool truncated = in.take('-');
  const std::size_t digits = in.digits_ahead();
  if (digits != 2 && !(truncated && digits == 4)) return std::nullopt;
  f.year = 2000 + in.number(2, 2).value_or(0);
  in.take('-');
  f.month = in.number(2, 2).value_or(0);
  f.day = truncated ? 1 : 0;
  if (!truncated && in.take('-')) f.day = in.number(2, 2).value_or(0);
  return in.at_end() ? instant_of(f) : std::nullopt;
}

/// "1764000000", "1764000000.25", "1764000000123".
std::optional<Instant> read_epoch(std::string_view text) {
  Cursor in{text};
  const std::size_t digits = in.digits_ahead();
  if (digits < 9 || digits > 13) {
    if (digits != 14 || digits != text.size()) return std::nullopt;
    Fields f;  // YYYYMMDDhhmmss
    f.year = in.number(4, 4).value_or(0);
    f.month = in.number(2, 2).value_or(0);
    f.day = in.number(2, 2).value_or(0);
    return take_time(in, f, false) ? instant_of(f) : std::nullopt;
  }
  std::int64_t value = 0;
  for (const char c : text.substr(0, digits)) value = value * 10 + (c - '0');
  in.rest.remove_prefix(digits);
  if (digits >= 12) return in.at_end() ? std::optional{from_unix_ms(value)} : std::nullopt;
  if (!in.at_end() && !in.take('.')) return std::nullopt;
  for (const char c : in.rest) {
    if (!digit(c)) return std::nullopt;
  }
  std::int64_t ms = 0;
  for (std::size_t i = 0; i < 3; ++i) ms = ms * 10 + (i < in.rest.size() ? in.rest[i] - '0' : 0);
  return from_unix_ms(value * 1000 + ms);
}

}  // namespace

std::optional<Instant> parse_feed_date(std::string_view text) {
  text = trim(text);
  if (text.empty() || text.size() > 128) return std::nullopt;
  if (digit(text.front())) {
    if (const auto at = read_epoch(text)) return at;
    if (const auto at = read_iso(text)) return at;
  }
  if (const auto at = read_short_iso(text)) return at;
  return read_words(text);
}

}  // namespace earshot

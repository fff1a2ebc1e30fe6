#include "earshot/core/instant.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <limits>

namespace earshot {
namespace {

std::string format(Instant at, bool always_ms) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{at - day};
  std::string out =
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  time.hours().count(), time.minutes().count(), time.seconds().count());
  if (always_ms || time.subseconds().count() != 0)
    out += fmt::format(".{:03}", time.subseconds().count());
  return out + "Z";
}

/// Takes exactly `digits` decimal digits from the front.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

/// Milliseconds of ".123456"; digits beyond the third are dropped.
std::optional<int> take_fraction(std::string_view& text) {
  if (!take(text, ".,")) return 0;
  int ms = 0;
  int digits = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    if (digits < 3) ms = ms * 10 + (text.front() - '0');
    ++digits;
    text.remove_prefix(1);
  }
  if (digits == 0) return std::nullopt;
  for (; digits < 3; ++digits) ms *= 10;
  return ms;
}

std::optional<Duration> take_offset(std::string_view& text) {
  if (take(text, "Zz")) return Duration{0};
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  const bool east = text.front() == '+';
  text.remove_prefix(1);
  const auto h = take_number(text, 2);
  take(text, ":");
  const auto m = take_number(text, 2);
  if (!h || !m || *h > 23 || *m > 59) return std::nullopt;
  const Duration span = hours{*h} + minutes{*m};
  return east ? span : -span;
}

}  // namespace

std::string to_rfc3339(Instant at) {
  return format(at, false);
}
std::string to_rfc3339_ms(Instant at) {
  return format(at, true);
}

std::optional<Instant> parse_rfc3339(std::string_view text) {
  const auto year = take_number(text, 4);
  if (!year || !take(text, "-")) return std::nullopt;
  const auto month = take_number(text, 2);
  if (!month || !take(text, "-")) return std::nullopt;
  const auto day = take_number(text, 2);
  if (!day || !take(text, "Tt ")) return std::nullopt;
  const auto h = take_number(text, 2);
  if (!h || !take(text, ":")) return std::nullopt;
  const auto m = take_number(text, 2);
  if (!m || !take(text, ":")) return std::nullopt;
  const auto s = take_number(text, 2);
  const auto ms = take_fraction(text);
  const auto offset = take_offset(text);
  if (!s || !ms || !offset || !text.empty()) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  // 23:59:60 is a leap second: read as the second after.
  if (!date.ok() || *h > 23 || *m > 59 || *s > 60) return std::nullopt;
  return std::chrono::sys_days{date} + hours{*h} + minutes{*m} + seconds{*s} + milliseconds{*ms} -
         *offset;
}

namespace {
struct Unit {
  std::string_view word;
  std::int64_t ms;
};
// Longest words first, so that "ms" is not read as minutes.
constexpr std::array kUnits{Unit{"ms", 1},        Unit{"w", 604'800'000}, Unit{"d", 86'400'000},
                            Unit{"h", 3'600'000}, Unit{"m", 60'000},      Unit{"s", 1000}};
}  // namespace

std::string to_text(Duration span) {
  if (span.count() == 0) return "0s";
  std::string out = span.count() < 0 ? "-" : "";
  std::int64_t rest = span.count() < 0 ? -span.count() : span.count();
  for (const Unit& unit : {Unit{"d", 86'400'000}, Unit{"h", 3'600'000}, Unit{"m", 60'000},
                           Unit{"s", 1000}, Unit{"ms", 1}}) {
    if (rest >= unit.ms) out += fmt::format("{}{}", rest / unit.ms, unit.word);
    rest %= unit.ms;
  }
  return out;
}

std::optional<Duration> parse_duration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::int64_t total = 0;
  while (!text.empty()) {
    std::int64_t number = 0;
    std::size_t digits = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
      if (digits > 11) return std::nullopt;
      number = number * 10 + (text[digits++] - '0');
    }
    if (digits == 0) return std::nullopt;
    text.remove_prefix(digits);
    const Unit* found = nullptr;
    for (const Unit& unit : kUnits) {
      if (text.starts_with(unit.word)) {
        found = &unit;
        break;
      }
    }
    if (found == nullptr) return std::nullopt;
    text.remove_prefix(found->word.size());
    constexpr std::int64_t kMost =
        std::int64_t{100} * 366 * 86'400'000;  // a century: longer is a slip of the pen
    if (number > kMost / found->ms || total > kMost - number * found->ms) return std::nullopt;
    total += number * found->ms;
  }
  return Duration{total};
}

}  // namespace earshot

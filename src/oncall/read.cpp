/// Reading local times, times of day and days of the week as people write them.

#include <array>
#include <cstdint>

#include "earshot/oncall/schedule.hpp"

namespace earshot {
namespace {

/// Takes exactly `digits` decimal digits from the front.
std::optional<unsigned> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  unsigned value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + static_cast<unsigned>(text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::chrono::local_days> take_date(std::string_view& text) {
  const auto year = take_number(text, 4);
  if (!year || !take(text, "-")) return std::nullopt;
  const auto month = take_number(text, 2);
  if (!month || !take(text, "-")) return std::nullopt;
  const auto day = take_number(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(*year)},
                                         std::chrono::month{*month}, std::chrono::day{*day}};
  if (!date.ok()) return std::nullopt;
  return std::chrono::local_days{date};
}

std::optional<unsigned> weekday_of(std::string_view word) {
  static constexpr std::array<std::string_view, 7> kDays{
      "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};
  for (unsigned i = 0; i < kDays.size(); ++i) {
    if (word.size() != 3 && word.size() != kDays[i].size()) continue;
    bool same = true;
    for (std::size_t c = 0; c < word.size(); ++c) {
      const char lower =
          word[c] >= 'A' && word[c] <= 'Z' ? static_cast<char>(word[c] - 'A' + 'a') : word[c];
      same = same && lower == kDays[i][c];
    }
    if (same) return i;
  }
  return std::nullopt;
}

}  // namespace

std::optional<CivilTime> parse_civil(std::string_view text) {
  const auto date = take_date(text);
  if (!date) return std::nullopt;
  if (text.empty()) return CivilTime{*date};
  if (!take(text, "Tt ")) return std::nullopt;
  const auto h = take_number(text, 2);
  if (!h || !take(text, ":")) return std::nullopt;
  const auto m = take_number(text, 2);
  if (!m) return std::nullopt;
  std::optional<unsigned> s = 0;
  if (take(text, ":")) s = take_number(text, 2);
  if (!s || !text.empty() || *h > 23 || *m > 59 || *s > 59) return std::nullopt;
  return CivilTime{*date} + hours{*h} + minutes{*m} + seconds{*s};
}

std::optional<minutes> parse_time_of_day(std::string_view text) {
  const auto h = take_number(text, 2);
  if (!h || !take(text, ":")) return std::nullopt;
  const auto m = take_number(text, 2);
  if (!m || !text.empty() || *m > 59 || *h > 24 || (*h == 24 && *m != 0)) return std::nullopt;
  return hours{*h} + minutes{*m};
}

std::optional<std::vector<std::chrono::weekday>> parse_days(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto first = weekday_of(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : weekday_of(text.substr(dash + 1));
  if (!first || !last) return std::nullopt;
  std::vector<std::chrono::weekday> days;
  for (unsigned day = *first;; day = (day + 1) % 7) {
    days.emplace_back(day);
    if (day == *last) return days;
  }
}

}  // namespace earshot

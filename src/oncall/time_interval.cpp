#include "earshot/oncall/time_interval.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace earshot {
namespace {

using std::chrono::days;

constexpr Duration kLookAhead = days{2};

bool within(const std::vector<IntRange>& ranges, int value) {
  return ranges.empty() || std::ranges::any_of(ranges, [&](const IntRange& it) {
           return value >= it.first && value <= it.second;
         });
}

/// Negative days count from the end of the month, which is as long as the calendar says.
bool day_within(const std::vector<IntRange>& ranges, int day, int last) {
  return ranges.empty() || std::ranges::any_of(ranges, [&](const IntRange& it) {
           const int from = it.first < 0 ? last + 1 + it.first : it.first;
           const int to = it.second < 0 ? last + 1 + it.second : it.second;
           return day >= std::max(from, 1) && day <= to;
         });
}

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// "a:b" or "a" alone, each end read by `read`.
template <class Read>
std::optional<IntRange> range(std::string_view text, const Read& read) {
  const std::size_t colon = text.find(':');
  const std::optional<int> from = read(text.substr(0, colon));
  const std::optional<int> to =
      colon == std::string_view::npos ? from : read(text.substr(colon + 1));
  if (!from || !to) return std::nullopt;
  return IntRange{*from, *to};
}

std::optional<int> month(std::string_view text) {
  constexpr std::array<std::string_view, 12> kMonths{
      "january", "february", "march",     "april",   "may",      "june",
      "july",    "august",   "september", "october", "november", "december"};
  if (const auto value = number(text)) return *value >= 1 && *value <= 12 ? value : std::nullopt;
  std::string lower{text};
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  for (std::size_t i = 0; i < kMonths.size(); ++i) {
    const bool whole = lower == kMonths[i];
    if (whole || (lower.size() == 3 && kMonths[i].starts_with(lower)))
      return static_cast<int>(i) + 1;
  }
  return std::nullopt;
}

const NamedIntervals* interval_called(const std::vector<NamedIntervals>& known,
                                      const std::string& name) {
  const auto found = std::ranges::find(known, name, &NamedIntervals::name);
  return found == known.end() ? nullptr : &*found;
}

/// Without the time at which it ends.
std::optional<Muted> why_muted(const std::vector<NamedIntervals>& known,
                               const std::vector<std::string>& mute,
                               const std::vector<std::string>& active, Instant at) {
  for (const std::string& name : mute) {
    const NamedIntervals* it = interval_called(known, name);
    if (it != nullptr && holds(*it, at)) return Muted{name, fmt::format("muted by \"{}\"", name)};
  }
  std::string names;
  for (const std::string& name : active) {
    const NamedIntervals* it = interval_called(known, name);
    if (it == nullptr || holds(*it, at)) return std::nullopt;
    names += (names.empty() ? "" : ", ") + name;
  }
  if (names.empty()) return std::nullopt;
  return Muted{active.front(), fmt::format("not active outside \"{}\"", names)};
}

}  // namespace

bool holds(const TimeInterval& interval, Instant at) {
  const CivilTime local = to_civil(at, interval.zone);
  const auto day = std::chrono::floor<days>(local);
  const minutes of_day = std::chrono::floor<minutes>(local - day);
  const std::chrono::year_month_day date{day};
  const int last = static_cast<int>(
      static_cast<unsigned>((date.year() / date.month() / std::chrono::last).day()));
  const bool time = interval.times.empty() ||
                    std::ranges::any_of(interval.times, [&](const TimeInterval::Times& it) {
                      return of_day >= it.from && of_day < it.to;
                    });
  const std::chrono::weekday weekday{day};
  const bool week = interval.weekdays.empty() ||
                    std::ranges::find(interval.weekdays, weekday) != interval.weekdays.end();
  return time && week &&
         day_within(interval.days_of_month, static_cast<int>(static_cast<unsigned>(date.day())),
                    last) &&
         within(interval.months, static_cast<int>(static_cast<unsigned>(date.month()))) &&
         within(interval.years, static_cast<int>(date.year()));
}

bool holds(const NamedIntervals& intervals, Instant at) {
  return std::ranges::any_of(intervals.any, [&](const TimeInterval& it) { return holds(it, at); });
}

std::optional<Muted> muted(const std::vector<NamedIntervals>& known,
                           const std::vector<std::string>& mute,
                           const std::vector<std::string>& active, Instant at) {
  std::optional<Muted> out = why_muted(known, mute, active, at);
  if (!out) return out;
  const Instant end = at + kLookAhead;
  for (Instant it = std::chrono::floor<minutes>(at) + minutes{1}; it <= end; it += minutes{1}) {
    if (why_muted(known, mute, active, it)) continue;
    out->until = it;
    break;
  }
  return out;
}

std::optional<std::vector<std::chrono::weekday>> parse_weekdays(std::string_view text) {
  std::string dashed{text};
  std::ranges::replace(dashed, ':', '-');
  return parse_days(dashed);
}

std::optional<IntRange> parse_days_of_month(std::string_view text) {
  const auto out = range(text, &number);
  if (!out) return std::nullopt;
  const auto [from, to] = *out;
  const auto fits = [](int day) { return day != 0 && day >= -31 && day <= 31; };
  if (!fits(from) || !fits(to) || (from < 0 && to > 0)) return std::nullopt;
  if ((from < 0) == (to < 0) && from > to) return std::nullopt;
  return out;
}

std::optional<IntRange> parse_months(std::string_view text) {
  const auto out = range(text, &month);
  return out && out->first <= out->second ? out : std::nullopt;
}

std::optional<IntRange> parse_years(std::string_view text) {
  const auto out = range(text, &number);
  const bool fits = out && out->first >= 1970 && out->second <= 9999;
  return fits && out->first <= out->second ? out : std::nullopt;
}

}  // namespace earshot

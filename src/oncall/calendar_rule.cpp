#include "calendar_rule.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "earshot/core/utf8.hpp"
#include "earshot/oncall/schedule.hpp"

namespace earshot {
namespace {

using std::chrono::days;
using std::chrono::local_days;
using std::chrono::months;
using std::chrono::year_month_day;

std::optional<int> number_in(std::string_view text, int least, int most) {
  if (text.starts_with('+')) text.remove_prefix(1);
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < least || value > most)
    return std::nullopt;
  return value;
}

bool digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::optional<DayOf> day_of(std::string_view text) {
  static constexpr std::array<std::string_view, 7> kDays{"SU", "MO", "TU", "WE", "TH", "FR", "SA"};
  if (text.size() < 2) return std::nullopt;
  const auto found = std::find(kDays.begin(), kDays.end(), text.substr(text.size() - 2));
  if (found == kDays.end()) return std::nullopt;
  DayOf out{std::chrono::weekday{static_cast<unsigned>(found - kDays.begin())}, 0};
  text.remove_suffix(2);
  if (text.empty()) return out;
  const auto place = number_in(text, -5, 5);
  if (!place || *place == 0) return std::nullopt;
  out.place = *place;
  return out;
}

/// Calls `each` for the parts between `separator`; false where one of them said no.
template <class F>
bool split(std::string_view text, char separator, const F& each) {
  for (;;) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (!each(text.substr(0, end))) return false;
    if (end == text.size()) return true;
    text.remove_prefix(end + 1);
  }
}

bool read_part(std::string_view key, std::string_view value, CalendarEvent& event) {
  if (key == "FREQ") {
    static constexpr std::array<std::string_view, 4> kWords{"DAILY", "WEEKLY", "MONTHLY", "YEARLY"};
    const auto found = std::find(kWords.begin(), kWords.end(), value);
    if (found == kWords.end()) return false;
    event.repeat = static_cast<Frequency>(found - kWords.begin() + 1);
    return true;
  }
  if (key == "INTERVAL" || key == "COUNT") {
    const auto n = number_in(value, 1, key == "COUNT" ? 10'000 : 1'000);
    if (n) (key == "COUNT" ? event.count : event.interval) = *n;
    return n.has_value();
  }
  if (key == "UNTIL") {
    const auto until = parse_calendar_time(value);
    if (!until) return false;
    event.until = until->local;
    if (until->utc && event.zone != "UTC" && !event.zone.empty())
      event.until = to_civil(to_instant(until->local, "UTC"), event.zone);
    if (until->whole_day) *event.until += days{1} - seconds{1};
    return true;
  }
  if (key == "BYDAY") {
    return split(value, ',', [&](std::string_view one) {
      const auto day = day_of(one);
      if (day && event.by_day.size() < 100) event.by_day.push_back(*day);
      return day.has_value();
    });
  }
  if (key == "BYMONTHDAY") {
    return split(value, ',', [&](std::string_view one) {
      const auto day = number_in(one, -31, 31);
      if (day && *day != 0 && event.by_month_day.size() < 100) event.by_month_day.push_back(*day);
      return day && *day != 0;
    });
  }
  return key == "WKST" && value == "MO";
}

/// Days of a month that a monthly rule names, ascending; dates that do not exist are left out.
std::vector<local_days> days_of_month(const CalendarEvent& event, std::chrono::year_month month,
                                      std::chrono::day own) {
  const local_days first{month / 1};
  const local_days last{month / std::chrono::last};
  const int length = static_cast<int>((last - first).count()) + 1;
  std::vector<local_days> out;
  const auto add = [&](int day) {  // 1-based, negative from the end
    const int at = day > 0 ? day : length + 1 + day;
    if (at >= 1 && at <= length) out.push_back(first + days{at - 1});
  };
  for (const int day : event.by_month_day) add(day);
  for (const DayOf& it : event.by_day) {
    const int lead = static_cast<int>((it.day - std::chrono::weekday{first}).count()) + 1;
    const int many = (length - lead) / 7 + 1;
    for (int n = 1; n <= many; ++n) {
      if (it.place == 0 || it.place == n || it.place == n - many - 1) add(lead + 7 * (n - 1));
    }
  }
  if (event.by_month_day.empty() && event.by_day.empty()) add(static_cast<int>(unsigned{own}));
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

/// The days of the n-th period of a rule, ascending, from the period of the start on.
std::vector<local_days> period_days(const CalendarEvent& event, std::int64_t n) {
  const local_days start = std::chrono::floor<days>(event.start);
  const year_month_day date{start};
  const std::int64_t step = n * event.interval;
  const auto has = [&](std::chrono::weekday day) {
    return std::any_of(event.by_day.begin(), event.by_day.end(),
                       [&](const DayOf& it) { return it.day == day; });
  };
  switch (event.repeat) {
    case Frequency::daily: {
      const local_days day = start + days{step};
      if (!event.by_day.empty() && !has(std::chrono::weekday{day})) return {};
      return {day};
    }
    case Frequency::weekly: {
      const local_days monday = start - (std::chrono::weekday{start} - std::chrono::Monday);
      std::vector<local_days> out;
      for (int i = 0; i < 7; ++i) {
        const local_days day = monday + days{7 * step + i};
        const bool own =
            event.by_day.empty() && std::chrono::weekday{day} == std::chrono::weekday{start};
        if (own || has(std::chrono::weekday{day})) out.push_back(day);
      }
      return out;
    }
    case Frequency::monthly:
      return days_of_month(event, date.year() / date.month() + months{step}, date.day());
    case Frequency::yearly:
      return days_of_month(event, date.year() / date.month() + months{12 * step}, date.day());
    case Frequency::once:
      break;
  }
  return {};
}

/// A period that certainly begins before `from`, to skip what lies long ago.
std::int64_t first_period(const CalendarEvent& event, CivilTime from) {
  if (event.count > 0 || from <= event.start) return 0;  // a count is counted from the start
  static constexpr std::array<int, 5> kLongest{1, 1, 7, 31, 366};
  const std::int64_t span =
      std::int64_t{kLongest[static_cast<std::size_t>(event.repeat)]} * event.interval;
  const auto passed = std::chrono::floor<days>(from - event.start).count();
  return std::max<std::int64_t>(passed / span - 1, 0);
}

}  // namespace

std::optional<CalendarTime> parse_calendar_time(std::string_view text) {
  text = trim(text);
  CalendarTime out;
  if (text.size() == 16 && text.back() == 'Z') {
    out.utc = true;
    text.remove_suffix(1);
  }
  const bool with_time = text.size() == 15 && text[8] == 'T';
  if (!with_time && (text.size() != 8 || out.utc)) return std::nullopt;
  if (!digits(text.substr(0, 8)) || (with_time && !digits(text.substr(9)))) return std::nullopt;
  std::string iso =
      fmt::format("{}-{}-{}", text.substr(0, 4), text.substr(4, 2), text.substr(6, 2));
  if (with_time)
    iso += fmt::format("T{}:{}:{}", text.substr(9, 2), text.substr(11, 2),
                       text.substr(13, 2) == "60" ? "59" : text.substr(13, 2));
  const auto local = parse_civil(iso);
  if (!local || text.substr(0, 2) < "19" || text.substr(0, 2) > "21") return std::nullopt;
  out.local = *local;
  out.whole_day = !with_time;
  return out;
}

std::optional<seconds> parse_calendar_duration(std::string_view text) {
  text = trim(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  if (!text.starts_with('P')) return std::nullopt;
  text.remove_prefix(1);
  std::int64_t total = 0;
  bool time = false;
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    if (text.front() == 'T' && !time) {
      time = true;
      text.remove_prefix(1);
      continue;
    }
    const std::size_t end = text.find_first_not_of("0123456789");
    if (end == std::string_view::npos || end == 0 || end > 7) return std::nullopt;
    const int n = number_in(text.substr(0, end), 0, 9'999'999).value_or(0);
    static constexpr std::string_view kDate = "WD";
    static constexpr std::string_view kTime = "HMS";
    static constexpr std::array<int, 2> kDateUnits{7 * 86'400, 86'400};
    static constexpr std::array<int, 3> kTimeUnits{3'600, 60, 1};
    const std::size_t unit = (time ? kTime : kDate).find(text[end]);
    if (unit == std::string_view::npos) return std::nullopt;
    total += std::int64_t{n} * (time ? kTimeUnits[unit] : kDateUnits[unit]);
    text.remove_prefix(end + 1);
  }
  if (total <= 0 || total > std::int64_t{366} * 86'400) return std::nullopt;
  return seconds{total};
}

Result<void> read_rule(std::string_view value, CalendarEvent& event) {
  std::string bad;
  split(trim(value), ';', [&](std::string_view part) {
    const std::size_t equals = part.find('=');
    if (part.empty()) return true;
    if (equals != std::string_view::npos &&
        read_part(part.substr(0, equals), part.substr(equals + 1), event))
      return true;
    bad = std::string{part};
    return false;
  });
  if (!bad.empty())
    return permanent(fmt::format("the rule's part \"{}\" is not supported", printable(bad)));
  if (event.repeat == Frequency::once) return permanent("a rule needs a FREQ");
  const bool placed = std::any_of(event.by_day.begin(), event.by_day.end(),
                                  [](const DayOf& it) { return it.place != 0; });
  if (placed && event.repeat != Frequency::monthly)
    return permanent("only a monthly rule may name \"the second Tuesday\"");
  if (!event.by_month_day.empty() && event.repeat != Frequency::monthly)
    return permanent("only a monthly rule may name days of the month");
  if (!event.by_day.empty() && event.repeat == Frequency::yearly)
    return permanent("a yearly rule may not name days of the week");
  if (!event.by_day.empty() && !event.by_month_day.empty())
    return permanent("a rule names either days of the week or of the month");
  return {};
}

std::vector<CivilTime> occurrences(const CalendarEvent& event, CivilTime from, CivilTime until) {
  std::vector<CivilTime> out;
  const seconds time = event.start - std::chrono::floor<days>(event.start);
  const auto keep = [&](CivilTime at) {
    if (at < until && at >= from &&
        std::find(event.except.begin(), event.except.end(), at) == event.except.end())
      out.push_back(at);
  };
  if (event.repeat == Frequency::once) keep(event.start);
  int counted = 0;
  bool ended = event.repeat == Frequency::once;
  std::int64_t n = first_period(event, from);
  for (std::size_t looked = 0; !ended && looked < kMostOccurrences; ++looked, ++n) {
    const std::vector<local_days> in_period = period_days(event, n);
    for (const local_days day : in_period) {
      const CivilTime at = day + time;
      if (at < event.start) continue;
      ended = ended || at >= until || (event.until && at > *event.until) ||
              (event.count > 0 && counted >= event.count);
      if (ended) break;
      ++counted;
      keep(at);
    }
    // A rule none of whose days exist for long (the 31st of every February) ends too.
    ended = ended || event.start + days{n * event.interval} > until + days{366};
  }
  for (const CivilTime at : event.extra) keep(at);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace earshot

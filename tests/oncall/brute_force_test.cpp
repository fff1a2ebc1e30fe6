/// T8: every quarter of an hour against a slow reference that shares nothing with the engine:
/// glibc's time zones, no hand-off is ever computed, only "what is the latest time this wall clock
/// has shown?". A skipped time has been shown once the gap is over, a repeated one since its first
/// pass: that one number says all the rules of schedule.hpp.
///
/// EARSHOT_SEED picks another sample; EARSHOT_YEARS and EARSHOT_SCHEDULES (a zone) say how much: 1
/// and 2 by default, 2 and 50 in scripts/test, 20 and 50 in scripts/test --full.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <map>
#include <random>

#include "earshot/oncall/schedule.hpp"

namespace earshot {
namespace {

constexpr std::int64_t kStep = 900;
constexpr std::int64_t kDay = 86'400;

struct Place {
  const char* zone;
  int year;
};
// Both hemispheres, changes at midnight, by half an hour, by two hours, in Ramadan, none, a day
// left out, and years after 2037.
constexpr Place kPlaces[] = {{"Europe/Berlin", 2026},       {"Europe/Dublin", 2041},
                             {"America/New_York", 2026},    {"America/St_Johns", 2026},
                             {"Australia/Lord_Howe", 2026}, {"Europe/London", 2044},
                             {"Pacific/Apia", 2011},        {"Pacific/Chatham", 2026},
                             {"Africa/Casablanca", 2026},   {"Africa/Cairo", 2025},
                             {"America/Havana", 2026},      {"America/Sao_Paulo", 2018},
                             {"America/Santiago", 2027},    {"Asia/Kathmandu", 2026},
                             {"Asia/Tehran", 2021},         {"Asia/Beirut", 2026},
                             {"Asia/Pyongyang", 2018},      {"Antarctica/Troll", 2026},
                             {"America/Asuncion", 2024},    {"UTC", 2026}};

/// The latest wall time that the zone's clocks have shown up to each step, in seconds.
std::vector<std::int64_t> highest_shown(const char* zone, std::int64_t from, std::size_t steps) {
  setenv("TZ", zone, 1);
  tzset();
  std::vector<std::int64_t> shown;
  std::int64_t highest = INT64_MIN;
  const std::int64_t warm = from - 3 * kDay;
  for (std::int64_t at = warm; at < from + static_cast<std::int64_t>(steps) * kStep; at += kStep) {
    const std::time_t time = at;
    std::tm local{};
    localtime_r(&time, &local);
    highest = std::max<std::int64_t>(highest, at + local.tm_gmtoff);
    if (at >= from) shown.push_back(highest);
  }
  setenv("TZ", "UTC", 1);
  tzset();
  return shown;
}

std::int64_t turn_length(const Layer& layer) {
  if (layer.rotate == Rotate::custom) return layer.period.count() / 1000;
  const std::int64_t unit = layer.rotate == Rotate::hourly  ? 3600
                            : layer.rotate == Rotate::daily ? kDay
                                                            : 7 * kDay;
  return unit * layer.every;
}

std::tm date_of(std::int64_t local) {
  const std::time_t time = local;
  std::tm out{};
  gmtime_r(&time, &out);
  return out;
}

int length_of_month(const std::tm& date) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const int year = date.tm_year + 1900;
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return kDays[date.tm_mon] + (date.tm_mon == 1 && leap ? 1 : 0);
}

/// Months whose hand-off has come: of this month too, once its day and time were shown.
std::int64_t months_passed(std::int64_t start, std::int64_t shown) {
  const std::tm first = date_of(start);
  const std::tm now = date_of(shown);
  std::int64_t months = (now.tm_year - first.tm_year) * 12 + now.tm_mon - first.tm_mon;
  const int day = std::min(first.tm_mday, length_of_month(now));
  const std::int64_t time = start % kDay;
  if (now.tm_mday < day || (now.tm_mday == day && shown % kDay < time)) --months;
  return months;
}

bool is_holiday(const DutyWindow& window, std::int64_t day) {
  return std::any_of(window.holidays.begin(), window.holidays.end(),
                     [&](auto it) { return it.time_since_epoch().count() == day; });
}

bool is_open(const Layer& layer, std::int64_t shown) {
  const std::int64_t today = shown / kDay;
  for (const DutyWindow& window : layer.during) {
    for (std::int64_t day = today - 1; day <= today; ++day) {
      const unsigned weekday = static_cast<unsigned>((day + 4) % 7);  // 1970-01-01 was a Thursday
      const auto covers = [&](std::chrono::weekday d) { return d.c_encoding() == weekday; };
      if (!window.days.empty() && std::none_of(window.days.begin(), window.days.end(), covers))
        continue;
      if (window.holiday_rule == HolidayRule::except && is_holiday(window, day)) continue;
      if (window.holiday_rule == HolidayRule::only && !is_holiday(window, day)) continue;
      const std::int64_t open = day * kDay + window.from.count() * 60;
      const std::int64_t close =
          day * kDay + window.to.count() * 60 + (window.to <= window.from ? kDay : 0);
      if (shown >= open && shown < close) return true;
    }
  }
  return layer.during.empty();
}

/// What the clocks have shown: in the schedule's zone, and in UTC.
struct Shown {
  std::int64_t local;
  std::int64_t utc;
  std::int64_t in(const std::string& zone) const { return zone.empty() ? local : utc; }
};

/// Every start of an imported event, found by asking each single day whether it is one.
std::vector<std::int64_t> starts_of(const CalendarEvent& event, std::int64_t until) {
  std::vector<std::int64_t> out;
  const std::int64_t start = event.start.time_since_epoch().count();
  const std::int64_t monday = start / kDay - (start / kDay + 3) % 7;
  const std::tm first = date_of(start);
  int counted = 0;
  for (std::int64_t day = start / kDay; day * kDay < until; ++day) {
    const std::int64_t at = day * kDay + start % kDay;
    if (event.until && at > event.until->time_since_epoch().count()) break;
    const auto named = [&](const DayOf& it) {
      return it.day.c_encoding() == static_cast<unsigned>((day + 4) % 7);
    };
    const bool by_day = std::any_of(event.by_day.begin(), event.by_day.end(), named);
    bool is = false;
    if (event.repeat == Frequency::once) is = day == start / kDay;
    if (event.repeat == Frequency::daily) is = (day - start / kDay) % event.interval == 0;
    if (event.repeat == Frequency::weekly)
      is = (day - monday) / 7 % event.interval == 0 &&
           (event.by_day.empty() ? (day - start / kDay) % 7 == 0 : by_day);
    if (event.repeat == Frequency::monthly) {
      const std::tm date = date_of(at);
      const int months = (date.tm_year - first.tm_year) * 12 + date.tm_mon - first.tm_mon;
      is = months % event.interval == 0 && date.tm_mday == first.tm_mday;
    }
    if (!is || (event.count > 0 && ++counted > event.count)) continue;
    const bool left_out = std::any_of(event.except.begin(), event.except.end(), [&](CivilTime it) {
      return it.time_since_epoch().count() == at;
    });
    if (!left_out) out.push_back(at);
  }
  return out;
}

/// Starts of every imported event of a schedule, ascending.
using Starts = std::map<const CalendarEvent*, std::vector<std::int64_t>>;

bool is_on(const CalendarEvent& event, const Starts& starts, const Shown& shown) {
  const std::int64_t now = shown.in(event.zone);
  const auto& all = starts.at(&event);
  for (auto it = std::upper_bound(all.begin(), all.end(), now); it != all.begin();) {
    --it;
    if (now < *it + event.length.count()) return true;
    if (now - *it > 40 * kDay) break;
  }
  return false;
}

void add_layer(const Layer& layer, const Starts& starts, const Shown& shown,
               std::vector<std::string>& people) {
  const auto add = [&](const std::string& one) {
    if (std::find(people.begin(), people.end(), one) == people.end()) people.push_back(one);
  };
  const std::int64_t start = layer.start ? layer.start->time_since_epoch().count() : INT64_MIN;
  if (shown.local < start || !is_open(layer, shown.local)) return;
  if (!layer.events.empty()) {
    bool cleared = !layer.replace;
    for (const CalendarEvent& event : layer.events) {
      if (!is_on(event, starts, shown)) continue;
      if (!cleared) people.clear();
      cleared = true;
      add(event.person);
    }
    return;
  }
  if (layer.replace) people.clear();
  if (layer.rotate == Rotate::none) {
    for (const std::string& one : layer.people) add(one);
    return;
  }
  const std::int64_t turn = layer.rotate == Rotate::monthly
                                ? months_passed(start, shown.local) / layer.every
                                : (shown.local - start) / turn_length(layer);
  add(layer.people[static_cast<std::size_t>(turn) % layer.people.size()]);
}

bool holds(CivilTime start, CivilTime end, const std::string& zone, const Shown& shown) {
  return shown.in(zone) >= start.time_since_epoch().count() &&
         shown.in(zone) < end.time_since_epoch().count();
}

/// Who answers for somebody: themselves, or whoever stands in, through others where need be.
std::string answers_for(const Schedule& schedule, const std::string& person, const Shown& shown,
                        std::vector<std::string> asked = {}) {
  if (std::find(asked.begin(), asked.end(), person) != asked.end()) return {};
  asked.push_back(person);
  for (const Absence& it : schedule.absences) {
    if (it.person != person || !holds(it.start, it.end, it.zone, shown)) continue;
    return it.substitute.empty() ? "" : answers_for(schedule, it.substitute, shown, asked);
  }
  return person;
}

std::vector<std::string> slow_people(const Schedule& schedule, const Starts& starts,
                                     const Shown& shown) {
  std::vector<std::string> people;
  for (const Layer& layer : schedule.layers) add_layer(layer, starts, shown, people);
  for (const ScheduleOverride& change : schedule.overrides) {
    if (!holds(change.start, change.end, change.zone, shown)) continue;
    for (const std::string& one : change.remove) std::erase(people, one);
    for (const std::string& one : change.add) people.push_back(one);
  }
  std::vector<std::string> there;
  for (const std::string& one : people) {
    std::string who = answers_for(schedule, one, shown);
    if (!who.empty()) there.push_back(std::move(who));
  }
  std::sort(there.begin(), there.end());
  there.erase(std::unique(there.begin(), there.end()), there.end());
  return there;
}

class Sample {
 public:
  explicit Sample(unsigned seed) : dice_(seed) {}

  Schedule schedule(const Place& place, std::int64_t from, std::int64_t days) {
    Schedule out;
    out.zone = place.zone;
    for (int i = upto(3); i >= 0; --i) out.layers.push_back(layer(from, days));
    for (int i = upto(4); i > 0; --i) {
      const CivilTime start{seconds{from + quarter(days)}};
      out.overrides.push_back({start, start + seconds{kStep * (1 + upto(300))}, people(upto(2)),
                               people(upto(2)), upto(2) == 0 ? "UTC" : ""});
    }
    for (int i = upto(6); i > 0; --i) {
      const CivilTime start{seconds{from + quarter(days)}};
      const std::string who = people(1).front();
      std::string other = upto(4) == 0 ? "" : people(1).front();
      if (other == who) other.clear();
      out.absences.push_back({who, start, start + seconds{kStep * (1 + upto(3'000))},
                              upto(1) == 0 ? "UTC" : "", other});
    }
    return out;
  }

 private:
  int upto(int most) { return std::uniform_int_distribution<int>{0, most}(dice_); }
  /// A quarter of an hour within `days`, often in the small hours, when clocks change.
  std::int64_t quarter(std::int64_t days) {
    return upto(static_cast<int>(days) - 1) * kDay + (upto(1) == 0 ? upto(16) : upto(95)) * kStep;
  }
  std::vector<std::string> people(int count) {
    std::vector<std::string> out;
    for (; count > 0; --count) out.push_back(std::string(1, static_cast<char>('a' + upto(5))));
    return out;
  }
  minutes time_of_day(int last) { return minutes{15 * (upto(1) == 0 ? upto(16) : upto(last))}; }

  /// An imported rota.
  Layer rota(std::int64_t from, std::int64_t days) {
    Layer out;
    for (int i = upto(5); i >= 0; --i) {
      CalendarEvent& event = out.events.emplace_back();
      event.person = people(1).front();
      event.start = CivilTime{seconds{from + quarter(days) - (upto(1) == 0 ? days * kDay : 0)}};
      event.length = seconds{kStep * (1 + upto(700))};
      event.zone = upto(2) == 0 ? "UTC" : "";
      event.repeat = static_cast<Frequency>(upto(3));
      event.interval = 1 + upto(2);
      if (upto(2) == 0) event.count = 1 + upto(50);
      if (upto(3) == 0) event.until = event.start + seconds{kStep * upto(20'000)};
      for (unsigned day = 0; day < 7 && event.repeat == Frequency::weekly; ++day) {
        if (upto(3) == 0) event.by_day.push_back({std::chrono::weekday{day}, 0});
      }
      for (int k = upto(5); k > 0; --k)
        event.except.push_back(event.start + std::chrono::days{upto(60)});
      if (std::find(out.people.begin(), out.people.end(), event.person) == out.people.end())
        out.people.push_back(event.person);
    }
    out.replace = upto(3) == 0;
    return out;
  }

  Layer layer(std::int64_t from, std::int64_t days) {
    Layer out;
    if (upto(4) == 0) return rota(from, days);
    out.rotate = static_cast<Rotate>(upto(5));
    out.every = 1 + upto(upto(1) == 0 ? 0 : 4);
    if (out.rotate == Rotate::custom)
      out.period = upto(1) == 0 ? minutes{15 * (1 + upto(200))} : minutes{1440 * (1 + upto(9))};
    if (out.rotate != Rotate::none || upto(3) == 0) {
      out.start = CivilTime{seconds{from + quarter(days) - (upto(2) == 0 ? 0 : days * kDay)}};
    }
    out.people = people(1 + upto(4));
    for (int i = upto(1) == 0 ? 0 : upto(3); i > 0; --i) {
      DutyWindow window{{}, time_of_day(95), time_of_day(96), static_cast<HolidayRule>(upto(2))};
      for (int free = upto(30); free >= 0; --free)
        window.holidays.emplace_back(std::chrono::days{from / kDay + upto(static_cast<int>(days))});
      std::sort(window.holidays.begin(), window.holidays.end());
      for (unsigned day = 0; day < 7; ++day) {
        if (upto(1) == 0) window.days.emplace_back(day);
      }
      out.during.push_back(std::move(window));
    }
    out.replace = upto(4) == 0;
    return out;
  }

  std::mt19937 dice_;
};

void compare(const Place& place, const Schedule& schedule, std::int64_t from,
             const std::vector<std::int64_t>& shown) {
  const Instant end = from_unix(from + static_cast<std::int64_t>(shown.size()) * kStep);
  const std::vector<Shift> fast = shifts(schedule, from_unix(from), end);
  ASSERT_FALSE(fast.empty());
  ASSERT_EQ(fast.front().start, from_unix(from));
  ASSERT_EQ(fast.back().end, end);
  std::size_t current = 0;
  Starts starts;
  for (const Layer& layer : schedule.layers) {
    for (const CalendarEvent& event : layer.events)
      starts[&event] = starts_of(event, from + kStep * std::ssize(shown) + 3 * kDay);
  }
  std::vector<std::string> before{"nobody has this name"};
  std::vector<std::string> sorted;
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const Instant at = from_unix(from + static_cast<std::int64_t>(i) * kStep);
    const bool begins = i == 0 || fast[current].end == at;
    if (begins) {
      if (i != 0) {
        ASSERT_EQ(fast[current + 1].start, fast[current].end);
        ++current;
      }
      sorted = fast[current].people;
      std::sort(sorted.begin(), sorted.end());
    }
    ASSERT_GT(fast[current].end, at) << place.zone << " " << to_rfc3339(at);
    const std::vector<std::string> slow = slow_people(schedule, starts, {shown[i], to_unix(at)});
    ASSERT_EQ(sorted, slow) << place.zone << " " << to_rfc3339(at);
    // A shift begins where the people change and nowhere else.
    ASSERT_EQ(begins, slow != before) << place.zone << " " << to_rfc3339(at);
    before = slow;
  }
  ASSERT_EQ(current + 1, fast.size());
}

TEST(BruteForce, EveryQuarterOfAnHourAgreesWithTheSlowReference) {
  const char* seed = std::getenv("EARSHOT_SEED");
  const auto setting = [](const char* name, long otherwise) {
    const char* given = std::getenv(name);
    return given == nullptr ? otherwise : std::strtol(given, nullptr, 10);
  };
  const long schedules = setting("EARSHOT_SCHEDULES", 2);
  Sample sample{seed == nullptr ? 20'260'105U
                                : static_cast<unsigned>(std::strtoul(seed, nullptr, 10))};
  const std::int64_t days = 365 * setting("EARSHOT_YEARS", 1);
  for (const Place& place : kPlaces) {
    const auto first = std::chrono::sys_days{std::chrono::year{place.year} / 1 / 1};
    const std::int64_t from = first.time_since_epoch().count() * kDay;
    const auto shown = highest_shown(place.zone, from, static_cast<std::size_t>(days * 96));
    for (long i = 0; i < schedules; ++i) {
      compare(place, sample.schedule(place, from, days), from, shown);
      if (HasFatalFailure()) return;
    }
  }
}

TEST(BruteForce, AWholeShiftIsTheOneOfAWideWindow) {
  Sample sample{7};
  const std::int64_t from =
      std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}.time_since_epoch().count() * kDay;
  for (int i = 0; i < 20; ++i) {
    const Schedule schedule = sample.schedule(kPlaces[static_cast<std::size_t>(i)], from, 365);
    const std::vector<Shift> wide =
        shifts(schedule, from_unix(from - 400 * kDay), from_unix(from + 800 * kDay));
    for (std::size_t k = 1; k + 1 < wide.size(); k += 1 + wide.size() / 40) {
      for (const Instant at : {wide[k].start, wide[k].end - Duration{1}}) {
        const WholeShift whole = shift_at(schedule, at);
        ASSERT_EQ(whole.start, wide[k].start);
        ASSERT_EQ(whole.end, wide[k].end);
        ASSERT_TRUE(std::is_permutation(whole.people.begin(), whole.people.end(),
                                        wide[k].people.begin(), wide[k].people.end()));
      }
    }
  }
}

}  // namespace
}  // namespace earshot

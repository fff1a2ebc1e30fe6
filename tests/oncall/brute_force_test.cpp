/// T8: every quarter of an hour against a slow reference that shares nothing with the engine:
/// glibc's time zones, no hand-off is ever computed, only "what is the latest time this wall clock
/// has shown?". A skipped time has been shown once the gap is over, a repeated one since its first
/// pass: that one number says all the rules of schedule.hpp.
///
/// EARSHOT_SEED picks another sample, EARSHOT_LONG=1 takes two years and fifty schedules a zone.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
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
                             {"Australia/Lord_Howe", 2026}, {"Australia/Lord_Howe", 2044},
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

bool is_open(const Layer& layer, std::int64_t shown) {
  const std::int64_t today = shown / kDay;
  for (const DutyWindow& window : layer.during) {
    for (std::int64_t day = today - 1; day <= today; ++day) {
      const unsigned weekday = static_cast<unsigned>((day + 4) % 7);  // 1970-01-01 was a Thursday
      const auto covers = [&](std::chrono::weekday d) { return d.c_encoding() == weekday; };
      if (!window.days.empty() && std::none_of(window.days.begin(), window.days.end(), covers))
        continue;
      const std::int64_t open = day * kDay + window.from.count() * 60;
      const std::int64_t close =
          day * kDay + window.to.count() * 60 + (window.to <= window.from ? kDay : 0);
      if (shown >= open && shown < close) return true;
    }
  }
  return layer.during.empty();
}

std::vector<std::string> slow_people(const Schedule& schedule, std::int64_t shown) {
  std::vector<std::string> people;
  const auto add = [&](const std::string& one) {
    if (std::find(people.begin(), people.end(), one) == people.end()) people.push_back(one);
  };
  for (const Layer& layer : schedule.layers) {
    const std::int64_t start = layer.start ? layer.start->time_since_epoch().count() : INT64_MIN;
    if (shown < start || !is_open(layer, shown)) continue;
    if (layer.replace) people.clear();
    if (layer.rotate == Rotate::none) {
      for (const std::string& one : layer.people) add(one);
    } else {
      add(layer.people[static_cast<std::size_t>((shown - start) / turn_length(layer)) %
                       layer.people.size()]);
    }
  }
  for (const ScheduleOverride& change : schedule.overrides) {
    if (shown < change.start.time_since_epoch().count() ||
        shown >= change.end.time_since_epoch().count())
      continue;
    for (const std::string& one : change.remove) std::erase(people, one);
    for (const std::string& one : change.add) add(one);
  }
  std::sort(people.begin(), people.end());
  return people;
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
      out.overrides.push_back(
          {start, start + seconds{kStep * (1 + upto(300))}, people(upto(2)), people(upto(2))});
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

  Layer layer(std::int64_t from, std::int64_t days) {
    Layer out;
    out.rotate = static_cast<Rotate>(upto(4));
    out.every = 1 + upto(upto(1) == 0 ? 0 : 4);
    if (out.rotate == Rotate::custom)
      out.period = upto(1) == 0 ? minutes{15 * (1 + upto(200))} : minutes{1440 * (1 + upto(9))};
    if (out.rotate != Rotate::none || upto(3) == 0) {
      out.start = CivilTime{seconds{from + quarter(days) - (upto(2) == 0 ? 0 : days * kDay)}};
    }
    out.people = people(1 + upto(4));
    for (int i = upto(1) == 0 ? 0 : upto(3); i > 0; --i) {
      DutyWindow window{{}, time_of_day(95), time_of_day(96)};
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
    const std::vector<std::string> slow = slow_people(schedule, shown[i]);
    ASSERT_EQ(sorted, slow) << place.zone << " " << to_rfc3339(at);
    // A shift begins where the people change and nowhere else.
    ASSERT_EQ(begins, slow != before) << place.zone << " " << to_rfc3339(at);
    before = slow;
  }
  ASSERT_EQ(current + 1, fast.size());
}

TEST(BruteForce, EveryQuarterOfAnHourAgreesWithTheSlowReference) {
  const char* seed = std::getenv("EARSHOT_SEED");
  const bool long_run = std::getenv("EARSHOT_LONG") != nullptr;
  Sample sample{seed == nullptr ? 20'260'105U
                                : static_cast<unsigned>(std::strtoul(seed, nullptr, 10))};
  const std::int64_t days = long_run ? 730 : 365;
  for (const Place& place : kPlaces) {
    const auto first = std::chrono::sys_days{std::chrono::year{place.year} / 1 / 1};
    const std::int64_t from = first.time_since_epoch().count() * kDay;
    const auto shown = highest_shown(place.zone, from, static_cast<std::size_t>(days * 96));
    for (int i = 0; i < (long_run ? 50 : 2); ++i) {
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

#include "earshot/oncall/business.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace earshot {
namespace {

using std::chrono::days;

Instant at(std::string_view text) {
  return *parse_rfc3339(text);
}

DutyWindow window(std::string_view of_days, minutes from, minutes to) {
  return {*parse_days(of_days), from, to};
}

/// Berlin, weekdays, a break at noon.
BusinessCalendar office() {
  return {"office",
          "Europe/Berlin",
          {window("mon-fri", hours{9}, hours{12}), window("mon-fri", hours{13}, hours{17})}};
}

TEST(Business, WithoutACalendarEveryHourCounts) {
  const Instant start = at("2026-03-28T22:00:00Z");
  EXPECT_EQ(after_working_time(nullptr, start, hours{4}), start + hours{4});
  EXPECT_EQ(working_time(nullptr, start, start + days{3}), days{3});
  EXPECT_TRUE(is_open(nullptr, start));
  EXPECT_FALSE(opens_at(nullptr, start));
}

TEST(Business, SeveralBlocksADayAndTheWeekEnd) {
  const BusinessCalendar calendar = office();
  // Friday 16:00 in winter: an hour, then Monday's morning and two hours after the break.
  EXPECT_EQ(after_working_time(&calendar, at("2026-01-09T15:00:00Z"), hours{6}),
            at("2026-01-12T14:00:00Z"));
  // Within the break nothing passes.
  EXPECT_EQ(after_working_time(&calendar, at("2026-01-09T11:20:00Z"), minutes{30}),
            at("2026-01-09T12:30:00Z"));
  // Exactly to the end of a block is its end, not the next one's beginning.
  EXPECT_EQ(after_working_time(&calendar, at("2026-01-09T08:00:00Z"), hours{3}),
            at("2026-01-09T11:00:00Z"));
  EXPECT_EQ(working_time(&calendar, at("2026-01-05T00:00:00Z"), at("2026-01-12T00:00:00Z")),
            hours{35});
  EXPECT_EQ(opens_at(&calendar, at("2026-01-09T16:00:00Z")), at("2026-01-12T08:00:00Z"));
  EXPECT_FALSE(is_open(&calendar, at("2026-01-09T16:00:00Z"))) << "the end does not belong to it";
}

TEST(Business, HolidaysAreShut) {
  BusinessCalendar calendar = office();
  for (DutyWindow& it : calendar.hours) {
    it.holiday_rule = HolidayRule::except;
    it.holidays = {std::chrono::local_days{std::chrono::year{2026} / 4 / 3},
                   std::chrono::local_days{std::chrono::year{2026} / 4 / 6}};
  }
  // Thursday 16:30 before Easter: half an hour, then Tuesday.
  EXPECT_EQ(after_working_time(&calendar, at("2026-04-02T14:30:00Z"), hours{1}),
            at("2026-04-07T07:30:00Z"));
}

TEST(Business, OfficeHoursKeepTheirWallTimeAcrossBothClockChanges) {
  const BusinessCalendar calendar = office();
  // Friday 16:00 winter time to Monday 10:00 summer time.
  EXPECT_EQ(after_working_time(&calendar, at("2026-03-27T15:00:00Z"), hours{2}),
            at("2026-03-30T08:00:00Z"));
  // Friday 16:00 summer time to Monday 10:00 winter time.
  EXPECT_EQ(after_working_time(&calendar, at("2026-10-23T14:00:00Z"), hours{2}),
            at("2026-10-26T09:00:00Z"));
}

TEST(Business, NightsOfAClockChangeAreAsLongAsTheyAre) {
  const BusinessCalendar nights{"nights", "Europe/Berlin", {{{}, hours{22}, hours{6}}}};
  const auto length = [&](std::string_view from) {
    return working_time(&nights, at(from), at(from) + hours{16});
  };
  EXPECT_EQ(length("2026-03-28T16:00:00Z"), hours{7});
  EXPECT_EQ(length("2026-10-24T16:00:00Z"), hours{9});
  EXPECT_EQ(length("2026-06-01T16:00:00Z"), hours{8});
  // Lord Howe moves by half an hour.
  const BusinessCalendar island{"island", "Australia/Lord_Howe", {{{}, hours{0}, hours{24}}}};
  EXPECT_EQ(working_time(&island, at("2026-10-03T13:30:00Z"), at("2026-10-04T13:00:00Z")),
            hours{23} + minutes{30});
  EXPECT_EQ(after_working_time(&nights, at("2026-10-25T00:30:00Z"), hours{2}),
            at("2026-10-25T02:30:00Z"))
      << "02:30 comes twice; real time passes";
}

TEST(Business, PausesDoNotCount) {
  const BusinessCalendar calendar = office();
  const std::vector<OpenSpan> pauses{{at("2026-01-12T08:30:00Z"), at("2026-01-12T09:30:00Z")},
                                     {at("2026-01-12T10:30:00Z"), at("2026-01-12T13:00:00Z")}};
  EXPECT_EQ(after_working_time(&calendar, at("2026-01-12T08:00:00Z"), hours{2}, pauses),
            at("2026-01-12T13:30:00Z"));
  EXPECT_EQ(working_time(&calendar, at("2026-01-12T08:00:00Z"), at("2026-01-12T16:00:00Z"), pauses),
            hours{7} - hours{1} - minutes{30} - hours{1});
}

TEST(Business, ACalendarThatNeverOpensHasNoDeadline) {
  const BusinessCalendar shut{"shut", "UTC", {}};
  EXPECT_FALSE(after_working_time(&shut, at("2026-01-12T08:00:00Z"), minutes{1}));
  EXPECT_FALSE(opens_at(&shut, at("2026-01-12T08:00:00Z")));
}

/// A slow reference: minute by minute through the wall clock.
Instant by_minutes(const BusinessCalendar& calendar, Instant start, minutes length) {
  Instant now = start;
  for (minutes done{0}; done < length; now += minutes{1}) {
    const CivilTime wall = to_civil(now, calendar.zone);
    const auto day = std::chrono::floor<days>(wall);
    const minutes of_day = std::chrono::floor<minutes>(wall - day);
    const bool open = std::ranges::any_of(calendar.hours, [&](const DutyWindow& it) {
      const bool today = std::ranges::find(it.days, std::chrono::weekday{day}) != it.days.end();
      return today && of_day >= it.from && of_day < it.to;
    });
    if (open) done += minutes{1};
  }
  return now;
}

TEST(Business, AgreesWithASlowReferenceAroundClockChanges) {
  std::mt19937 dice{7};
  for (const char* zone : {"Europe/Berlin", "America/New_York", "Asia/Kathmandu",
                           "Australia/Lord_Howe", "Pacific/Apia", "UTC"}) {
    BusinessCalendar calendar = office();
    calendar.zone = zone;
    for (const char* around : {"2026-03-07T00:00:00Z", "2026-03-28T00:00:00Z",
                               "2026-10-03T00:00:00Z", "2026-10-24T00:00:00Z"}) {
      for (int i = 0; i < 8; ++i) {
        const Instant start = at(around) + minutes{dice() % (4 * 1440)};
        const minutes length{1 + dice() % 1200};
        ASSERT_EQ(after_working_time(&calendar, start, length), by_minutes(calendar, start, length))
            << zone << " " << to_rfc3339(start) << " " << length.count();
      }
    }
  }
}

}  // namespace
}  // namespace earshot

#include "earshot/oncall/time_interval.hpp"

#include <gtest/gtest.h>

namespace earshot {
namespace {

Instant at(std::string_view text) {
  return *parse_rfc3339(text);
}
Instant berlin(std::string_view text) {
  return to_instant(*parse_civil(text), "Europe/Berlin");
}

TEST(TimeIntervals, NothingGivenHoldsAlways) {
  EXPECT_TRUE(holds(TimeInterval{}, at("2026-01-01T00:00:00Z")));
  EXPECT_FALSE(holds(NamedIntervals{"none", {}}, at("2026-01-01T00:00:00Z")));
}

TEST(TimeIntervals, TimesAreOfTheZoneAndTheEndIsOut) {
  TimeInterval night;
  night.times = {{hours{22}, hours{24}}, {hours{0}, hours{6}}};
  night.zone = "Europe/Berlin";
  EXPECT_FALSE(holds(night, berlin("2026-03-09T21:59:59")));
  EXPECT_TRUE(holds(night, berlin("2026-03-09T22:00")));
  EXPECT_TRUE(holds(night, berlin("2026-03-10T05:59:59")));
  EXPECT_FALSE(holds(night, berlin("2026-03-10T06:00")));
  // The night the clocks go forward: 06:00 is four hours after midnight's two.
  EXPECT_TRUE(holds(night, at("2026-03-29T03:59:00Z")));
  EXPECT_FALSE(holds(night, at("2026-03-29T04:00:00Z")));
}

TEST(TimeIntervals, DaysOfTheMonthCountFromItsEndToo) {
  TimeInterval ends;
  ends.days_of_month = {*parse_days_of_month("-3:-1")};
  ends.zone = "Europe/Berlin";
  EXPECT_FALSE(holds(ends, berlin("2026-02-25T12:00")));
  EXPECT_TRUE(holds(ends, berlin("2026-02-26T00:00")));
  EXPECT_TRUE(holds(ends, berlin("2028-02-29T12:00"))) << "a leap year";
  EXPECT_FALSE(holds(ends, berlin("2028-02-26T12:00")));
  // Months in which the clocks change are as long as the calendar says.
  TimeInterval last;
  last.days_of_month = {*parse_days_of_month("-1")};
  last.zone = "Europe/Berlin";
  EXPECT_TRUE(holds(last, berlin("2026-03-31T00:00")));
  EXPECT_TRUE(holds(last, berlin("2026-10-31T23:59")));
  EXPECT_FALSE(holds(last, berlin("2026-10-30T23:59")));
  TimeInterval late;
  late.days_of_month = {*parse_days_of_month("30:31")};
  EXPECT_FALSE(holds(late, at("2026-02-28T12:00:00Z")));
  TimeInterval mixed;
  mixed.days_of_month = {*parse_days_of_month("20:-2")};
  EXPECT_TRUE(holds(mixed, at("2026-02-27T12:00:00Z")));
  EXPECT_FALSE(holds(mixed, at("2026-02-28T12:00:00Z")));
}

TEST(TimeIntervals, AllOfIt) {
  TimeInterval it;
  it.weekdays = *parse_weekdays("monday:friday");
  it.months = {*parse_months("january:march"), *parse_months("12")};
  it.years = {*parse_years("2026:2027")};
  EXPECT_TRUE(holds(it, at("2026-12-31T12:00:00Z")));
  EXPECT_FALSE(holds(it, at("2026-12-27T12:00:00Z"))) << "a Sunday";
  EXPECT_FALSE(holds(it, at("2026-04-01T12:00:00Z")));
  EXPECT_FALSE(holds(it, at("2028-01-03T12:00:00Z")));
}

TEST(TimeIntervals, WhatIsWrongIsRefused) {
  for (const char* text : {"0", "32", "-32", "5:1", "-1:-3", "-1:5", "a", "1:", ":", "1:2:3"})
    EXPECT_FALSE(parse_days_of_month(text)) << text;
  for (const char* text : {"13", "0", "march:january", "smarch", "ma"})
    EXPECT_FALSE(parse_months(text)) << text;
  for (const char* text : {"1900", "2027:2026", "next"}) EXPECT_FALSE(parse_years(text)) << text;
  EXPECT_FALSE(parse_weekdays("monday:someday"));
  EXPECT_EQ(parse_weekdays("saturday:monday")->size(), 3U) << "through the end of the week";
}

TEST(TimeIntervals, ARouteIsMutedUntilTheMinuteInWhichItSpeaks) {
  NamedIntervals night{"night", {{}}};
  night.any.front().times = {{hours{22}, hours{24}}, {hours{0}, hours{6}}};
  NamedIntervals office{"office", {{}}};
  office.any.front().times = {{hours{9}, hours{17}}};
  office.any.front().weekdays = *parse_weekdays("mon-fri");
  const std::vector<NamedIntervals> known{night, office};
  const Instant late = at("2026-03-09T23:30:20Z");
  const auto by_night = muted(known, {"night"}, {}, late);
  ASSERT_TRUE(by_night);
  EXPECT_EQ(by_night->until, at("2026-03-10T06:00:00Z"));
  EXPECT_FALSE(muted(known, {"night"}, {}, at("2026-03-10T12:00:00Z")));
  const auto outside = muted(known, {}, {"office"}, late);
  ASSERT_TRUE(outside);
  EXPECT_EQ(outside->until, at("2026-03-10T09:00:00Z"));
  EXPECT_FALSE(muted(known, {}, {"office", "night"}, late)) << "one of them is enough";
  EXPECT_FALSE(muted(known, {}, {"gone"}, late)) << "what is not there mutes nothing";
  EXPECT_FALSE(muted(known, {}, {"office"}, at("2026-03-13T16:59:00Z")));
  EXPECT_FALSE(muted(known, {}, {"office"}, at("2026-03-13T17:00:00Z"))->until)
      << "Friday evening: not within two days";
}

}  // namespace
}  // namespace earshot

#include "earshot/oncall/schedule.hpp"

#include <gtest/gtest.h>

#include <chrono>

#include "support/pace.hpp"

namespace earshot {
namespace {

using namespace std::chrono_literals;
using Names = std::vector<std::string>;

CivilTime civil(const char* text) {
  return parse_civil(text).value();
}
Instant at(const char* text) {
  return parse_rfc3339(text).value();
}

Layer rotation(Rotate rotate, const char* start, Names people, int every = 1) {
  Layer layer;
  layer.rotate = rotate;
  layer.every = every;
  layer.start = civil(start);
  layer.people = std::move(people);
  return layer;
}
Layer always(Names people) {
  Layer layer;
  layer.people = std::move(people);
  return layer;
}
DutyWindow window(const char* days, const char* from, const char* to) {
  DutyWindow out;
  if (*days != '\0') out.days = parse_days(days).value();
  out.from = parse_time_of_day(from).value();
  out.to = parse_time_of_day(to).value();
  return out;
}
Layer within(Layer layer, DutyWindow open) {
  layer.during.push_back(std::move(open));
  return layer;
}
Schedule schedule(const char* zone, std::vector<Layer> layers,
                  std::vector<ScheduleOverride> overrides = {}) {
  Schedule out;
  out.name = "care";
  out.zone = zone;
  out.layers = std::move(layers);
  out.overrides = std::move(overrides);
  return out;
}

/// "2026-01-05T08:00:00Z jo,kim" a line.
std::string lines(const std::vector<Shift>& list) {
  std::string out;
  for (const Shift& shift : list) {
    out += to_rfc3339(shift.start) + " " + to_rfc3339(shift.end);
    for (std::size_t i = 0; i < shift.people.size(); ++i)
      out += (i == 0 ? " " : ",") + shift.people[i];
    out += "\n";
  }
  return out;
}

struct Row {
  const char* name;
  Schedule schedule;
  const char* from;
  const char* to;
  const char* want;
};
class Shifts : public testing::TestWithParam<Row> {};
TEST_P(Shifts, AreAsWritten) {
  const Row& row = GetParam();
  EXPECT_EQ(lines(shifts(row.schedule, at(row.from), at(row.to))), row.want);
}

const Layer kWeekly = rotation(Rotate::weekly, "2026-01-05T09:00", {"jo", "kim"});
const Layer kDaily = rotation(Rotate::daily, "2026-01-01T02:30", {"a", "b", "c"});

INSTANTIATE_TEST_SUITE_P(
    Table, Shifts,
    testing::Values(
        Row{"a_week_keeps_its_wall_time_when_summer_begins", schedule("Europe/Berlin", {kWeekly}),
            "2026-03-23T08:00:00Z", "2026-04-06T07:00:00Z",
            "2026-03-23T08:00:00Z 2026-03-30T07:00:00Z kim\n2026-03-30T07:00:00Z "
            "2026-04-06T07:00:00Z jo\n"},
        Row{"a_week_keeps_its_wall_time_when_summer_ends", schedule("Europe/Berlin", {kWeekly}),
            "2026-10-19T07:00:00Z", "2026-11-02T08:00:00Z",
            "2026-10-19T07:00:00Z 2026-10-26T08:00:00Z kim\n2026-10-26T08:00:00Z "
            "2026-11-02T08:00:00Z jo\n"},
        Row{"nobody_before_the_start", schedule("Europe/Berlin", {kWeekly}), "2026-01-04T00:00:00Z",
            "2026-01-06T00:00:00Z",
            "2026-01-04T00:00:00Z 2026-01-05T08:00:00Z\n2026-01-05T08:00:00Z 2026-01-06T00:00:00Z "
            "jo\n"},
        Row{"a_skipped_hand_off_moves_to_the_end_of_the_gap", schedule("Europe/Berlin", {kDaily}),
            "2026-03-28T01:30:00Z", "2026-03-30T00:30:00Z",
            "2026-03-28T01:30:00Z 2026-03-29T01:00:00Z c\n2026-03-29T01:00:00Z "
            "2026-03-30T00:30:00Z a\n"},
        Row{"a_repeated_hand_off_is_the_earlier", schedule("Europe/Berlin", {kDaily}),
            "2026-10-24T00:30:00Z", "2026-10-26T01:30:00Z",
            "2026-10-24T00:30:00Z 2026-10-25T00:30:00Z c\n2026-10-25T00:30:00Z "
            "2026-10-26T01:30:00Z a\n"},
        Row{"half_an_hour_of_summer_begins_on_lord_howe",
            schedule("Australia/Lord_Howe",
                     {rotation(Rotate::daily, "2026-10-01T02:15", {"a", "b"})}),
            "2026-10-02T15:45:00Z", "2026-10-04T15:15:00Z",
            "2026-10-02T15:45:00Z 2026-10-03T15:30:00Z a\n2026-10-03T15:30:00Z "
            "2026-10-04T15:15:00Z b\n"},
        Row{"half_an_hour_of_summer_ends_on_lord_howe",
            schedule("Australia/Lord_Howe",
                     {rotation(Rotate::daily, "2026-04-01T01:45", {"a", "b"})}),
            "2026-04-03T14:45:00Z", "2026-04-05T15:15:00Z",
            "2026-04-03T14:45:00Z 2026-04-04T14:45:00Z b\n2026-04-04T14:45:00Z "
            "2026-04-05T15:15:00Z a\n"},
        Row{"a_gap_that_ends_at_a_minute_past_the_hour",
            schedule("America/St_Johns", {rotation(Rotate::daily, "2011-03-01T00:30", {"a", "b"})}),
            "2011-03-12T04:00:00Z", "2011-03-14T03:00:00Z",
            "2011-03-12T04:00:00Z 2011-03-13T03:31:00Z b\n"
            "2011-03-13T03:31:00Z 2011-03-14T03:00:00Z a\n"},
        Row{"the_day_samoa_left_out_has_no_shift",
            schedule("Pacific/Apia",
                     {rotation(Rotate::daily, "2011-12-28T09:00", {"a", "b", "c", "d"})}),
            "2011-12-28T19:00:00Z", "2012-01-01T19:00:00Z",
            "2011-12-28T19:00:00Z 2011-12-29T19:00:00Z a\n2011-12-29T19:00:00Z "
            "2011-12-30T10:00:00Z b\n"
            "2011-12-30T10:00:00Z 2011-12-30T19:00:00Z c\n2011-12-30T19:00:00Z "
            "2011-12-31T19:00:00Z d\n"
            "2011-12-31T19:00:00Z 2012-01-01T19:00:00Z a\n"},
        Row{"summer_time_is_known_after_2037",
            schedule("America/New_York", {rotation(Rotate::daily, "2045-07-01T09:00", {"a", "b"})}),
            "2045-07-01T13:00:00Z", "2045-07-02T14:00:00Z",
            "2045-07-01T13:00:00Z 2045-07-02T13:00:00Z a\n2045-07-02T13:00:00Z "
            "2045-07-02T14:00:00Z b\n"},
        Row{"hours_keep_their_wall_time_too",
            schedule("Europe/Berlin",
                     {rotation(Rotate::hourly, "2026-01-01T09:00", {"a", "b"}, 12)}),
            "2026-03-28T20:00:00Z", "2026-03-29T19:00:00Z",
            "2026-03-28T20:00:00Z 2026-03-29T07:00:00Z b\n2026-03-29T07:00:00Z "
            "2026-03-29T19:00:00Z a\n"},
        Row{"an_hour_the_clock_skips_is_nobodys_turn",
            schedule("Europe/Berlin",
                     {rotation(Rotate::hourly, "2026-03-29T00:00", {"a", "b", "c", "d"})}),
            "2026-03-29T00:00:00Z", "2026-03-29T02:00:00Z",
            "2026-03-29T00:00:00Z 2026-03-29T01:00:00Z b\n2026-03-29T01:00:00Z "
            "2026-03-29T02:00:00Z d\n"},
        Row{"a_new_year_and_a_leap_day",
            schedule("UTC", {rotation(Rotate::weekly, "2027-12-27T00:00", {"a", "b"}, 9)}),
            "2028-02-27T00:00:00Z", "2028-03-02T00:00:00Z",
            "2028-02-27T00:00:00Z 2028-02-28T00:00:00Z a\n2028-02-28T00:00:00Z "
            "2028-03-02T00:00:00Z b\n"}),
    [](const auto& row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Layers, Shifts,
    testing::Values(
        Row{"later_layers_add_people",
            schedule("Europe/Berlin",
                     {kWeekly, within(always({"kim"}), window("sat-sun", "10:00", "16:00"))}),
            "2026-01-09T23:00:00Z", "2026-01-10T23:00:00Z",
            "2026-01-09T23:00:00Z 2026-01-10T09:00:00Z jo\n2026-01-10T09:00:00Z "
            "2026-01-10T15:00:00Z jo,kim\n"
            "2026-01-10T15:00:00Z 2026-01-10T23:00:00Z jo\n"},
        Row{"who_is_on_twice_is_named_once",
            schedule("Europe/Berlin",
                     {kWeekly, within(always({"jo"}), window("sat-sun", "10:00", "16:00"))}),
            "2026-01-09T23:00:00Z", "2026-01-10T23:00:00Z",
            "2026-01-09T23:00:00Z 2026-01-10T23:00:00Z jo\n"},
        Row{"a_replacing_layer_stands_alone_in_its_windows_only",
            [] {
              Layer night = within(always({"lee"}), window("", "22:00", "06:00"));
              night.replace = true;
              return schedule("UTC", {always({"jo"}), always({"kim"}), night});
            }(),
            "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z",
            "2026-01-01T00:00:00Z 2026-01-01T06:00:00Z lee\n2026-01-01T06:00:00Z "
            "2026-01-01T22:00:00Z jo,kim\n"
            "2026-01-01T22:00:00Z 2026-01-02T00:00:00Z lee\n"},
        Row{"a_replacing_layer_without_anybody_replaces_nobody",
            [] {
              Layer later = rotation(Rotate::daily, "2026-01-01T12:00", {"lee"});
              later.replace = true;
              return schedule("UTC", {always({"jo"}), later});
            }(),
            "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z",
            "2026-01-01T00:00:00Z 2026-01-01T12:00:00Z jo\n2026-01-01T12:00:00Z "
            "2026-01-02T00:00:00Z lee\n"},
        Row{"an_overnight_window_belongs_to_the_day_it_begins_on",
            schedule("Europe/Berlin", {within(always({"jo"}), window("fri", "22:00", "06:00"))}),
            "2026-01-08T00:00:00Z", "2026-01-11T00:00:00Z",
            "2026-01-08T00:00:00Z 2026-01-09T21:00:00Z\n2026-01-09T21:00:00Z 2026-01-10T05:00:00Z "
            "jo\n"
            "2026-01-10T05:00:00Z 2026-01-11T00:00:00Z\n"},
        Row{"windows_to_midnight_join_with_the_next_day",
            schedule("Europe/Berlin",
                     {within(always({"jo"}), window("sat-sun", "00:00", "24:00"))}),
            "2026-01-09T00:00:00Z", "2026-01-13T00:00:00Z",
            "2026-01-09T00:00:00Z 2026-01-09T23:00:00Z\n2026-01-09T23:00:00Z 2026-01-11T23:00:00Z "
            "jo\n"
            "2026-01-11T23:00:00Z 2026-01-13T00:00:00Z\n"},
        Row{"a_window_in_the_skipped_hour_is_empty",
            schedule("Europe/Berlin", {within(always({"jo"}), window("", "02:00", "03:00"))}),
            "2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z",
            "2026-03-28T12:00:00Z 2026-03-29T12:00:00Z\n"},
        Row{"a_window_over_the_repeated_hour_ends_at_its_first_pass",
            schedule("Europe/Berlin", {within(always({"jo"}), window("", "01:00", "02:30"))}),
            "2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z",
            "2026-10-24T12:00:00Z 2026-10-24T23:00:00Z\n2026-10-24T23:00:00Z 2026-10-25T00:30:00Z "
            "jo\n"
            "2026-10-25T00:30:00Z 2026-10-25T12:00:00Z\n"},
        Row{"a_window_across_the_repeated_hour_is_an_hour_longer",
            schedule("Europe/Berlin", {within(always({"jo"}), window("", "01:00", "04:00"))}),
            "2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z",
            "2026-10-24T12:00:00Z 2026-10-24T23:00:00Z\n2026-10-24T23:00:00Z 2026-10-25T03:00:00Z "
            "jo\n"
            "2026-10-25T03:00:00Z 2026-10-25T12:00:00Z\n"},
        Row{"turns_pass_outside_the_windows_too",
            schedule("UTC", {within(rotation(Rotate::daily, "2026-01-05T00:00", {"a", "b"}),
                                    window("mon", "00:00", "24:00"))}),
            "2026-01-05T00:00:00Z", "2026-01-13T00:00:00Z",
            "2026-01-05T00:00:00Z 2026-01-06T00:00:00Z a\n2026-01-06T00:00:00Z "
            "2026-01-12T00:00:00Z\n"
            "2026-01-12T00:00:00Z 2026-01-13T00:00:00Z b\n"},
        Row{"neighbours_with_the_same_people_are_one_shift",
            schedule("UTC", {rotation(Rotate::daily, "2026-01-01T00:00", {"a", "b"}),
                             rotation(Rotate::daily, "2026-01-01T00:00", {"b", "a"})}),
            "2026-01-01T00:00:00Z", "2026-01-05T00:00:00Z",
            "2026-01-01T00:00:00Z 2026-01-05T00:00:00Z a,b\n"},
        Row{"an_override_removes_and_adds",
            schedule("Europe/Berlin", {always({"jo", "lee"})},
                     {{civil("2026-12-24T09:00"), civil("2026-12-27T09:00"), {"kim"}, {"jo"}}}),
            "2026-12-24T00:00:00Z", "2026-12-28T00:00:00Z",
            "2026-12-24T00:00:00Z 2026-12-24T08:00:00Z jo,lee\n2026-12-24T08:00:00Z "
            "2026-12-27T08:00:00Z lee,kim\n"
            "2026-12-27T08:00:00Z 2026-12-28T00:00:00Z jo,lee\n"},
        Row{"an_override_may_leave_nobody",
            schedule("UTC", {always({"jo"})},
                     {{civil("2026-12-24T09:00"), civil("2026-12-24T10:00"), {}, {"jo"}}}),
            "2026-12-24T08:00:00Z", "2026-12-24T11:00:00Z",
            "2026-12-24T08:00:00Z 2026-12-24T09:00:00Z jo\n2026-12-24T09:00:00Z "
            "2026-12-24T10:00:00Z\n"
            "2026-12-24T10:00:00Z 2026-12-24T11:00:00Z jo\n"},
        Row{"a_later_override_sees_what_an_earlier_one_added",
            schedule("UTC", {always({"jo"})},
                     {{civil("2026-12-24T08:00"), civil("2026-12-24T11:00"), {"kim"}, {}},
                      {civil("2026-12-24T09:00"), civil("2026-12-24T10:00"), {}, {"kim"}}}),
            "2026-12-24T08:00:00Z", "2026-12-24T11:00:00Z",
            "2026-12-24T08:00:00Z 2026-12-24T09:00:00Z jo,kim\n2026-12-24T09:00:00Z "
            "2026-12-24T10:00:00Z jo\n"
            "2026-12-24T10:00:00Z 2026-12-24T11:00:00Z jo,kim\n"},
        Row{"an_empty_window_of_time_has_no_shifts", schedule("UTC", {always({"jo"})}),
            "2026-12-24T08:00:00Z", "2026-12-24T08:00:00Z", ""}),
    [](const auto& row) { return row.param.name; });

std::string text(const WholeShift& shift) {
  std::string out = shift.start ? to_rfc3339(*shift.start) : "always";
  out += " " + (shift.end ? to_rfc3339(*shift.end) : "ever");
  for (const std::string& person : shift.people) out += " " + person;
  return out;
}

TEST(ShiftAt, IsWholeAndHalfOpen) {
  const Schedule care = schedule("Europe/Berlin", {kWeekly});
  EXPECT_EQ(text(shift_at(care, at("2026-10-25T00:30:00Z"))),
            "2026-10-19T07:00:00Z 2026-10-26T08:00:00Z kim");
  EXPECT_EQ(text(shift_at(care, at("2026-10-26T07:59:59.999Z"))),
            "2026-10-19T07:00:00Z 2026-10-26T08:00:00Z kim");
  EXPECT_EQ(text(shift_at(care, at("2026-10-26T08:00:00Z"))),
            "2026-10-26T08:00:00Z 2026-11-02T08:00:00Z jo");
}

TEST(ShiftAt, HasNoStartOrEndWhereNothingEverChanges) {
  EXPECT_EQ(text(shift_at(schedule("Europe/Berlin", {kWeekly}), at("2020-01-01T00:00:00Z"))),
            "always 2026-01-05T08:00:00Z");
  const Schedule one = schedule("UTC", {rotation(Rotate::weekly, "2026-01-05T09:00", {"jo"})});
  EXPECT_EQ(text(shift_at(one, at("2027-01-01T00:00:00Z"))), "2026-01-05T09:00:00Z ever jo");
  EXPECT_EQ(text(shift_at(schedule("UTC", {}), at("2027-01-01T00:00:00Z"))), "always ever");
}

TEST(ShiftAt, LooksAcrossManyTurnsOfTheSamePeople) {
  Layer layer = rotation(Rotate::weekly, "2026-01-05T00:00", {"a", "a", "a", "b"}, 52);
  EXPECT_EQ(text(shift_at(schedule("UTC", {layer}), at("2027-06-01T00:00:00Z"))),
            "2026-01-05T00:00:00Z 2029-01-01T00:00:00Z a");
}

TEST(Gaps, AreTheShiftsOfNobody) {
  const Schedule nights =
      schedule("UTC", {within(always({"jo"}), window("mon-fri", "18:00", "08:00"))});
  EXPECT_EQ(
      lines(gaps(nights, at("2026-01-09T00:00:00Z"), at("2026-01-12T20:00:00Z"))),
      "2026-01-09T08:00:00Z 2026-01-09T18:00:00Z\n2026-01-10T08:00:00Z 2026-01-12T18:00:00Z\n");
}

TEST(Speed, TwentyYearsOfHourlyHandOffsAndDailyWindowsAreQuick) {
  Layer nights = within(rotation(Rotate::daily, "2026-01-01T09:00", {"a", "b", "c"}),
                        window("mon-fri", "18:00", "08:00"));
  const Schedule busy = schedule(
      "America/New_York", {rotation(Rotate::hourly, "2026-01-01T00:00", {"x", "y"}), nights});
  const auto before = std::chrono::steady_clock::now();
  const auto all = shifts(busy, at("2026-01-01T00:00:00Z"), at("2046-01-01T00:00:00Z"));
  const auto took = std::chrono::steady_clock::now() - before;
  EXPECT_GT(all.size(), 175'000U);
  EXPECT_LT(took, kPace * 4s);  // unoptimised and on a shared machine; 0.1 s when released
}

TEST(Civil, IsReadStrictly) {
  EXPECT_EQ(parse_civil("2026-01-05T09:00"), parse_civil("2026-01-05 09:00:00"));
  EXPECT_EQ(parse_civil("2026-01-05"), parse_civil("2026-01-05T00:00"));
  for (const char* bad :
       {"", "2026-1-5", "2026-02-29", "2026-01-05T9:00", "2026-01-05T24:00", "2026-01-05T09:00Z",
        "2026-01-05T09:00+01:00", "2026-01-05T09:60", "2026-01-05T"}) {
    EXPECT_FALSE(parse_civil(bad)) << bad;
  }
}

TEST(TimeOfDay, ReachesMidnightFromBothSides) {
  EXPECT_EQ(parse_time_of_day("00:00"), minutes{0});
  EXPECT_EQ(parse_time_of_day("24:00"), minutes{1440});
  for (const char* bad : {"24:01", "9:00", "09:60", "25:00", "09", ""})
    EXPECT_FALSE(parse_time_of_day(bad)) << bad;
}

TEST(Days, AreWordsOrRanges) {
  EXPECT_EQ(parse_days("sat")->size(), 1U);
  EXPECT_EQ(parse_days("Saturday"), parse_days("SAT"));
  EXPECT_EQ(parse_days("mon-fri")->size(), 5U);
  EXPECT_EQ(parse_days("fri-mon")->size(), 4U);
  for (const char* bad : {"", "sa", "mon-", "-fri", "someday", "mon-fri-sun"})
    EXPECT_FALSE(parse_days(bad)) << bad;
}

TEST(Zones, AreNamesAndNotPaths) {
  for (const char* good : {"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+3"})
    EXPECT_TRUE(known_zone(good)) << good;
  for (const char* bad : {"", "Berlin", "Europe", "Europe/berlin2", "/usr/share/zoneinfo/UTC",
                          "localtime", "../zoneinfo/UTC", "libc:localtime"}) {
    EXPECT_FALSE(known_zone(bad)) << bad;
  }
}

TEST(Problems, NameTheirPlace) {
  Schedule bad = schedule("Europe/Berlim", {always({}), always({"jo"})},
                          {{civil("2026-01-02"), civil("2026-01-01"), {}, {}}});
  bad.layers[1].rotate = Rotate::custom;
  bad.layers[1].every = 0;
  bad.layers[1].during.push_back({{}, minutes{1440}, minutes{1441}});
  std::string paths;
  for (const ScheduleProblem& problem : problems_of(bad)) paths += problem.path + "\n";
  EXPECT_EQ(paths,
            "zone\nlayers[0].people\nlayers[1].start\nlayers[1].every\nlayers[1].period\nlayers[1]."
            "during[0].from\n"
            "layers[1].during[0].to\noverrides[0].end\noverrides[0]\n");
  EXPECT_TRUE(problems_of(schedule("Europe/Berlin", {kWeekly})).empty());
}

}  // namespace
}  // namespace earshot

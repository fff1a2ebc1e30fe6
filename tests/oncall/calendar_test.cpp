#include <gtest/gtest.h>

#include "earshot/oncall/schedule.hpp"

namespace earshot {
namespace {

std::string calendar(const std::string& event) {
  return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\n"
         "BEGIN:STANDARD\r\nDTSTART:19701025T030000\r\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\n"
         "END:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:1\r\n" +
         event + "END:VEVENT\r\nEND:VCALENDAR\r\n";
}

CalendarEvent one(const std::string& event) {
  const auto read = parse_calendar(calendar(event));
  EXPECT_TRUE(read) << read.error().message;
  return read && !read->empty() ? read->front() : CalendarEvent{};
}

std::string why_not(const std::string& event) {
  const auto read = parse_calendar(calendar(event));
  return read ? "it was read" : read.error().message;
}

std::vector<std::string> starts(const CalendarEvent& event, const char* from, const char* until) {
  std::vector<std::string> out;
  for (const CivilTime at : occurrences(event, *parse_civil(from), *parse_civil(until)))
    out.push_back(to_rfc3339(Instant{at.time_since_epoch()}).substr(0, 16));
  return out;
}

using Lines = std::vector<std::string>;

TEST(Calendar, AWeekOfEachPersonIsRead) {
  const CalendarEvent event = one(
      "SUMMARY:Jo\r\n  Marsh\r\nATTENDEE;CN=Jo:mailto:Jo@Example.org\r\n"
      "DTSTART;TZID=Europe/Berlin:20260105T090000\r\nDTEND;TZID=Europe/Berlin:20260112T090000\r\n"
      "RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=3\r\nEXDATE;TZID=Europe/Berlin:20260119T090000\r\n");
  EXPECT_EQ(event.summary, "Jo Marsh");
  EXPECT_EQ(event.attendees, Lines{"jo@example.org"});
  EXPECT_EQ(event.zone, "Europe/Berlin");
  EXPECT_EQ(event.length, std::chrono::days{7});
  EXPECT_EQ(starts(event, "2026-01-01", "2027-01-01"),
            (Lines{"2026-01-05T09:00", "2026-02-02T09:00"}))
      << "a date that is left out counts";
}

TEST(Calendar, RulesGiveTheDatesOfRfc5545) {
  const std::string at = "DTSTART:20260131T090000\r\nDURATION:PT8H\r\n";
  EXPECT_EQ(starts(one(at + "RRULE:FREQ=MONTHLY\r\n"), "2026-01-01", "2026-06-01"),
            (Lines{"2026-01-31T09:00", "2026-03-31T09:00", "2026-05-31T09:00"}))
      << "a month without a 31st has none";
  EXPECT_EQ(starts(one(at + "RRULE:FREQ=MONTHLY;BYMONTHDAY=-1\r\n"), "2026-01-01", "2026-04-01"),
            (Lines{"2026-01-31T09:00", "2026-02-28T09:00", "2026-03-31T09:00"}));
  EXPECT_EQ(starts(one(at + "RRULE:FREQ=MONTHLY;BYDAY=2TU,-1FR\r\n"), "2026-02-01", "2026-03-01"),
            (Lines{"2026-02-10T09:00", "2026-02-27T09:00"}));
  EXPECT_EQ(starts(one(at + "RRULE:FREQ=DAILY;UNTIL=20260202\r\n"), "2026-01-01", "2027-01-01"),
            (Lines{"2026-01-31T09:00", "2026-02-01T09:00", "2026-02-02T09:00"}));
  EXPECT_EQ(starts(one(at + "RRULE:FREQ=WEEKLY;BYDAY=MO,SA\r\n"), "2046-01-01", "2046-01-10"),
            (Lines{"2046-01-01T09:00", "2046-01-06T09:00", "2046-01-08T09:00"}));
}

TEST(Calendar, WhatIsOutsideTheSubsetIsRefusedByName) {
  const std::string at = "DTSTART:20260131T090000\r\nDURATION:PT8H\r\n";
  EXPECT_NE(why_not(at + "RRULE:FREQ=HOURLY\r\n").find("FREQ=HOURLY"), std::string::npos);
  EXPECT_NE(why_not(at + "RRULE:FREQ=MONTHLY;BYSETPOS=1\r\n").find("BYSETPOS=1"),
            std::string::npos);
  EXPECT_NE(why_not("DTSTART;TZID=W. Europe Standard Time:20260131T090000\r\nDURATION:PT8H\r\n")
                .find("no IANA time zone"),
            std::string::npos);
  EXPECT_NE(why_not("DTSTART:20260131T090000\r\nDTEND:20260131T090000\r\n").find("ends after"),
            std::string::npos);
  EXPECT_FALSE(parse_calendar("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"));
  EXPECT_FALSE(parse_calendar(std::string(kMostCalendarBytes + 1, 'x')));
}

TEST(Calendar, AChangedOccurrenceReplacesItsOwn) {
  const auto read = parse_calendar(
      "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nSUMMARY:jo\nDTSTART:20260105T090000Z\nDURATION:PT1H\n"
      "RRULE:FREQ=DAILY;COUNT=3\nEND:VEVENT\nBEGIN:VEVENT\nUID:a\nSUMMARY:kim\n"
      "RECURRENCE-ID:20260106T090000Z\nDTSTART:20260106T100000Z\nDURATION:PT1H\nEND:VEVENT\n"
      "END:VCALENDAR\n");
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ(starts(read->at(0), "2026-01-01", "2027-01-01"),
            (Lines{"2026-01-05T09:00", "2026-01-07T09:00"}));
  EXPECT_EQ(starts(read->at(1), "2026-01-01", "2027-01-01"), (Lines{"2026-01-06T10:00"}));
}

TEST(Calendar, WhatIsWrittenIsReadAgain) {
  const CalendarEntry entry{"care-1@earshot", from_unix(1'772'442'000), from_unix(1'772'528'400),
                            "Jo; on call, care \xC3\xBC" + std::string(90, 'x'), ""};
  const std::string text = render_calendar("On call: care", {&entry, 1}, from_unix(1'772'000'000));
  for (std::size_t at = 0, end = 0; (end = text.find("\r\n", at)) != std::string::npos;
       at = end + 2)
    EXPECT_LE(end - at, 75U);
  const auto read = parse_calendar(text);
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->size(), 1U);
  EXPECT_EQ(read->front().summary, entry.summary);
  EXPECT_EQ(to_instant(read->front().start, read->front().zone), entry.start);
  EXPECT_EQ(read->front().length, std::chrono::days{1});
}

}  // namespace
}  // namespace earshot

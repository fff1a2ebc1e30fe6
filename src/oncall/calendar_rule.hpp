#pragma once

/// Values and recurrence rules of iCalendar (RFC 5545 3.3). Pure.

#include "earshot/oncall/calendar.hpp"

namespace earshot {

struct CalendarTime {
  CivilTime local{};
  bool utc = false;
  bool whole_day = false;
};
/// "20260105T090000", the same with Z, or a date alone.
std::optional<CalendarTime> parse_calendar_time(std::string_view text);
/// "P1W", "P1DT12H", "PT8H": positive, at most a year.
std::optional<seconds> parse_calendar_duration(std::string_view text);
/// Fills the repetition of an event from the value of its RRULE. The Error says which part is
/// outside the subset: FREQ (DAILY to YEARLY), INTERVAL, COUNT, UNTIL, BYDAY, BYMONTHDAY, WKST=MO.
Result<void> read_rule(std::string_view value, CalendarEvent& event);

}  // namespace earshot

#pragma once

/// iCalendar (RFC 5545), as far as a rota needs it: reads the events of an existing one, and writes
/// shifts for calendars to subscribe to. Pure; the parser is bounded and never throws.

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/core/instant.hpp"
#include "earshot/core/result.hpp"
#include "earshot/core/words.hpp"

namespace earshot {

/// A wall-clock time without a zone, in seconds.
using CivilTime = std::chrono::local_seconds;

EARSHOT_ENUM(Frequency, once, daily, weekly, monthly, yearly);

/// "2TU" of BYDAY: the second Tuesday; place 0 = each, -1 = the last.
struct DayOf {
  std::chrono::weekday day{};
  int place = 0;
};

/// One VEVENT: who is on, and when again. Repetitions keep their wall time across clock changes.
struct CalendarEvent {
  std::string uid;
  std::string person;  ///< first as written (see who_of), then the id of a person
  std::string summary;
  std::vector<std::string> attendees;  ///< mail addresses in lower case
  CivilTime start{};
  seconds length{};    ///< of every occurrence, in local time
  std::string zone{};  ///< IANA name; "" = the schedule's ("floating")
  Frequency repeat = Frequency::once;
  int interval = 1;
  int count = 0;                     ///< 0 = without end
  std::optional<CivilTime> until{};  ///< the last start, in the event's zone
  std::vector<DayOf> by_day;
  std::vector<int> by_month_day;  ///< 1..31, -31..-1
  std::vector<CivilTime> except;  ///< EXDATE: starts that do not take place
  std::vector<CivilTime> extra;   ///< RDATE
};

inline constexpr std::size_t kMostCalendarBytes = 1U << 20U;
inline constexpr std::size_t kMostCalendarEvents = 5'000;
inline constexpr std::size_t kMostOccurrences = 50'000;  ///< of one event, looked at

/// The events of a calendar. An Error names the line and what cannot be used (a rule outside the
/// subset, a zone that is no IANA name): a rota that is read wrongly pages the wrong person.
Result<std::vector<CalendarEvent>> parse_calendar(std::string_view text);
/// Local starts of an event, ascending, that lie before `until`; those before `from` may be left
/// out.
std::vector<CivilTime> occurrences(const CalendarEvent& event, CivilTime from, CivilTime until);

/// One entry of a calendar to subscribe to.
struct CalendarEntry {
  std::string uid;
  Instant start{};
  Instant end{};
  std::string summary;
  std::string description;
};
/// `stamp`: DTSTAMP, when the calendar was made.
std::string render_calendar(std::string_view name, std::span<const CalendarEntry> entries,
                            Instant stamp);

}  // namespace earshot

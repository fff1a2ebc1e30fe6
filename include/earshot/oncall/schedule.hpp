#pragma once

/// Schedules: who is on call at an instant. Input: a policy in local (civil) time and an instant or
/// a window; output: shifts in UTC.
///
/// Pure. Display and paging ask the same function, so that what the console shows is what happens.
///
/// The rules of time, for hand-offs, windows and overrides alike:
///  - everything is reckoned in the schedule's local time, hours too: a hand-off keeps its wall
///  time across clock changes;
///  - a local time that the clock skips means the first instant after the gap;
///  - a local time that comes twice means the earlier one;
///  - every span is half-open: its start belongs to it, its end does not.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/core/instant.hpp"
#include "earshot/core/words.hpp"
#include "earshot/oncall/calendar.hpp"

namespace earshot {

EARSHOT_ENUM(Rotate, none, hourly, daily, weekly, monthly, custom);
/// How a window looks at its list of holidays: not at all, open on other days only, open on these
/// only.
EARSHOT_ENUM(HolidayRule, ignore, except, only);

/// A restriction of a layer: these days of the week between these times of day. Where `to` is not
/// after `from` the window ends on the next day; equal times are 24 hours.
struct DutyWindow {
  std::vector<std::chrono::weekday> days;  ///< of the day it begins on; empty: every day
  minutes from{0};                         ///< since local midnight, 0..1439
  minutes to{1440};                        ///< since local midnight, 0..1440 ("24:00")
  HolidayRule holiday_rule = HolidayRule::ignore;
  std::vector<std::chrono::local_days>
      holidays{};  ///< local dates, sorted; of the day it begins on
  friend bool operator==(const DutyWindow&, const DutyWindow&) = default;
};

struct Layer {
  Rotate rotate = Rotate::none;  ///< none: all of `people` at once
  int every = 1;  ///< hand over every n hours, days, weeks or months; a month without
                  ///< the day of `start` hands over on its last day
  Duration
      period{};  ///< custom only: the length of a turn in local time (12h, 10d), at least a minute
  std::optional<CivilTime> start{};  ///< the first person's first moment; nobody is on before it.
                                     ///< Needed where it rotates
  std::vector<std::string> people;   ///< ids; a person may stand in the list more than once
  std::vector<DutyWindow> during;    ///< empty: always. Turns pass outside the windows too
  bool replace = false;  ///< while this layer has somebody, the layers before it have nobody
  std::vector<CalendarEvent> events;  ///< an imported rota: these say who and when, nothing else of
                                      ///< the layer but `during` and `replace` counts
};

/// Overrides apply in their order, each first removing, then adding.
struct ScheduleOverride {
  CivilTime start{};
  CivilTime end{};
  std::vector<std::string> add{};
  std::vector<std::string> remove{};
  std::string zone{};  ///< of start and end; "" = the schedule's
};

/// Somebody who is away is never on call: wherever a layer or an override puts them, their
/// substitute stands in; whoever stands in for a substitute who is away too. Nobody at the end of
/// the chain, or a circle: nobody.
struct Absence {
  std::string person;
  CivilTime start{};
  CivilTime end{};
  std::string zone{};        ///< of start and end; "" = the schedule's
  std::string substitute{};  ///< "" = nobody stands in
};

struct Schedule {
  std::string name;
  std::string zone = "UTC";   ///< IANA name; see known_zone()
  std::vector<Layer> layers;  ///< later layers add people
  std::vector<ScheduleOverride> overrides;
  std::vector<Absence>
      absences;               ///< of anybody; of two of one person the earlier in the list counts
  bool tell_handoff = false;  ///< who comes on and who goes hears of it
};

/// People in the order of the layers, without repeats, those of overrides last.
struct Shift {
  Instant start{};
  Instant end{};
  std::vector<std::string> people;  ///< empty: nobody is on call
};

/// A shift in its full length. An absent end means: no change within kShiftHorizon.
struct WholeShift {
  std::optional<Instant> start{};
  std::optional<Instant> end{};
  std::vector<std::string> people;
};
inline constexpr Duration kShiftHorizon = std::chrono::hours{24 * 366 * 20};

/// The shifts of [from, to): without holes or overlaps, clipped to the window, neighbours with the
/// same people merged (whatever their order). Empty where `to` is not after `from`. An unknown zone
/// is read as UTC.
std::vector<Shift> shifts(const Schedule& schedule, Instant from, Instant to);
/// The shift that contains `at`, until the people change.
WholeShift shift_at(const Schedule& schedule, Instant at);
/// Whom to page at `at`.
std::vector<std::string> people_on_call(const Schedule& schedule, Instant at);
/// The parts of [from, to) in which more than one person is on call.
std::vector<Shift> overlaps(const Schedule& schedule, Instant from, Instant to);
/// The parts of [from, to) in which nobody is on call.
std::vector<Shift> gaps(const Schedule& schedule, Instant from, Instant to);

/// The instant of a local time by the rules above.
Instant to_instant(CivilTime local, const std::string& zone);
/// What the clock on the wall shows.
CivilTime to_civil(Instant at, const std::string& zone);
/// Whether the system's tzdata has this IANA name. Paths and "localtime" are not names.
bool known_zone(const std::string& zone);

/// "2026-01-05T09:00", "…:30" with seconds, a blank instead of T, or a date alone (its midnight).
/// No offset: it is local time.
std::optional<CivilTime> parse_civil(std::string_view text);
/// "HH:MM", "00:00" to "24:00".
std::optional<minutes> parse_time_of_day(std::string_view text);
/// "mon", "Monday" or a range such as "fri-mon" (through the end of the week).
std::optional<std::vector<std::chrono::weekday>> parse_days(std::string_view text);

/// The people of a circle of substitutes who are all away when this absence begins, itself first
/// and last; empty where somebody is there. Zones are not looked at.
std::vector<std::string> substitute_circle(const std::vector<Absence>& all, const Absence& absence);

/// A mistake in a schedule; `path` is relative to it, e.g. "layers[1].start".
struct ScheduleProblem {
  std::string path;
  std::string problem;
};
/// What cannot work: rotation without a start, no people, an override that ends before it begins,
/// an unknown zone …
std::vector<ScheduleProblem> problems_of(const Schedule& schedule);

}  // namespace earshot

#pragma once

/// Business calendars: how much working time has passed, and when so much will have. Input: the
/// hours of a week in local time, holidays and pauses; output: instants in UTC. Pure.
///
/// Windows follow the rules of time of schedule.hpp: they keep their wall time across clock
/// changes, so an office night from 22:00 to 06:00 is seven hours long in spring and nine in
/// autumn, and what is measured is real time.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "earshot/core/instant.hpp"
#include "earshot/oncall/schedule.hpp"

namespace earshot {

struct OpenSpan {
  Instant start{};
  Instant end{};
};

struct BusinessCalendar {
  std::string name;
  std::string zone = "UTC";       ///< IANA name
  std::vector<DutyWindow> hours;  ///< several a day if you like; none = never open
  friend bool operator==(const BusinessCalendar&, const BusinessCalendar&) = default;
};

/// So far ahead working time is looked for; a calendar that stays shut longer has none.
inline constexpr Duration kBusinessHorizon = std::chrono::hours{24 * 366 * 3};

/// When `length` of working time will have passed since `start`, without the pauses (sorted,
/// apart). Without a calendar every hour counts. Nullopt: not within kBusinessHorizon.
std::optional<Instant> after_working_time(const BusinessCalendar* calendar, Instant start,
                                          Duration length, std::span<const OpenSpan> pauses = {});
/// The working time of [from, to), without the pauses.
Duration working_time(const BusinessCalendar* calendar, Instant from, Instant to,
                      std::span<const OpenSpan> pauses = {});
/// Where it is shut at `at`: when it opens (nullopt: not within kBusinessHorizon, or it is open).
std::optional<Instant> opens_at(const BusinessCalendar* calendar, Instant at);
bool is_open(const BusinessCalendar* calendar, Instant at);

}  // namespace earshot

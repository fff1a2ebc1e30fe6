#pragma once

/// Time intervals of routes, in Prometheus Alertmanager's terms: times of day, days of the week and
/// of the month (negative ones count from its end), months and years, in a zone. Pure.
///
/// https://prometheus.io/docs/alerting/latest/configuration/#time_interval-0. Everything is asked
/// of the wall clock of the zone, so days are counted by the calendar and not by hours.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "earshot/core/instant.hpp"
#include "earshot/oncall/schedule.hpp"

namespace earshot {

/// Both ends belong to it.
using IntRange = std::pair<int, int>;

/// All that is given must hold; an empty list holds always.
struct TimeInterval {
  struct Times {
    minutes from{0};
    minutes to{1440};  ///< does not belong to it
  };
  std::vector<Times> times;
  std::vector<std::chrono::weekday> weekdays;
  std::vector<IntRange> days_of_month;  ///< 1..31, -31..-1: -1 is the last
  std::vector<IntRange> months;         ///< 1..12
  std::vector<IntRange> years;
  std::string zone = "UTC";
};

/// Holds where one of them does.
struct NamedIntervals {
  std::string name;
  std::vector<TimeInterval> any;
};

bool holds(const TimeInterval& interval, Instant at);
bool holds(const NamedIntervals& intervals, Instant at);

/// Why a route is silent at an instant: "it is muted by NAME" or "it is not active outside NAME";
/// nullopt where it speaks. Unknown names mute nothing.
struct Muted {
  std::string name;
  std::string text;
  std::optional<Instant>
      until{};  ///< the minute from which it speaks; nullopt: not within two days
};
std::optional<Muted> muted(const std::vector<NamedIntervals>& known,
                           const std::vector<std::string>& mute,
                           const std::vector<std::string>& active, Instant at);

/// "monday:friday", "mon-fri", "sat".
std::optional<std::vector<std::chrono::weekday>> parse_weekdays(std::string_view text);
/// "1:5", "-3:-1", "15". Nullopt where an end is no number or lies outside [least, most], zero is
/// given for days, the range runs backwards, or it begins at the end and ends at the beginning.
std::optional<IntRange> parse_days_of_month(std::string_view text);
/// "january:march", "1:3", "may".
std::optional<IntRange> parse_months(std::string_view text);
/// "2026", "2026:2028".
std::optional<IntRange> parse_years(std::string_view text);

}  // namespace earshot

#include "windows.hpp"

#include <algorithm>

namespace earshot {
namespace {

using std::chrono::days;

bool covers(const DutyWindow& window, std::chrono::local_days day) {
  if (window.holiday_rule != HolidayRule::ignore) {
    const bool free = std::binary_search(window.holidays.begin(), window.holidays.end(), day);
    if (free != (window.holiday_rule == HolidayRule::only)) return false;
  }
  const std::chrono::weekday weekday{day};
  return window.days.empty() ||
         std::find(window.days.begin(), window.days.end(), weekday) != window.days.end();
}

}  // namespace

std::vector<OpenSpan> open_spans(std::span<const DutyWindow> windows, const Zone& zone,
                                 Instant from, Instant to) {
  std::vector<OpenSpan> found;
  // A window of the day before may last into the first day; a day more on both sides for clocks
  // that were set across midnight.
  const auto last = std::chrono::floor<days>(zone.civil(to)) + days{1};
  for (auto day = std::chrono::floor<days>(zone.civil(from)) - days{2}; day <= last;
       day += days{1}) {
    for (const DutyWindow& window : windows) {
      if (!covers(window, day)) continue;
      const days until = window.to > window.from ? days{0} : days{1};
      const OpenSpan span{zone.instant(day + seconds{window.from}),
                          zone.instant(day + until + seconds{window.to})};
      if (span.start < span.end && span.end > from && span.start < to) found.push_back(span);
    }
  }
  std::ranges::sort(found, {}, &OpenSpan::start);
  std::vector<OpenSpan> out;
  for (const OpenSpan& span : found) {
    if (!out.empty() && span.start <= out.back().end) {
      out.back().end = std::max(out.back().end, span.end);
    } else {
      out.push_back(span);
    }
  }
  return out;
}

}  // namespace earshot

#include "earshot/oncall/business.hpp"

#include <algorithm>

#include "windows.hpp"

namespace earshot {
namespace {

using std::chrono::days;

/// The working time of [from, to): in order, clipped, without the pauses.
std::vector<OpenSpan> working_spans(const BusinessCalendar* calendar, Instant from, Instant to,
                                    std::span<const OpenSpan> pauses) {
  std::vector<OpenSpan> open{{from, to}};
  if (calendar != nullptr) open = open_spans(calendar->hours, Zone{calendar->zone}, from, to);
  std::vector<OpenSpan> out;
  for (OpenSpan span : open) {
    span.start = std::max(span.start, from);
    span.end = std::min(span.end, to);
    for (const OpenSpan& pause : pauses) {
      if (pause.end <= span.start || pause.start >= span.end) continue;
      if (pause.start > span.start) out.push_back({span.start, pause.start});
      span.start = std::min(pause.end, span.end);
    }
    if (span.start < span.end) out.push_back(span);
  }
  return out;
}

}  // namespace

std::optional<Instant> after_working_time(const BusinessCalendar* calendar, Instant start,
                                          Duration length, std::span<const OpenSpan> pauses) {
  Duration left = length;
  Duration reach = days{8};
  // In stretches that grow: most deadlines lie within a week.
  for (Instant from = start; from < start + kBusinessHorizon; from += reach, reach *= 4) {
    reach = std::min(reach, start + kBusinessHorizon - from);
    for (const OpenSpan& span : working_spans(calendar, from, from + reach, pauses)) {
      if (span.end - span.start >= left) return span.start + left;
      left -= span.end - span.start;
    }
  }
  return std::nullopt;
}

Duration working_time(const BusinessCalendar* calendar, Instant from, Instant to,
                      std::span<const OpenSpan> pauses) {
  Duration sum{};
  if (from >= to) return sum;
  for (const OpenSpan& span : working_spans(calendar, from, to, pauses))
    sum += span.end - span.start;
  return sum;
}

bool is_open(const BusinessCalendar* calendar, Instant at) {
  return !working_spans(calendar, at, at + Duration{1}, {}).empty();
}

std::optional<Instant> opens_at(const BusinessCalendar* calendar, Instant at) {
  if (is_open(calendar, at)) return std::nullopt;
  const auto first = after_working_time(calendar, at, Duration{1});
  return first ? std::optional{*first - Duration{1}} : std::nullopt;
}

}  // namespace earshot

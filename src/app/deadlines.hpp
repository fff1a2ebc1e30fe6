#pragma once

/// The deadlines of open cases, when the configuration that they follow from has changed.

#include "earshot/app/rules.hpp"
#include "earshot/store/store.hpp"

namespace earshot {

class Effects;

/// Kinds of timers: a clock of a case wants a word; all clocks are computed anew. The first is also
/// the kind of the record that keeps the deadlines of a case with their reasons.
inline constexpr std::string_view kClock = "clock";
inline constexpr std::string_view kReckon = "reckon";

/// Arms the reckoning where limits or hours are not those of the last time.
void arm_reckoning(StoreWriter& writer, const Rules& rules, Instant now);
/// Computes the deadlines of the next hundred cases anew; the timer comes again until all are done.
void reckon(StoreWriter& writer, Effects& effects, const TimerRecord& timer, Instant now);

}  // namespace earshot

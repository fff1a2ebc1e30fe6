#pragma once

/// Letters in the store: the pool of a period, the draw, the tasks. Called inside a transaction.

#include "earshot/cases/letter_task.hpp"
#include "earshot/web/backend.hpp"
#include "effects.hpp"

namespace earshot {

inline constexpr std::string_view kDraw = "letters";  ///< kind of the timer of the next draw

/// Arms the draw at the end of the running period; disarms it where nobody reads letters.
void arm_letters(StoreWriter& writer, const Rules& rules, Instant now);
/// The period has ended: draws, and gives the letters out.
void draw_period(StoreWriter& writer, const Rules& rules, Effects& effects,
                 const TimerRecord& timer, Instant now);
/// A letter is late.
void letter_falls_due(StoreWriter& writer, const Rules& rules, Effects& effects,
                      const TimerRecord& timer, Instant now);
/// done, swap.
DeskAnswer change_letter(StoreWriter& writer, const Rules& rules, Effects& effects,
                         const DeskCommand& command);

}  // namespace earshot

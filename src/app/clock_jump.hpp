#pragma once

/// The machine's clock was set: what is armed goes on by the steady clock (P9).

#include <memory>

#include "effects.hpp"

namespace earshot {

class Clock;
class GuardedClock;

/// Moves every deadline that counts from an event by `by`, so that it falls due at the same moment
/// of the steady clock; hand-offs stand on the wall and stay. Records it and tells the house.
void follow_steady_clock(StoreWriter& writer, Effects& effects, Duration by, Instant now);

/// Looks whether the clock has jumped, and does all of that. Returns the jump.
Task<std::optional<Duration>> mind_the_clock(GuardedClock& clock, Store& store,
                                             std::shared_ptr<const Rules> rules, AckKey key,
                                             std::uint64_t seed);

}  // namespace earshot

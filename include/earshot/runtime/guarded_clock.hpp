#pragma once

/// A wall clock that does not jump under those who use it (P9). Where the machine's wall clock
/// moves more than 30 s against its steady clock since it was last asked, now() goes on by the
/// steady clock until the daemon has moved what is armed and calls adopt().

#include <optional>

#include "earshot/runtime/clock.hpp"

namespace earshot {

class GuardedClock final : public Clock {
 public:
  static constexpr Duration kJump = seconds{30};
  /// The clock outlives the guard.
  explicit GuardedClock(Clock& clock);

  Instant now() const override;
  Duration steady() const override { return clock_.steady(); }
  Task<> sleep_for(Duration span) override { return clock_.sleep_for(span); }

  /// How far the wall clock has jumped and not been adopted; nullopt where it has not.
  std::optional<Duration> jump() const;
  /// From now on the wall clock is believed as it is.
  void adopt();

 private:
  Clock& clock_;
  // What the wall showed, less the steady clock, when it was last believed. Slow corrections are
  // followed, so now() moves it.
  mutable Duration offset_;
};

}  // namespace earshot

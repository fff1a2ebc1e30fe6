#include "earshot/runtime/guarded_clock.hpp"

namespace earshot {
namespace {

Duration offset_of(const Clock& clock) {
  return clock.now().time_since_epoch() - clock.steady();
}

bool is_jump(Duration difference) {
  return difference > GuardedClock::kJump || difference < -GuardedClock::kJump;
}

}  // namespace

GuardedClock::GuardedClock(Clock& clock) : clock_(clock), offset_(offset_of(clock)) {}

Instant GuardedClock::now() const {
  const Duration offset = offset_of(clock_);
  if (is_jump(offset - offset_)) return Instant{offset_ + clock_.steady()};
  offset_ = offset;
  return clock_.now();
}

std::optional<Duration> GuardedClock::jump() const {
  const Duration difference = offset_of(clock_) - offset_;
  if (!is_jump(difference)) return std::nullopt;
  return difference;
}

void GuardedClock::adopt() {
  offset_ = offset_of(clock_);
}

}  // namespace earshot

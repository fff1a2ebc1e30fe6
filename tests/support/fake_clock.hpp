#pragma once

/// Time that moves only when a test says so, and dice that fall as told.

#include <deque>
#include <list>
#include <memory>
#include <string>

#include "earshot/runtime/clock.hpp"
#include "support/run.hpp"

namespace earshot {

/// Begins at 2026-03-02T09:00:00Z, a Monday.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(Loop& loop, Instant start = from_unix(1'772'442'000))
      : loop_(loop), now_(start) {}

  Instant now() const override { return now_; }
  Duration steady() const override { return steady_; }
  Task<> sleep_for(Duration span) override;

  /// Moves time forward; sleepers wake in the order of their times, each at its own time, and run
  /// until they wait again.
  void advance(Duration span);
  /// Moves time forward in one stride: sleepers that fell due wake at its end. For long spans in
  /// which only loops sleep.
  void leap(Duration span);
  /// Steps the wall clock without waking anybody, as a correction by an operator would.
  void jump(Duration span) { now_ += span; }
  /// Moves to the next sleeper and wakes it; false where nobody sleeps.
  bool advance_to_next();
  std::size_t sleepers() const { return sleepers_.size(); }

 private:
  struct Sleeper;
  void move_to(Duration steady);

  Loop& loop_;
  Instant now_;
  Duration steady_{0};
  std::list<Sleeper*> sleepers_;  // in the order of their times, equals in order of arrival
};

/// unit() takes from `units`, then 0.5 for ever; bits() counts from 1; secret() is the count spelt
/// in bytes.
class FakeDice final : public Dice {
 public:
  std::deque<double> units;
  double unit() override;
  std::uint64_t bits() override { return ++count_; }
  std::string secret(std::size_t bytes) override;

 private:
  std::uint64_t count_ = 0;
};

}  // namespace earshot

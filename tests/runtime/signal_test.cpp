#include "earshot/runtime/signal.hpp"

#include <gtest/gtest.h>

#include <random>

#include "support/fake_clock.hpp"
#include "support/run.hpp"

namespace earshot {
namespace {

class Signals : public testing::Test {
 protected:
  Loop loop;
  FakeClock clock{loop};
  Signal signal{loop.executor()};
  int failures = 0;
  TaskGroup::OnFailure count() {
    return [this](const std::string&, std::exception_ptr) { ++failures; };
  }
};

TEST_F(Signals, APokeBeforeTheWaitIsNotLost) {
  signal.poke();
  signal.poke();  // pokes between two waits count as one
  loop.run(signal.wait(clock, hours{1}));
  EXPECT_EQ(clock.steady(), Duration{0});
  loop.run(clock, signal.wait(clock, seconds{2}));
  EXPECT_EQ(clock.steady(), seconds{2});
}

TEST_F(Signals, APokeWakesTheWaiterBeforeItsLimit) {
  TaskGroup group{loop.executor(), count()};
  bool woken = false;
  group.spawn("waiter", [&]() -> Task<> {
    co_await signal.wait(clock, hours{1});
    woken = true;
  });
  loop.settle();
  EXPECT_FALSE(woken);
  signal.poke();
  loop.settle();
  EXPECT_TRUE(woken);
  EXPECT_EQ(clock.sleepers(), 0U) << "the limit does not sleep on";
  loop.run(group.join());
}

TEST_F(Signals, WithoutALimitAPokeOrACancellationEndsTheWait) {
  TaskGroup group{loop.executor(), count()};
  int woken = 0;
  group.spawn("waiter", [&]() -> Task<> {
    for (;;) {
      co_await signal.wait();
      ++woken;
    }
  });
  signal.poke();
  loop.settle();
  EXPECT_EQ(woken, 1) << "the poke before the wait";
  signal.poke();
  loop.settle();
  EXPECT_EQ(woken, 2);
  group.cancel();
  loop.run(group.join());
  EXPECT_EQ(woken, 2);
  EXPECT_EQ(failures, 0);
}

TEST_F(Signals, ACancelledWaitEndsAndIsNoFailure) {
  TaskGroup group{loop.executor(), count()};
  bool passed = false;
  group.spawn("waiter", [&]() -> Task<> {
    co_await signal.wait(clock, hours{1});
    passed = true;
  });
  loop.settle();
  group.cancel();
  loop.run(group.join());
  EXPECT_FALSE(passed);
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(clock.sleepers(), 0U);
}

/// Poke, limit and cancellation in any order, also in the same turn of the loop: every waiter ends,
/// and nothing but cancellation comes out of it.
TEST_F(Signals, PokesLimitsAndCancellationsMayMeet) {
  std::mt19937 dice{7};
  for (int round = 0; round < 2'000; ++round) {
    TaskGroup group{loop.executor(), count()};
    std::vector<std::unique_ptr<Signal>> own;
    for (int i = 0; i < 3; ++i) {
      Signal& mine = *own.emplace_back(std::make_unique<Signal>(loop.executor()));
      group.spawn("waiter", [&, limited = i != 0]() -> Task<> {
        if (limited)
          co_await mine.wait(clock, milliseconds{5});
        else
          co_await mine.wait();
      });
      group.spawn("poker", [&]() -> Task<> {
        co_await clock.sleep_for(milliseconds{5});
        mine.poke();
      });
    }
    const std::uint32_t order = dice() % 4;
    if (order > 0) loop.settle();
    if (order == 1) group.cancel();
    if (order >= 2) clock.advance(milliseconds{order == 2 ? 4 : 5});
    group.cancel();
    loop.run(group.join());
    ASSERT_EQ(failures, 0) << "in round " << round;
    ASSERT_EQ(clock.sleepers(), 0U);
  }
}

}  // namespace
}  // namespace earshot

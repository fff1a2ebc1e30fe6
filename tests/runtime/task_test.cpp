#include "earshot/runtime/task.hpp"

#include <gtest/gtest.h>

#include <boost/asio/thread_pool.hpp>
#include <thread>

#include "support/fake_clock.hpp"
#include "support/fake_http.hpp"
#include "support/run.hpp"

namespace earshot {
namespace {

using Woken = std::vector<std::pair<int, Duration>>;

class Tasks : public testing::Test {
 protected:
  Loop loop;
  FakeClock clock{loop};

  std::function<Task<>()> sleeping(Duration span) {
    return [this, span]() -> Task<> { co_await clock.sleep_for(span); };
  }
  std::function<Task<Result<void>>()> ok_after(Duration span) {
    return [this, span]() -> Task<Result<void>> {
      co_await clock.sleep_for(span);
      co_return Result<void>{};
    };
  }
};

TEST_F(Tasks, SleepersWakeInTheOrderOfTheirTimesEachAtItsOwn) {
  const Instant start = clock.now();
  Woken woken;
  TaskGroup group{loop.executor()};
  for (const auto& [name, span] : {std::pair{1, 5}, {2, 2}, {3, 5}}) {
    group.spawn("sleeper", [&, name = name, span = span]() -> Task<> {
      co_await clock.sleep_for(seconds{span});
      woken.emplace_back(name, clock.now() - start);
    });
  }
  loop.settle();
  EXPECT_EQ(clock.sleepers(), 3U);
  clock.advance(seconds{4});
  EXPECT_EQ(woken, (Woken{{2, seconds{2}}}));
  clock.advance(seconds{2});
  EXPECT_EQ(woken, (Woken{{2, seconds{2}}, {1, seconds{5}}, {3, seconds{5}}}));
  EXPECT_EQ(clock.steady(), seconds{6});
  loop.run(group.join());
}

TEST_F(Tasks, AJumpMovesTheWallOnly) {
  const Instant start = clock.now();
  clock.jump(hours{2});
  EXPECT_EQ(clock.now() - start, hours{2});
  EXPECT_EQ(clock.steady(), Duration{0});
}

TEST_F(Tasks, JoinWaitsForEveryChild) {
  int ended = 0;
  TaskGroup group{loop.executor()};
  for (int i = 1; i <= 3; ++i) {
    group.spawn("child", [&, i]() -> Task<> {
      co_await clock.sleep_for(seconds{i});
      ++ended;
    });
  }
  loop.run(clock, group.join());
  EXPECT_EQ(ended, 3);
  EXPECT_EQ(group.size(), 0U);
}

TEST_F(Tasks, CancelEndsEveryWaitAndIsNoFailure) {
  int failures = 0;
  TaskGroup group{loop.executor(), [&](const std::string&, std::exception_ptr) { ++failures; }};
  for (int i = 0; i < 3; ++i) group.spawn("child", sleeping(hours{1}));
  loop.settle();
  group.cancel();
  loop.run(group.join());
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(clock.sleepers(), 0U);
}

TEST_F(Tasks, AChildSpawnedAfterCancelStopsAtItsFirstWait) {
  bool passed = false;
  TaskGroup group{loop.executor()};
  group.cancel();
  group.spawn("late", [&]() -> Task<> {
    co_await clock.sleep_for(hours{1});
    passed = true;
  });
  loop.run(group.join());
  EXPECT_FALSE(passed);
}

TEST_F(Tasks, AnExceptionIsHandedOnWithTheChildsName) {
  std::string seen;
  TaskGroup group{loop.executor(), [&](const std::string& name, std::exception_ptr failure) {
                    try {
                      std::rethrow_exception(failure);
                    } catch (const std::exception& e) {
                      seen = name + ": " + e.what();
                    }
                  }};
  group.spawn("poller", []() -> Task<> {
    throw std::runtime_error("out of range");
    co_return;
  });
  loop.run(group.join());
  EXPECT_EQ(seen, "poller: out of range");
}

TEST_F(Tasks, ACancelledJoinCancelsTheChildrenAndStillWaits) {
  TaskGroup inner{loop.executor()};
  TaskGroup outer{loop.executor()};
  bool joined = false;
  inner.spawn("child", sleeping(hours{1}));
  outer.spawn("parent", [&]() -> Task<> {
    co_await inner.join();
    joined = true;
  });
  loop.settle();
  outer.cancel();
  loop.run(outer.join());
  EXPECT_TRUE(joined);
  EXPECT_EQ(inner.size(), 0U);
}

TEST_F(Tasks, AChildMayCancelItsOwnGroup) {
  TaskGroup group{loop.executor()};
  group.spawn("waiting", sleeping(hours{1}));
  group.spawn("ending", [&]() -> Task<> {
    group.cancel();
    co_return;
  });
  loop.run(group.join());
  EXPECT_EQ(clock.sleepers(), 0U);
}

TEST_F(Tasks, WithinGivesTheResultOfATaskThatIsQuickEnough) {
  EXPECT_TRUE(loop.run(clock, within(clock, seconds{2}, ok_after(seconds{1}))).ok());
  EXPECT_EQ(clock.steady(), seconds{1});
  EXPECT_EQ(clock.sleepers(), 0U);
}

TEST_F(Tasks, WithinCancelsATaskAtTheLimit) {
  const Result<void> got = loop.run(clock, within(clock, seconds{2}, ok_after(hours{1})));
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().message, "timed out after 2s");
  EXPECT_EQ(got.error().kind, Error::Kind::transient);
  EXPECT_EQ(clock.sleepers(), 0U);
}

TEST_F(Tasks, WithinPassesErrorsAndExceptionsOnAtOnce) {
  const auto failing = []() -> Task<Result<void>> { co_return permanent("no such box"); };
  EXPECT_EQ(loop.run(within(clock, seconds{2}, failing)).error().message, "no such box");
  const auto throwing = []() -> Task<Result<void>> {
    throw std::runtime_error("ours");
    co_return Result<void>{};
  };
  EXPECT_THROW(static_cast<void>(loop.run(within(clock, seconds{2}, throwing))),
               std::runtime_error);
  EXPECT_EQ(clock.steady(), Duration{0});
}

TEST_F(Tasks, CancellationOfTheCallerPassesThroughWithin) {
  bool came_back = false;
  TaskGroup group{loop.executor()};
  group.spawn("caller", [&]() -> Task<> {
    const std::function<Task<Result<void>>()> slow = ok_after(hours{1});
    const Result<void> got = co_await within(clock, minutes{1}, slow);
    came_back = got.ok() || !got.ok();
  });
  loop.settle();
  group.cancel();
  loop.run(group.join());
  EXPECT_FALSE(came_back);
  EXPECT_EQ(clock.sleepers(), 0U);
}

TEST_F(Tasks, RunOnWorksElsewhereAndComesBack) {
  boost::asio::thread_pool pool{1};
  const auto here = std::this_thread::get_id();
  std::thread::id worked;
  std::thread::id after;
  const auto task = [&]() -> Task<> {
    const std::function<void()> work = [&] { worked = std::this_thread::get_id(); };
    co_await run_on(pool.get_executor(), work);
    after = std::this_thread::get_id();
  };
  loop.run(task());
  EXPECT_NE(worked, here);
  EXPECT_EQ(after, here);
}

TEST_F(Tasks, RunOnPassesExceptionsOn) {
  boost::asio::thread_pool pool{1};
  const std::function<void()> work = [] { throw std::runtime_error("disk full"); };
  EXPECT_THROW(loop.run(run_on(pool.get_executor(), work)), std::runtime_error);
}

TEST_F(Tasks, TheSystemClockSleepsAtLeastAsLongAsAsked) {
  const auto real = make_clock(loop.executor());
  const Duration before = real->steady();
  loop.run(real->sleep_for(milliseconds{30}));
  EXPECT_GE(real->steady() - before, milliseconds{30});
  EXPECT_LT(real->steady() - before, seconds{5});
}

TEST_F(Tasks, TheSystemDiceStayInTheirRangeAndDoNotRepeat) {
  const auto dice = make_dice();
  for (int i = 0; i < 1000; ++i) {
    const double unit = dice->unit();
    ASSERT_GE(unit, 0.0);
    ASSERT_LT(unit, 1.0);
  }
  EXPECT_NE(dice->secret(32), dice->secret(32));
  EXPECT_EQ(dice->secret(24).size(), 24U);
}

TEST_F(Tasks, FakeHttpAnswersInOrderAndRemembersRequests) {
  FakeHttp http;
  http.answer(304);
  http.answer(transient("refused"));
  HttpRequest first;
  first.url = "https://a.example/";
  HttpRequest second;
  second.url = "https://b.example/";
  EXPECT_EQ(run(http.send(first))->status, 304);
  EXPECT_EQ(run(http.send(second)).error().message, "refused");
  ASSERT_EQ(http.requests.size(), 2U);
  EXPECT_EQ(http.requests[1].url, "https://b.example/");
}

}  // namespace
}  // namespace earshot

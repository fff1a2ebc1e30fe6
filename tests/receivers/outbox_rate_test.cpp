// A receiver with a rate limit: notices wait, pages have their reserve, and nothing is lost.
#include <gtest/gtest.h>

#include "earshot/receivers/outbox.hpp"
#include "earshot/store/sqlite.hpp"
#include "support/fake_clock.hpp"
#include "support/run.hpp"

namespace earshot {
namespace {

class Counting final : public Receiver {
 public:
  std::vector<OutboxRow> seen;
  Task<Delivery> deliver(OutboxRow row) override {
    seen.push_back(std::move(row));
    co_return Delivery{DeliveryOutcome::ok, "200", {}};
  }
  bool honours_keys() const override { return true; }
};

class OutboxRate : public testing::Test {
 protected:
  Loop loop;
  FakeClock clock{loop};
  FakeDice dice;
  std::unique_ptr<Store> store = open_sqlite(":memory:");
  std::shared_ptr<Counting> slow = std::make_shared<Counting>();
  std::shared_ptr<Counting> fast = std::make_shared<Counting>();
  Outbox outbox{loop.executor(), *store, clock, dice, hooks()};
  TaskGroup group{loop.executor()};

  static Outbox::Hooks hooks() {
    Outbox::Hooks out;
    out.trouble = [] { return [](StoreWriter&, const OutboxRow&, const std::string&) {}; };
    out.ended = [](const OutboxRow&, const Delivery&, Duration) {};
    return out;
  }
  void SetUp() override {
    outbox.use({{"slow", slow}, {"fast", fast}}, {{"slow", RateLimit{60, 5, 2}}});
    group.spawn("outbox", [this] { return outbox.run(); });
    loop.settle();
  }
  void TearDown() override {
    group.cancel();
    loop.run(group.join());
  }
  void add(const std::string& receiver, Lane lane, int count) {
    loop.run(store->write([&](StoreWriter& writer) {
      for (int i = 0; i < count; ++i) {
        OutboxRow row;
        row.key = row.message_id = receiver + std::to_string(added_++);
        row.receiver = receiver;
        row.lane = lane;
        row.created_at = row.not_before = clock.now();
        writer.add_outbox(row);
      }
    }));
  }
  void pass(Duration span) {
    for (Duration done{}; done < span; done += milliseconds{500}) {
      clock.advance(milliseconds{500});
      outbox.poke();
      loop.settle();
    }
  }

 private:
  int added_ = 0;
};

TEST_F(OutboxRate, NoticesWaitAndSayUntilWhenWhilePagesGo) {
  add("slow", Lane::notice, 20);
  add("fast", Lane::notice, 20);
  outbox.poke();
  loop.settle();
  EXPECT_EQ(slow->seen.size(), 3U) << "a burst of five, two of it for pages";
  EXPECT_EQ(fast->seen.size(), 20U) << "nobody else waits";
  ASSERT_EQ(outbox.delays().size(), 1U);
  EXPECT_EQ(outbox.delays().front().receiver, "slow");
  EXPECT_EQ(outbox.delays().front().lane, Lane::notice);
  EXPECT_GT(outbox.delays().front().until, clock.now());
  EXPECT_LE(outbox.delays().front().until, clock.now() + seconds{2});
  add("slow", Lane::page, 2);
  outbox.poke();
  loop.settle();
  ASSERT_EQ(slow->seen.size(), 5U) << "the reserve is theirs";
  EXPECT_EQ(slow->seen[3].lane, Lane::page);
  pass(seconds{10});
  EXPECT_LE(slow->seen.size(), 15U) << "one a second";
  pass(seconds{20});
  EXPECT_EQ(slow->seen.size(), 22U) << "delayed, not dropped";
  EXPECT_TRUE(outbox.delays().empty());
}

TEST_F(OutboxRate, AReloadWithTheSameRateGivesNoSecondBurst) {
  add("slow", Lane::notice, 20);
  outbox.poke();
  loop.settle();
  ASSERT_EQ(slow->seen.size(), 3U);
  outbox.use({{"slow", slow}}, {{"slow", RateLimit{60, 5, 2}}});
  loop.settle();
  EXPECT_EQ(slow->seen.size(), 3U);
  outbox.use({{"slow", slow}});
  loop.settle();
  EXPECT_EQ(slow->seen.size(), 20U) << "without one nothing waits";
}

}  // namespace
}  // namespace earshot

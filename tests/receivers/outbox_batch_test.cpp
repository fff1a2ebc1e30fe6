// The delivery loop over a real store: what is committed before and after each attempt, and who
// waits for whom.
#include "earshot/receivers/outbox.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>

#include "earshot/store/sqlite.hpp"
#include "support/fake_clock.hpp"
#include "support/run.hpp"

namespace earshot {
namespace {

/// Answers from a queue, ok when it is empty; may hold every delivery until it is let go.
class Scripted final : public Receiver {
 public:
  Scripted(Clock& clock, Store& store) : clock_(clock), store_(store) {}
  Task<Delivery> deliver(OutboxRow row) override {
    rows.push_back(row);
    most = std::max(most, ++running);
    std::optional<OutboxState> seen;
    auto look = [&](StoreReader& reader) { seen = reader.outbox_state(row.id); };
    co_await store_.read(look);
    states.push_back(seen.value_or(OutboxState::dead));
    while (held) co_await clock_.sleep_for(seconds{1});
    if (takes > Duration{}) co_await clock_.sleep_for(takes);
    last_ended = row.key;
    --running;
    Delivery out{DeliveryOutcome::ok, "fine"};
    if (!answers.empty()) {
      out = answers.front();
      answers.pop_front();
    }
    co_return out;
  }
  bool honours_keys() const override { return true; }
  int at_once() const override { return limit; }
  bool may_move() const override { return true; }

  std::vector<OutboxRow> rows;
  std::vector<OutboxState> states;
  std::deque<Delivery> answers;
  bool held = false;
  Duration takes{};
  std::string last_ended;
  int limit = 8;
  int running = 0;
  int most = 0;

 private:
  Clock& clock_;
  Store& store_;
};

class OutboxBatch : public testing::Test {
 protected:
  OutboxBatch() { outbox = make(); }
  std::unique_ptr<Outbox> make() {
    Outbox::Hooks hooks;
    hooks.trouble = [this] {
      return [this](StoreWriter&, const OutboxRow& row, const std::string& why) {
        troubles.push_back(row.receiver + ": " + why);
      };
    };
    hooks.taken = [this](StoreWriter&, const OutboxRow&) { return taken; };
    hooks.ended = [this](const OutboxRow&, const Delivery&, Duration) { ++ended; };
    auto out = std::make_unique<Outbox>(loop.executor(), *store, clock, dice, std::move(hooks));
    out->use({{"a", a}, {"b", b}});
    return out;
  }
  OutboxRow row(const std::string& key, const std::string& receiver, Lane lane = Lane::notice) {
    OutboxRow out;
    out.key = key;
    out.case_id = "c1";
    out.receiver = receiver;
    out.lane = lane;
    out.message_id = key;
    out.body = "{}";
    out.created_at = out.not_before = clock.now();
    return out;
  }
  void add(std::vector<OutboxRow> rows) {
    loop.run(store->write([&](StoreWriter& writer) {
      for (const OutboxRow& it : rows) writer.add_outbox(it);
    }));
    outbox->poke();
  }
  /// Runs the loop for so long (of fake time), then stops it as the daemon's end would. `then` is
  /// added after `pause`, and it runs for `more`.
  void run_for(Duration pause, std::vector<OutboxRow> then = {}, Duration more = {}) {
    boost::asio::cancellation_signal stop;
    bool done = false;
    boost::asio::co_spawn(
        loop.context(), outbox->run(),
        boost::asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr) { done = true; }));
    loop.run(clock, script(pause, std::move(then), more));
    stop.emit(boost::asio::cancellation_type::all);
    loop.settle();
    EXPECT_TRUE(done);
    outbox = make();
  }
  Task<> script(Duration pause, std::vector<OutboxRow> then, Duration more) {
    co_await clock.sleep_for(pause);
    auto work = [&](StoreWriter& writer) {
      for (const OutboxRow& it : then) writer.add_outbox(it);
    };
    co_await store->write(work);
    outbox->poke();
    co_await clock.sleep_for(more);
  }
  std::vector<OutboxRow> stored() {
    std::vector<OutboxRow> out;
    loop.run(store->read([&](StoreReader& reader) { out = reader.outbox_of("c1"); }));
    return out;
  }

  Loop loop;
  FakeClock clock{loop};
  FakeDice dice;
  std::unique_ptr<Store> store = open_sqlite(":memory:");
  std::shared_ptr<Scripted> a = std::make_shared<Scripted>(clock, *store);
  std::shared_ptr<Scripted> b = std::make_shared<Scripted>(clock, *store);
  std::vector<std::string> troubles;
  int ended = 0;
  bool taken = false;
  std::unique_ptr<Outbox> outbox;
};

TEST_F(OutboxBatch, StartedIsStoredBeforeAnythingIsSent) {
  std::vector<OutboxRow> rows;
  for (int i = 0; i < 40; ++i) rows.push_back(row("k" + std::to_string(i), "a"));
  add(rows);
  run_for(seconds{2});
  ASSERT_EQ(a->states.size(), 40U);
  for (const OutboxState it : a->states) EXPECT_EQ(to_word(it), "started");
  for (const OutboxRow& it : stored()) EXPECT_EQ(to_word(it.state), "ok");
  EXPECT_EQ(ended, 40);
  EXPECT_LE(a->most, a->limit);
}

TEST_F(OutboxBatch, ACrowdForOneReceiverHoldsUpNobodyElse) {
  a->held = true;
  std::vector<OutboxRow> rows;
  for (int i = 0; i < 600; ++i) rows.push_back(row("a" + std::to_string(i), "a", Lane::page));
  for (int i = 0; i < 20; ++i) rows.push_back(row("b" + std::to_string(i), "b"));
  add(rows);
  run_for(seconds{3});
  EXPECT_EQ(b->rows.size(), 20U);
  EXPECT_EQ(a->most, a->limit);
}

TEST_F(OutboxBatch, AnUpdateWaitsForTheMessageItFollowsAndCarriesItsId) {
  a->held = true;
  a->limit = 1;
  add({row("page/1", "a", Lane::page)});
  run_for(seconds{1});  // stopped in flight: its outcome is not known
  a->held = false;
  Delivery first{DeliveryOutcome::ok, "HTTP 200"};
  first.id = "ts-1";
  a->answers = {first};
  loop.run(store->write([&](StoreWriter& writer) { writer.recover_outbox(clock.now()); }));
  add({row("update/c1", "a")});
  run_for(seconds{8});
  ASSERT_EQ(a->rows.size(), 3U);
  EXPECT_EQ(a->rows.back().key, "update/c1");
  EXPECT_EQ(a->rows.back().thread, "ts-1");
}

TEST_F(OutboxBatch, WordsAreNoThread) {
  a->answers = {{DeliveryOutcome::ok, "HTTP 204"}};
  add({row("page/1", "a", Lane::page)});
  run_for(seconds{1});
  add({row("update/c1", "a")});
  run_for(seconds{2});
  EXPECT_EQ(a->rows.back().thread, "");
}

TEST_F(OutboxBatch, ANewAddressIsKept) {
  Delivery moved{DeliveryOutcome::again, "moved"};
  moved.moved_to = "-100777";
  a->answers = {moved};
  add({row("page/1", "a", Lane::page)});
  run_for(seconds{10});
  ASSERT_EQ(a->rows.size(), 2U);
  EXPECT_EQ(a->rows[0].moved_to, "");
  EXPECT_EQ(a->rows[1].moved_to, "-100777");
}

TEST_F(OutboxBatch, AReceiverThatIsNotThereIsTold) {
  add({row("k", "nobody")});
  run_for(seconds{3});
  ASSERT_EQ(troubles.size(), 1U);
  EXPECT_EQ(troubles[0], "nobody: no receiver has this name");
}

TEST_F(OutboxBatch, AnOpenBreakerHoldsTheRowsBackAndTellsOnce) {
  for (int i = 0; i < 5; ++i) a->answers.push_back({DeliveryOutcome::again, "down"});
  std::vector<OutboxRow> rows;
  for (int i = 0; i < 5; ++i) rows.push_back(row("k" + std::to_string(i), "a", Lane::page));
  add(rows);
  OutboxRow late = row("late", "a", Lane::page);
  run_for(seconds{1}, {late}, seconds{4});
  EXPECT_EQ(a->rows.size(), 5U) << "no attempt while it is open";
  const auto held = std::ranges::count(troubles, "a: the receiver has failed five times in a row");
  EXPECT_EQ(held, 1) << "the late one; the fifth failure told of itself";
}

TEST_F(OutboxBatch, AProbeClosesTheBreakerAndAllFollow) {
  for (int i = 0; i < 5; ++i) a->answers.push_back({DeliveryOutcome::again, "down"});
  std::vector<OutboxRow> rows;
  for (int i = 0; i < 5; ++i) rows.push_back(row("k" + std::to_string(i), "a", Lane::page));
  add(rows);
  run_for(seconds{60});
  for (const OutboxRow& it : stored()) EXPECT_EQ(to_word(it.state), "ok") << it.key;
  EXPECT_EQ(a->rows.size(), 10U);
}

TEST_F(OutboxBatch, APageThatFailedIsNotRepeatedOnceSomebodyHasTheCase) {
  a->answers = {{DeliveryOutcome::again, "down"}, {DeliveryOutcome::again, "down"}};
  taken = true;
  add({row("page/1", "a", Lane::page), row("notice", "a")});
  run_for(minutes{2});
  EXPECT_EQ(a->rows.size(), 3U) << "a notice is";
  EXPECT_EQ(to_word(stored()[0].state), "cancelled");
  EXPECT_EQ(to_word(stored()[1].state), "ok");
}

TEST_F(OutboxBatch, AStateGoesBehindWhatIsUnderWayAndSoonAfterIt) {
  a->takes = seconds{3};
  add({row("page/1", "a"), row("alert/2", "a")});
  run_for(seconds{2}, {row("alert/3", "a")}, seconds{8});
  ASSERT_EQ(a->rows.size(), 3U);
  EXPECT_EQ(a->most, 1) << "none overtakes another";
  EXPECT_EQ(a->rows[1].key, "alert/2");
  EXPECT_EQ(a->last_ended, "alert/3");
}

TEST_F(OutboxBatch, GoneIsNotAskedAgain) {
  a->answers = {{DeliveryOutcome::gone, "HTTP 410"}};
  add({row("k1", "a")});
  run_for(seconds{2}, {row("k2", "a")}, seconds{3});
  EXPECT_EQ(a->rows.size(), 1U);
  ASSERT_EQ(troubles.size(), 2U);
  EXPECT_NE(troubles.back().find("HTTP 410"), std::string::npos);
}

}  // namespace
}  // namespace earshot

// The outbox against RELIABILITY 2.1, a row of its table each, with a receiver that answers as
// told.
#include "earshot/receivers/outbox.hpp"

#include <gtest/gtest.h>

#include <deque>

#include "../../src/receivers/make.hpp"
#include "earshot/store/sqlite.hpp"
#include "support/fake_clock.hpp"
#include "support/run.hpp"

namespace earshot {
namespace {

/// What a receiver saw of one attempt, and the row as it stood in the store at that moment.
struct Seen {
  OutboxRow row;
  std::optional<OutboxRow> stored;
};

class Scripted final : public Receiver {
 public:
  Scripted(Store& store, bool honours) : store_(store), honours_(honours) {}
  std::deque<Delivery> answers;  ///< then 200
  std::vector<Seen> seen;
  std::function<void()> before_answer = [] {};

  Task<Delivery> deliver(OutboxRow row) override {
    Seen& now = seen.emplace_back(Seen{row, {}});
    std::optional<OutboxRow> stored;
    auto look = [&](StoreReader& reader) { stored = reader.outbox_row(row.id); };
    co_await store_.read(look);
    now.stored = stored;
    before_answer();
    if (answers.empty()) co_return Delivery{DeliveryOutcome::ok, "200", {}};
    Delivery next = std::move(answers.front());
    answers.pop_front();
    co_return next;
  }
  bool honours_keys() const override { return honours_; }

 private:
  Store& store_;
  bool honours_;
};

class OutboxTable : public testing::Test {
 protected:
  Loop loop;
  FakeClock clock{loop};
  FakeDice dice;
  std::unique_ptr<Store> store = open_sqlite(":memory:");
  std::shared_ptr<Scripted> hook = std::make_shared<Scripted>(*store, true);
  std::shared_ptr<Scripted> chat = std::make_shared<Scripted>(*store, false);
  std::vector<std::pair<std::string, std::string>> troubles;  ///< receiver, why
  Outbox outbox{loop.executor(), *store, clock, dice, hooks()};
  TaskGroup group{loop.executor()};

  Outbox::Hooks hooks() {
    Outbox::Hooks out;
    out.trouble = [this] {
      return [this](StoreWriter&, const OutboxRow& row, const std::string& why) {
        troubles.emplace_back(row.receiver, why);
      };
    };
    out.ended = [](const OutboxRow&, const Delivery&, Duration) {};
    return out;
  }
  void SetUp() override {
    outbox.use({{"hook", hook}, {"chat", chat}});
    group.spawn("outbox", [this] { return outbox.run(); });
    loop.settle();
  }
  void TearDown() override {
    group.cancel();
    loop.run(group.join());
  }
  std::int64_t add(std::string receiver, std::string key, Lane lane = Lane::page) {
    OutboxRow row;
    row.key = row.message_id = std::move(key);
    row.case_id = "c1";
    row.receiver = std::move(receiver);
    row.lane = lane;
    row.body = R"({"said":"the same bytes"})";
    row.created_at = row.not_before = clock.now();
    loop.run(store->write([&](StoreWriter& writer) { writer.add_outbox(row); }));
    return all().back().id;
  }
  std::vector<OutboxRow> all() {
    std::vector<OutboxRow> out;
    loop.run(store->read([&](StoreReader& reader) { out = reader.outbox_of("c1"); }));
    return out;
  }
  OutboxRow row(std::int64_t id) {
    for (OutboxRow& it : all()) {
      if (it.id == id) return it;
    }
    return {};
  }
  void pass(Duration span) {
    outbox.poke();
    clock.advance(span);
    loop.settle();
  }
};

Delivery answer(int status, std::string retry = "") {
  HttpResponse response;
  response.status = status;
  if (!retry.empty()) response.headers.emplace_back("Retry-After", std::move(retry));
  return classify_answer(response, from_unix(0));
}
Delivery failure(bool sent, bool permanently = false) {
  Error error = permanently ? permanent("certificate") : transient("reset");
  error.uncertain = sent;
  return classify_answer(error, from_unix(0));
}

struct Line {
  const char* name;
  Delivery answer;
  OutboxState state;     ///< after the first attempt, at a receiver that honours keys
  Duration until_next;   ///< from then to the second attempt; 0 where it follows at once
  std::size_t attempts;  ///< within the next 30 minutes where every attempt is answered so
  bool trouble;          ///< at once: next channel and self-alert
};

TEST_F(OutboxTable, EachClassOfAnswerHasItsNext) {
  const std::vector<Line> lines{
      {"2xx", answer(204), OutboxState::ok, {}, 1, false},
      {"not connected", failure(false), OutboxState::pending, seconds{5}, 0, false},
      {"408", answer(408), OutboxState::pending, seconds{5}, 0, false},
      {"429", answer(429), OutboxState::pending, seconds{5}, 0, false},
      {"503, come back in 40 s", answer(503, "40"), OutboxState::pending, seconds{40}, 0, false},
      {"429, absurd", answer(429, "7200"), OutboxState::pending, seconds{60}, 0, true},
      {"reset after sending", failure(true), OutboxState::uncertain, {}, 0, false},
      {"500", answer(500), OutboxState::uncertain, {}, 0, false},
      {"301", answer(301), OutboxState::pending, minutes{1}, 4, true},
      {"400", answer(400), OutboxState::pending, minutes{1}, 4, true},
      {"401", answer(401), OutboxState::pending, minutes{1}, 4, true},
      {"403", answer(403), OutboxState::pending, minutes{1}, 4, true},
      {"404", answer(404), OutboxState::pending, minutes{1}, 4, true},
      {"405", answer(405), OutboxState::pending, minutes{1}, 4, true},
      {"413", answer(413), OutboxState::pending, minutes{1}, 4, true},
      {"422", answer(422), OutboxState::pending, minutes{1}, 4, true},
      {"certificate", failure(false, true), OutboxState::pending, minutes{1}, 4, true},
      {"410", answer(410), OutboxState::dead, {}, 1, true},
  };
  for (const Line& line : lines) {
    SCOPED_TRACE(line.name);
    const auto fresh = std::make_shared<Scripted>(*store, true);
    outbox.use({{line.name, fresh}});
    troubles.clear();
    fresh->answers.assign(40, line.answer);
    const std::int64_t id = add(line.name, line.name);
    const Instant began = clock.now();
    pass(milliseconds{1});
    ASSERT_GE(fresh->seen.size(), 1U);
    EXPECT_EQ(!troubles.empty(), line.trouble)
        << (troubles.empty() ? "" : troubles.front().first + ": " + troubles.front().second);
    if (fresh->seen.size() == 1) {
      EXPECT_EQ(to_word(row(id).state), to_word(line.state));
      if (line.state != OutboxState::ok && line.state != OutboxState::dead) {
        EXPECT_EQ(row(id).not_before - began, line.until_next);
      }
    } else {
      EXPECT_EQ(line.until_next, Duration{0}) << "a repeat at once";
    }
    for (int minute = 0; minute < 30; ++minute) pass(minutes{1});
    if (line.attempts > 0) {
      EXPECT_EQ(fresh->seen.size(), line.attempts);
    } else {
      EXPECT_GT(fresh->seen.size(), 20U) << "a page goes on until somebody has it";
    }
    for (const Seen& it : fresh->seen) {
      EXPECT_EQ(it.row.body, fresh->seen.front().row.body) << "the same bytes";
      EXPECT_EQ(it.row.message_id, line.name) << "under the same key";
    }
    if (line.attempts == 4) {
      EXPECT_EQ(to_word(row(id).state), "dead");
      EXPECT_GE(troubles.size(), 2U) << "its end is told as well";
    }
    loop.run(store->write([](StoreWriter& writer) { writer.cancel_outbox("c1", Lane::page); }));
  }
}

TEST_F(OutboxTable, AnAttemptIsInTheStoreBeforeItBegins) {
  add("hook", "a");
  pass(milliseconds{1});
  ASSERT_EQ(hook->seen.size(), 1U);
  ASSERT_TRUE(hook->seen[0].stored);
  EXPECT_EQ(to_word(hook->seen[0].stored->state), "started");
  EXPECT_EQ(hook->seen[0].stored->attempts, 1);
  EXPECT_TRUE(hook->seen[0].stored->started_at);
}

TEST_F(OutboxTable, WhereKeysAreIgnoredAnUnknownOutcomeIsRepeatedOnceAfterHalfAMinute) {
  chat->answers = {failure(true), failure(true)};
  const std::int64_t id = add("chat", "a");
  pass(milliseconds{1});
  pass(seconds{29});
  EXPECT_EQ(chat->seen.size(), 1U);
  pass(seconds{2});
  ASSERT_EQ(chat->seen.size(), 2U);
  EXPECT_EQ(chat->seen[1].row.possible_repeats, 1) << "the text says that it may be a repeat";
  pass(hours{1});
  EXPECT_EQ(chat->seen.size(), 2U);
  EXPECT_EQ(to_word(row(id).state), "dead");
  EXPECT_EQ(troubles.size(), 1U);
}

/// As a process finds it that starts after the death of another in the middle of an attempt.
TEST_F(OutboxTable, AfterACrashAStartedRowIsUncertain) {
  for (const auto& [name, pause] : {std::pair{"hook", seconds{0}}, {"chat", seconds{30}}}) {
    OutboxRow left;
    left.key = left.message_id = std::string{"left at "} + name;
    left.case_id = "c1";
    left.receiver = name;
    left.body = "{}";
    left.lane = Lane::page;
    left.created_at = left.not_before = clock.now();
    loop.run(store->write([&](StoreWriter& writer) {
      writer.add_outbox(left);
      OutboxRow row = *writer.outbox_row(writer.outbox_of("c1").back().id);
      row.state = OutboxState::started;
      row.attempts = 1;
      row.started_at = clock.now();
      writer.update_outbox(row);
      writer.recover_outbox(clock.now());
    }));
    Scripted& receiver = std::string_view{name} == "hook" ? *hook : *chat;
    pass(milliseconds{1});
    EXPECT_EQ(receiver.seen.size(), pause == seconds{0} ? 1U : 0U) << name;
    pass(pause + seconds{1});
    ASSERT_EQ(receiver.seen.size(), 1U) << name;
    EXPECT_EQ(receiver.seen[0].row.possible_repeats, 1);
    EXPECT_EQ(receiver.seen[0].row.message_id, left.message_id);
  }
}

TEST_F(OutboxTable, ABreakerOpensAfterFiveFailuresTellsAtOnceAndProbes) {
  hook->answers.assign(100, failure(false));
  for (const char* key : {"a", "b", "c", "d", "e"}) add("hook", key);
  pass(milliseconds{1});
  EXPECT_EQ(hook->seen.size(), 5U);
  EXPECT_TRUE(outbox.broken("hook"));
  EXPECT_EQ(troubles.size(), 1U) << "the row that opened it does not wait for its next turn";
  add("hook", "late");
  pass(milliseconds{1});
  EXPECT_EQ(hook->seen.size(), 5U) << "held back";
  EXPECT_EQ(troubles.size(), 2U) << "but its next channel speaks now";
  pass(seconds{29});
  EXPECT_EQ(hook->seen.size(), 5U);
  pass(seconds{2});
  EXPECT_EQ(hook->seen.size(), 6U) << "one probe";
  pass(seconds{28});
  EXPECT_EQ(hook->seen.size(), 6U);
  hook->answers.clear();
  pass(minutes{2});
  EXPECT_FALSE(outbox.broken("hook"));
  for (const OutboxRow& it : all()) EXPECT_EQ(to_word(it.state), "ok") << it.key;
}

TEST_F(OutboxTable, AReceiverThatIsGoneIsLeftAloneAndItsRowsAreKept) {
  hook->answers = {answer(410)};
  add("hook", "a");
  pass(milliseconds{1});
  const std::int64_t kept = add("hook", "b");
  pass(minutes{20});
  EXPECT_EQ(hook->seen.size(), 1U);
  EXPECT_EQ(to_word(row(kept).state), "pending");
  EXPECT_EQ(troubles.size(), 2U) << "each row once";
  outbox.use({{"hook", hook}});  // a reload
  pass(minutes{6});
  EXPECT_EQ(to_word(row(kept).state), "ok");
}

TEST_F(OutboxTable, NothingStartsAfterAnAcknowledgement) {
  hook->answers = {failure(false), failure(false)};
  const std::int64_t id = add("hook", "a");
  pass(milliseconds{1});
  loop.run(store->write([](StoreWriter& writer) { writer.cancel_outbox("c1", Lane::page); }));
  pass(hours{1});
  EXPECT_EQ(hook->seen.size(), 1U);
  EXPECT_EQ(to_word(row(id).state), "cancelled");
}

TEST_F(OutboxTable, WhatWasErasedWhileItFlewIsNotRepeatedEmpty) {
  hook->answers = {failure(false)};
  const std::int64_t id = add("hook", "k");
  pass(milliseconds{1});
  ASSERT_EQ(hook->seen.size(), 1U);
  loop.run(store->write([](StoreWriter& writer) {
    HeldQuery mine;
    mine.needles = {"the same bytes"};
    for (HeldRow held : writer.held(mine)) {
      held.text("body").clear();
      writer.rewrite(held);
    }
  }));
  pass(minutes{10});
  EXPECT_EQ(hook->seen.size(), 1U);
  EXPECT_EQ(row(id).state, OutboxState::cancelled);
  EXPECT_EQ(row(id).result, "the customer was erased");
}

TEST_F(OutboxTable, PagesOvertakeNotices) {
  hook->answers.assign(1, failure(false));
  for (int i = 0; i < 20; ++i) add("hook", "notice " + std::to_string(i), Lane::notice);
  add("hook", "page");
  pass(milliseconds{1});
  ASSERT_FALSE(hook->seen.empty());
  EXPECT_EQ(hook->seen.front().row.message_id, "page");
}

/// A store that is whole until it is told to fail.
class FailingStore final : public Store {
 public:
  explicit FailingStore(Store& under) : under_(under) {}
  bool fails = false;
  Task<> write(std::function<void(StoreWriter&)> work) override {
    if (fails) throw StoreError("disk full", true);
    co_await under_.write(std::move(work));
  }
  Task<> read(std::function<void(StoreReader&)> work) override {
    return under_.read(std::move(work));
  }
  std::uint64_t commits() const override { return under_.commits(); }
  Task<bool> scrub(std::uint64_t limit) override { return under_.scrub(limit); }
  PoisonGuard& poison() override { return under_.poison(); }
  void ends() override {}

 private:
  Store& under_;
};

/// The daemon ends with 75 and is started again; the process once aborted here.
TEST_F(OutboxTable, AFullDiskUnderAnAttemptReachesWhoEndsTheProcess) {
  FailingStore disk{*store};
  std::vector<std::string> failures;
  Outbox::Hooks told = hooks();
  told.failed = [&](const std::string& name, const std::exception_ptr& why) {
    try {
      std::rethrow_exception(why);
    } catch (const StoreError& error) {
      failures.push_back(name + ": " + error.what());
    }
  };
  group.cancel();  // the fixture's own outbox would take the row
  loop.run(group.join());
  Outbox second{loop.executor(), disk, clock, dice, told};
  TaskGroup running{loop.executor()};
  hook->before_answer = [&] { disk.fails = true; };
  second.use({{"hook", hook}});
  running.spawn("outbox", [&] { return second.run(); });
  add("hook", "k1");
  second.poke();
  loop.settle();
  EXPECT_EQ(failures, std::vector<std::string>{"deliver: disk full"});
  disk.fails = false;
  running.cancel();
  loop.run(running.join());
}

}  // namespace
}  // namespace earshot

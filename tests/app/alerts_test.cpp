// What Alertmanager is told of a case over its life: the alert, its changes, its end, and a
// repetition while it lives.
#include <gtest/gtest.h>

#include "../../src/app/effects.hpp"
#include "../../src/app/pipeline.hpp"
#include "../../src/app/tick.hpp"
#include "earshot/core/json.hpp"
#include "earshot/receivers/outbox.hpp"
#include "earshot/store/sqlite.hpp"
#include "support/fake_clock.hpp"
#include "support/run.hpp"

namespace earshot {
namespace {

Config with_alertmanager() {
  Config it;
  it.watch.company.name = "Brightwave";
  Person jo;
  jo.id = "jo";
  jo.contact = {{ContactKind::via, "am"}};
  it.people = {jo};
  it.escalations = {{"standard", 0, {}, {{{"person:jo"}, minutes{0}}}}};
  it.follow_through.breach_notify.clear();
  it.follow_through.warn_notify.clear();
  it.route.team = "care";
  it.route.escalation = "standard";
  ReceiverConfig am;
  am.name = "am";
  am.type = "alertmanager";
  it.receivers.push_back(am);
  return it;
}

class Alerts : public testing::Test {
 protected:
  Alerts() {
    auto made = make_rules(with_alertmanager());
    EXPECT_TRUE(made) << made.error().message;
    rules = *made;
    Batch batch;
    batch.source = "push";
    batch.next = "1";
    Post post;
    post.id = "1";
    post.author.id = "ann";
    post.text =
        "Smoke came out of my Brightwave lamp, the plug melted and my daughter burnt her hand";
    batch.posts.push_back(post);
    loop.run(pipeline.accept(std::move(batch)));
  }

  std::vector<OutboxRow> rows() {
    std::vector<OutboxRow> found;
    auto read = [&](StoreReader& reader) {
      const CasePage page = reader.cases(CaseQuery{});
      if (id.empty() && page.total == 1) id = page.items.front().id;
      found = reader.outbox_of(id);
    };
    loop.run(store->read(read));
    return found;
  }
  void act(Command command) {
    rows();
    ActAnswer answer;
    loop.run(store->write([&](StoreWriter& writer) {
      answer = act_on(writer, *rules, key, Chance{clock.now(), dice.bits()}, id, command, {});
    }));
    EXPECT_EQ(answer.kind, ActAnswer::Kind::done) << (answer.refusal ? answer.refusal->text : "");
  }
  /// All rows that wait are sent.
  void deliver() {
    for (OutboxRow row : rows()) {
      if (row.state != OutboxState::pending) continue;
      row.state = OutboxState::ok;
      loop.run(store->write([&](StoreWriter& writer) { writer.update_outbox(row); }));
    }
  }
  void later(Duration span) {
    clock.advance(span);
    loop.run(tick.run_once());
  }
  static std::string annotation(const OutboxRow& row, const char* name) {
    const auto read = parse_json(row.body);
    if (!read || !read->IsArray() || read->Empty()) return "unreadable";
    const JsonValue* notes = find((*read)[0], "annotations");
    return notes == nullptr ? "none" : std::string{string_at(*notes, name)};
  }

  Loop loop;
  FakeClock clock{loop};
  FakeDice dice;
  AckKey key{"k1", std::string(32, 's')};
  std::unique_ptr<Store> store = open_sqlite(":memory:");
  std::shared_ptr<const Rules> rules;
  std::string id;
  Pipeline pipeline{
      *store, clock, dice, loop.executor(), [this] { return rules; }, [this] { return key; }};
  Tick tick{*store, clock, dice, [this] { return rules; }, [this] { return key; }};
};

TEST_F(Alerts, AnAcknowledgementAndItsOwnerAreSent) {
  deliver();
  act({Action::ack, "jo", {}});
  const auto all = rows();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(annotation(all.back(), "state"), "acknowledged");
  EXPECT_EQ(annotation(all.back(), "owner"), "jo");
}

TEST_F(Alerts, AnOlderStateThatStillWaitsIsNotSentAfterANewerOne) {
  ASSERT_EQ(rows().front().state, OutboxState::pending);
  act({Action::ack, "jo", {}});
  const auto all = rows();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all.front().state, OutboxState::cancelled);
  EXPECT_EQ(all.back().state, OutboxState::pending);
}

TEST_F(Alerts, BehindOneThatFliesTheNewerStateIsLeftToTheOutbox) {
  OutboxRow flying = rows().front();
  flying.state = OutboxState::started;
  loop.run(store->write([&](StoreWriter& writer) { writer.update_outbox(flying); }));
  act({Action::ack, "jo", {}});
  EXPECT_EQ(rows().front().state, OutboxState::started) << "it is not cancelled";
  EXPECT_TRUE(rows().back().key.starts_with(kAlertPrefix)) << "by which the outbox knows";
  EXPECT_EQ(rows().back().not_before, clock.now());
}

TEST_F(Alerts, ALivingCaseIsRepeatedEveryHalfHourAndAnEndedOneNoMore) {
  ASSERT_EQ(rows().size(), 1U);
  later(minutes{30});
  EXPECT_EQ(rows().size(), 1U) << "what still waits says the same";
  deliver();
  later(minutes{29});
  EXPECT_EQ(rows().size(), 1U);
  later(minutes{1});
  EXPECT_EQ(rows().size(), 2U);
  deliver();
  act({Action::dismiss, "jo", {{"reason", "test"}}});
  act({Action::dismiss, "kim", {{"reason", "test"}}});
  const auto all = rows();
  EXPECT_EQ(annotation(all.back(), "state"), "dismissed");
  deliver();
  later(hours{2});
  EXPECT_EQ(rows().size(), all.size());
}

}  // namespace
}  // namespace earshot

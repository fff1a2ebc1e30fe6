// Status updates: they go where the case was told, once for each place, and nowhere else.
#include <gtest/gtest.h>

#include "../../src/app/effects.hpp"
#include "../../src/app/pipeline.hpp"
#include "../../src/app/tick.hpp"
#include "earshot/receivers/outbox.hpp"
#include "earshot/store/sqlite.hpp"
#include "support/fake_clock.hpp"
#include "support/run.hpp"

namespace earshot {
namespace {

Config chat_config() {
  Config it;
  it.watch.company.name = "Brightwave";
  it.watch.company.handles = {"Brightwave"};
  Person jo;
  jo.id = "jo";
  jo.contact = {{ContactKind::via, "chat"}, {ContactKind::via, "phone"}};
  jo.notify["page"] = {{"chat", Duration{}}, {"phone", Duration{}}};
  Person kim;
  kim.id = "kim";
  kim.contact = {{ContactKind::via, "desk"}};
  it.people = {jo, kim};
  it.escalations = {
      {"standard", 1, {}, {{{"person:jo"}, minutes{0}}, {{"person:kim"}, minutes{10}}}}};
  it.route.team = "care";
  it.route.escalation = "standard";
  for (const auto& [name, type] :
       {std::pair{"chat", "discord"}, {"phone", "ntfy"}, {"desk", "pagerduty"}}) {
    ReceiverConfig receiver;
    receiver.name = name;
    receiver.type = type;
    it.receivers.push_back(receiver);
  }
  return it;
}

class Updates : public testing::Test {
 protected:
  explicit Updates(Config config = chat_config()) {
    auto made = make_rules(std::move(config));
    EXPECT_TRUE(made) << made.error().message;
    rules = *made;
    Batch batch;
    batch.source = "push";
    Post post;
    post.id = "1";
    post.author.id = post.author.handle = "ann";
    post.text =
        "Smoke came out of my Brightwave lamp, the plug melted and my daughter burnt her hand";
    batch.posts.push_back(post);
    loop.run(pipeline.accept(std::move(batch)));
    loop.run(store->read([&](StoreReader& reader) {
      CaseQuery query;
      id = reader.cases(query).items.at(0).id;
    }));
  }
  /// As if these pages had been sent.
  void sent() {
    loop.run(store->write([&](StoreWriter& writer) {
      for (OutboxRow row : writer.outbox_of(id)) {
        row.state = OutboxState::ok;
        row.attempts = 1;
        row.result = "id-" + row.receiver;
        writer.update_outbox(row);
      }
    }));
  }
  void act(Action action, const std::string& who, Arguments args = {}) {
    loop.run(store->write([&](StoreWriter& writer) {
      const ActAnswer answer = act_on(writer, *rules, key, Chance{clock.now(), dice.bits()}, id,
                                      {action, who, std::move(args)}, {});
      EXPECT_TRUE(answer.kind == ActAnswer::Kind::done);
    }));
  }
  std::vector<std::string> updates() {
    std::vector<std::string> out;
    loop.run(store->read([&](StoreReader& reader) {
      for (const OutboxRow& row : reader.outbox_of(id)) {
        if (row.key.starts_with(kUpdatePrefix)) out.push_back(row.receiver);
      }
    }));
    return out;
  }

  Loop loop;
  FakeClock clock{loop};
  FakeDice dice;
  AckKey key{"k1", std::string(32, 's')};
  std::unique_ptr<Store> store = open_sqlite(":memory:");
  std::shared_ptr<const Rules> rules;
  Pipeline pipeline{
      *store, clock, dice, loop.executor(), [this] { return rules; }, [this] { return key; }};
  Tick tick{*store, clock, dice, [this] { return rules; }, [this] { return key; }};
  std::string id;
};

TEST_F(Updates, AHandleWithItsHostIsNoMailAddress) {
  Batch batch;
  batch.source = "push";
  Post post;
  post.id = "2";
  post.author = {"a2", "Mara", "mara@stage.example", 12};
  post.text =
      "@Brightwave smoke came out of the lamp of a friend, it burns, mail mara@home.example";
  batch.posts.push_back(post);
  loop.run(pipeline.accept(std::move(batch)));
  std::string said;
  loop.run(store->read([&](StoreReader& reader) {
    for (const CaseRecord& it : reader.cases({}).items) {
      if (it.id == id) continue;
      for (const OutboxRow& row : reader.outbox_of(it.id)) said += row.body;
    }
  }));
  EXPECT_NE(said.find("Mara (@mara@stage.example)"), std::string::npos) << said;
  EXPECT_EQ(said.find("mara@home.example"), std::string::npos) << said;
}

TEST_F(Updates, WhoWasNeverToldHearsNothing) {
  act(Action::ack, "jo");
  EXPECT_TRUE(updates().empty());
}

TEST_F(Updates, TakenGoesWhereThePageWentButNotToTheTakersOwnPocket) {
  sent();
  act(Action::ack, "jo");
  EXPECT_EQ(updates(), std::vector<std::string>{"chat"});
}

TEST_F(Updates, TakenBySomebodyElseReachesThePhoneToo) {
  sent();
  act(Action::ack, "kim");
  EXPECT_EQ(updates(), (std::vector<std::string>{"chat", "phone"}));
}

TEST_F(Updates, EscalatedAndAnsweredReachThoseWhoWantThem) {
  sent();
  clock.advance(minutes{10});
  loop.run(tick.run_once());
  EXPECT_EQ(updates(), std::vector<std::string>{"chat"}) << "ntfy wants taken and closed only";
  sent();
  act(Action::ack, "kim");
  EXPECT_EQ(updates(), (std::vector<std::string>{"chat", "chat", "phone", "desk"}));
  act(Action::answer, "kim", {{"text", "We ring you now."}});
  EXPECT_EQ(updates().size(), 5U);
}

TEST_F(Updates, DismissedIsToldAsClosed) {
  sent();
  act(Action::ack, "kim");
  const std::size_t before = updates().size();
  act(Action::dismiss, "kim", {{"reason", "spam"}, {"text", "spam"}});
  act(Action::dismiss, "jo", {{"reason", "spam"}, {"text", "spam"}});
  EXPECT_GT(updates().size(), before);
}

class Quiet : public Updates {
 protected:
  Quiet() : Updates(quiet_config()) {}
  static Config quiet_config() {
    Config it = chat_config();
    for (ReceiverConfig& receiver : it.receivers) receiver.updates.emplace();
    return it;
  }
};

TEST_F(Quiet, AnEmptyListMeansNone) {
  sent();
  act(Action::ack, "kim");
  EXPECT_TRUE(updates().empty());
}

}  // namespace
}  // namespace earshot

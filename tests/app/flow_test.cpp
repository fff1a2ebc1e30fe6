// The way of a post through the real pipeline and an in-memory store: what the parts promise each
// other.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/app/aside.hpp"
#include "../../src/app/effects.hpp"
#include "../../src/app/pipeline.hpp"
#include "../../src/app/tick.hpp"
#include "earshot/store/sqlite.hpp"
#include "support/fake_clock.hpp"
#include "support/run.hpp"

namespace earshot {
namespace {

Config small_config() {
  Config it;
  it.watch.company.name = "Brightwave";
  it.watch.company.handles = {"Brightwave"};
  Person jo;
  jo.id = "jo";
  jo.contact = {{ContactKind::via, "push-jo"}};
  Person kim;
  kim.id = "kim";
  kim.contact = {{ContactKind::via, "push-kim"}};
  it.people = {jo, kim};
  it.escalations = {
      {"standard", 1, {}, {{{"person:jo"}, minutes{0}}, {{"person:kim"}, minutes{10}}}}};
  it.route.team = "care";
  it.route.escalation = "standard";
  it.route.receivers = std::vector<std::string>{"chat"};
  for (const char* name : {"push-jo", "push-kim", "chat"}) {
    ReceiverConfig receiver;
    receiver.name = name;
    receiver.type = "log";
    it.receivers.push_back(receiver);
  }
  return it;
}

class Flow : public testing::Test {
 protected:
  Flow() {
    auto made = make_rules(small_config());
    EXPECT_TRUE(made) << made.error().message;
    rules = *made;
  }
  Accepted send(std::string id, std::string text, std::string author = "ann") {
    Batch batch;
    batch.source = "push";
    batch.next = "cursor-" + id;
    Post post;
    post.id = std::move(id);
    post.author.id = post.author.handle = std::move(author);
    post.text = std::move(text);
    batch.posts.push_back(post);
    return loop.run(pipeline.accept(std::move(batch)));
  }
  void look(std::function<void(StoreReader&)> work) { loop.run(store->read(std::move(work))); }
  Case only_case() {
    std::optional<Case> found;
    look([&](StoreReader& reader) {
      CaseQuery query;
      query.states.assign(kWordsOf<CaseState>.begin(), kWordsOf<CaseState>.end());
      const CasePage page = reader.cases(query);
      if (page.total == 1) found = load_case(page.items.front());
    });
    EXPECT_TRUE(found.has_value()) << "one case and no more";
    return found.value_or(Case{});
  }
  ActAnswer act(const std::string& id, Command command) {
    ActAnswer answer;
    loop.run(store->write([&](StoreWriter& writer) {
      answer = act_on(writer, *rules, key, Chance{clock.now(), dice.bits()}, id, command, {});
    }));
    return answer;
  }
  std::size_t pages_to(const std::string& id, const std::string& person) {
    std::size_t n = 0;
    look([&](StoreReader& reader) {
      for (const OutboxRow& row : reader.outbox_of(id)) {
        n += row.lane == Lane::page && row.person == person && row.state == OutboxState::pending
                 ? 1U
                 : 0U;
      }
    });
    return n;
  }
  void later(Duration span) {
    clock.advance(span);
    loop.run(tick.run_once());
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
};

const char* const kHazard =
    "Smoke came out of my Brightwave lamp, the plug melted and my daughter burnt her hand";

TEST_F(Flow, AHazardOpensACaseAndPagesTheFirstStep) {
  const Accepted done = send("1", kHazard);
  EXPECT_EQ(done.opened, 1U);
  EXPECT_EQ(done.pages, 1U);
  const Case it = only_case();
  EXPECT_EQ(it.team, "care");
  EXPECT_EQ(it.told, std::vector<std::string>{"jo"});
  EXPECT_EQ(pages_to(it.id, "jo"), 1U);
  EXPECT_EQ(pages_to(it.id, "kim"), 0U);
}

TEST_F(Flow, TheSamePostTwiceIsOnePost) {
  send("1", kHazard);
  const Accepted again = send("1", kHazard);
  EXPECT_EQ(again.known, 1U);
  EXPECT_EQ(again.stored, 0U);
  EXPECT_EQ(only_case().posts, 1U);
}

TEST_F(Flow, AnEditThatMakesAHazardOfItPages) {
  send("1", "My Brightwave lamp has arrived");
  const Accepted edited = send("1", kHazard);
  EXPECT_EQ(edited.known, 1U);
  EXPECT_EQ(edited.edited, 1U);
  EXPECT_EQ(edited.pages, 1U);
  EXPECT_EQ(only_case().urgency, Urgency::page);
}

TEST_F(Flow, AnEditThatMakesItsCaseWorseRaisesIt) {
  send("1", "@Brightwave I have been waiting for my lamp for three weeks, this is a disgrace");
  ASSERT_EQ(only_case().urgency, Urgency::queue);
  send("1", kHazard);
  const Case it = only_case();
  EXPECT_EQ(it.urgency, Urgency::page);
  EXPECT_EQ(pages_to(it.id, "jo"), 1U);
}

TEST_F(Flow, AMendedTypoWakesNobody) {
  send("1", kHazard);
  const std::int64_t version = only_case().version;
  const Accepted edited = send("1", std::string{kHazard} + ", sorry for my spelling");
  EXPECT_EQ(edited.edited, 1U);
  EXPECT_EQ(only_case().version, version);
  EXPECT_EQ(only_case().posts, 1U);
}

TEST_F(Flow, NewWordsOfTheCustomerJoinTheirCase) {
  send("1", kHazard);
  send("2", std::string{kHazard} + ", please hurry");
  EXPECT_EQ(only_case().posts, 2U);
}

TEST_F(Flow, AnotherAuthorsCopyIsJoinedAndCounted) {
  send("1", kHazard, "ann");
  send("2", kHazard, "bob");
  const Case it = only_case();
  EXPECT_EQ(it.joined, 1U);
  EXPECT_EQ(it.posts, 2U);
}

TEST_F(Flow, AnAcknowledgementStopsThePagesInTheSameTransaction) {
  send("1", kHazard);
  const Case before = only_case();
  const ActAnswer answer = act(before.id, {Action::ack, "jo", {}});
  ASSERT_EQ(answer.kind, ActAnswer::Kind::done);
  EXPECT_EQ(answer.now_case->owner, "jo");
  EXPECT_EQ(only_case().state, CaseState::acknowledged);
  EXPECT_EQ(pages_to(before.id, "jo"), 0U);
  later(minutes{11});
  EXPECT_EQ(pages_to(before.id, "kim"), 0U) << "the next step is not taken";
}

TEST_F(Flow, WithoutAnAcknowledgementTheNextStepFollows) {
  send("1", kHazard);
  const Case it = only_case();
  later(minutes{9});
  EXPECT_EQ(pages_to(it.id, "kim"), 0U);
  later(minutes{2});
  EXPECT_EQ(pages_to(it.id, "kim"), 1U);
}

TEST_F(Flow, AfterAnOutageOnlyTheCurrentStepIsTaken) {
  send("1", kHazard);
  const Case it = only_case();
  later(hours{9});
  EXPECT_EQ(pages_to(it.id, "jo") + pages_to(it.id, "kim"), 2U)
      << "one from before the outage, one after it";
}

TEST_F(Flow, AnAcknowledgementWithoutProgressGoesOneStepUp) {
  send("1", kHazard);
  const Case it = only_case();
  act(it.id, {Action::ack, "jo", {}});
  later(minutes{61});
  EXPECT_EQ(only_case().state, CaseState::open);
  EXPECT_EQ(pages_to(it.id, "kim"), 1U);
}

TEST_F(Flow, TheLedgerAloneRebuildsTheCase) {
  send("1", kHazard);
  const Case it = only_case();
  act(it.id, {Action::ack, "jo", {}});
  act(it.id, {Action::answer, "jo", {{"text", "We ring you now."}}});
  Case rebuilt;
  look([&](StoreReader& reader) {
    LedgerQuery query;
    query.case_id = it.id;
    for (const LedgerEntry& entry : reader.ledger(query)) {
      const auto event = event_from_json(entry.kind, entry.who, entry.at, entry.data);
      ASSERT_TRUE(event) << entry.kind;
      rebuilt = fold(std::move(rebuilt), *event);
    }
  });
  const Case now_case = only_case();
  rebuilt.version = now_case.version;
  EXPECT_EQ(to_json(rebuilt), to_json(now_case));
}

TEST_F(Flow, AChatHearsOfAPageInTheLaneOfPages) {
  send("1", kHazard);
  send("2", "@Brightwave you charged me twice for one lamp, I want my money back", "bob");
  std::map<Lane, int> lanes;
  clock.advance(minutes{6});
  loop.run(tick.run_once());
  look([&](StoreReader& reader) {
    for (const OutboxRow& row : reader.due_outbox(clock.now(), 100)) {
      if (row.receiver == "chat") ++lanes[row.lane];
    }
  });
  EXPECT_EQ(lanes, (std::map<Lane, int>{{Lane::page, 1}, {Lane::notice, 1}}));
}

TEST_F(Flow, APollThatBroughtNothingCommitsNothingForAWhile) {
  const auto poll = [&](std::string next) {
    Batch batch;
    batch.source = "press";
    batch.next = std::move(next);
    loop.run(pipeline.accept(std::move(batch)));
  };
  const auto read_at = [&] {
    std::optional<Instant> at;
    look([&](StoreReader& reader) {
      at = reader.source("press").value_or(SourceState{}).last_success;
    });
    return at;
  };
  const Instant began = clock.now();
  poll("etag-1");
  EXPECT_EQ(read_at(), began);
  clock.advance(minutes{1});
  poll("etag-1");
  EXPECT_EQ(read_at(), began);
  poll("etag-2");
  EXPECT_EQ(read_at(), clock.now()) << "another state is committed";
  clock.advance(minutes{1});
  pipeline.failed("press");
  poll("etag-2");
  EXPECT_EQ(read_at(), clock.now()) << "a failure was written down: the recovery is too";
  clock.advance(minutes{6});
  poll("etag-2");
  EXPECT_EQ(read_at(), clock.now());
}

TEST_F(Flow, ABadItemIsKeptAndTheCursorMoves) {
  Batch batch;
  batch.source = "press";
  batch.next = "after";
  batch.bad.push_back({"7", "<broken", "no end"});
  const Accepted done = loop.run(pipeline.accept(std::move(batch)));
  EXPECT_EQ(done.quarantined, 1U);
  look([&](StoreReader& reader) {
    EXPECT_EQ(reader.source("press").value_or(SourceState{}).state, "after");
    const auto kept = reader.quarantined("press", 10);
    ASSERT_EQ(kept.size(), 1U);
    EXPECT_EQ(kept[0].raw, "<broken");
  });
}

Batch bad_batch(std::string source, std::vector<BadItem> items) {
  Batch batch;
  batch.source = std::move(source);
  batch.next = "after";
  batch.bad = std::move(items);
  return batch;
}

TEST_F(Flow, ABadItemWithoutAnIdIsKeptOnce) {
  Accepted done = loop.run(pipeline.accept(bad_batch("press", {{"", "<broken", "no end"}})));
  EXPECT_EQ(done.quarantined, 1U);
  done =
      loop.run(pipeline.accept(bad_batch("press", {{"", "<broken", "no end"}, {"", "<b", "x"}})));
  EXPECT_EQ(done.quarantined, 1U) << "one of the two is known";
  look([&](StoreReader& reader) { EXPECT_EQ(reader.quarantined("press", 10).size(), 2U); });
}

TEST_F(Flow, AnUnreadablePostOfAWatchedAccountPagesOnce) {
  loop.run(pipeline.accept(bad_batch("press", {{"7", "<item>@Brightwave my lamp", "no end"}})));
  const Case it = only_case();
  EXPECT_EQ(it.kind, "unreadable");
  EXPECT_EQ(it.urgency, Urgency::page);
  EXPECT_EQ(pages_to(it.id, "jo"), 1U);
  loop.run(pipeline.accept(bad_batch("press", {{"8", "<item>@Brightwave again", "no end"}})));
  EXPECT_EQ(only_case().id, it.id) << "its incident is open";
}

TEST_F(Flow, AFullQuarantineUndoesTheBatch) {
  std::vector<BadItem> many;
  for (std::uint64_t i = 0; i < kQuarantineItems; ++i)
    many.push_back({std::to_string(i), "<broken", "no end"});
  EXPECT_EQ(loop.run(pipeline.accept(bad_batch("press", many))).quarantined, kQuarantineItems);
  Batch batch = bad_batch("press", {{"one more", "<broken", "no end"}});
  batch.next = "passed it";
  Post post;
  post.id = "1";
  post.text = kHazard;
  batch.posts.push_back(post);
  EXPECT_THROW(loop.run(pipeline.accept(std::move(batch))), QuarantineFull);
  look([&](StoreReader& reader) {
    EXPECT_EQ(reader.source("press").value_or(SourceState{}).state, "after");
    EXPECT_FALSE(reader.known("press", "1")) << "all of it or none";
  });
  Batch known = bad_batch("press", {{"3", "<broken", "no end"}});
  EXPECT_EQ(loop.run(pipeline.accept(std::move(known))).quarantined, 0U)
      << "known ones need no room";
}

TEST_F(Flow, AGapIsInTheLedgerAndToldToTheOperators) {
  Batch batch = bad_batch("press", {});
  batch.gap = "more than 10 pages are new";
  EXPECT_TRUE(loop.run(pipeline.accept(std::move(batch))).gap);
  look([&](StoreReader& reader) {
    LedgerQuery query;
    query.kind = "gap";
    EXPECT_EQ(reader.ledger(query).size(), 1U);
    std::size_t told = 0;
    for (const OutboxRow& row : reader.outbox_of("")) told += row.key.starts_with("self/gap/press");
    EXPECT_EQ(told, 1U);
  });
}

/// A post over which the process died, once under its batch and twice by itself, is set aside; the
/// others of its batch go on.
TEST_F(Flow, APostThatKilledTheProcessIsSetAsideAlone) {
  const std::string path = testing::TempDir() + "flow-poison-" + std::to_string(::getpid());
  const auto die = [&](const std::function<void(Pipeline&, Loop&)>& work) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::setenv("EARSHOT_CRASH_ON", "judge:poisonous", 1);
      const auto kept = open_sqlite(path, {.inline_work = true});
      Pipeline own{
          *kept, clock, dice, loop.executor(), [this] { return rules; }, [this] { return key; }};
      work(own, loop);
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return status;
  };
  const auto batch = [] {
    Batch out;
    out.source = "press";
    for (const char* id : {"1", "2", "3"}) {
      Post post;
      post.id = id;
      post.text = std::string{kHazard} + id + (post.id == "2" ? " poisonous" : "");
      out.posts.push_back(post);
    }
    return out;
  };
  const auto accept = [&](Pipeline& own, Loop& mine) { mine.run(own.accept(batch())); };
  for (int death = 0; death < 3; ++death) EXPECT_TRUE(WIFSIGNALED(die(accept))) << death;
  EXPECT_EQ(die(accept), 0) << "the fourth process goes on";
  const auto kept = open_sqlite(path, {.inline_work = true});
  std::vector<Quarantined> aside;
  const auto read = [&](StoreReader& reader) {
    EXPECT_TRUE(reader.known("press", "1") && reader.known("press", "3"));
    EXPECT_FALSE(reader.known("press", "2"));
    aside = reader.quarantined("press", 10);
  };
  loop.run(kept->read(read));
  ASSERT_EQ(aside.size(), 1U);
  EXPECT_EQ(aside[0].native_id, "2");
  EXPECT_EQ(aside[0].reason, kPoisonPost);
  EXPECT_NE(aside[0].raw.find("poisonous"), std::string::npos);
}

/// "Next channel at once" (RELIABILITY 2.1): a page that fails falls to the person's next contact.
TEST_F(Flow, APageThatFailsFallsToThePersonsNextContact) {
  Config config = small_config();
  config.people[0].contact.push_back({ContactKind::via, "chat"});
  rules = *make_rules(std::move(config));
  send("1", kHazard);
  const Case it = only_case();
  const auto fail = [&](const std::string& receiver) {
    loop.run(store->write([&](StoreWriter& writer) {
      Effects effects{writer, *rules, key, Chance{clock.now(), 1}};
      for (OutboxRow& row : writer.outbox_of(it.id)) {
        if (row.lane != Lane::page || row.person != "jo" || row.receiver != receiver) continue;
        row.attempts = 1;
        writer.update_outbox(row);
        effects.trouble(row, "HTTP 404");
      }
    }));
  };
  const auto pages_by = [&](const std::string& receiver) {
    std::size_t n = 0;
    look([&](StoreReader& reader) {
      for (const OutboxRow& row : reader.outbox_of(it.id))
        n += row.lane == Lane::page && row.person == "jo" && row.receiver == receiver ? 1U : 0U;
    });
    return n;
  };
  EXPECT_EQ(pages_by("chat"), 0U);
  fail("push-jo");
  EXPECT_EQ(pages_by("chat"), 1U);
  fail("push-jo");
  fail("chat");
  EXPECT_EQ(pages_by("chat") + pages_by("push-jo"), 2U) << "each contact once a step";
}

TEST_F(Flow, AWaitingPageIsOvertakenByALaterOneToTheSamePerson) {
  Config config = small_config();
  config.escalations[0].steps[1].notify = {"person:jo"};
  rules = *make_rules(std::move(config));
  send("1", kHazard);
  const Case it = only_case();
  later(minutes{11});
  EXPECT_EQ(pages_to(it.id, "jo"), 1U)
      << "the receiver was away: one page is enough when it is back";
}

}  // namespace
}  // namespace earshot

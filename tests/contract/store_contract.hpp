#pragma once

/// What any store promises. A backend's test gives a factory: `INSTANTIATE_TEST_SUITE_P(Sqlite,
/// StoreContract, Values(…))`.

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "earshot/store/ledger.hpp"
#include "earshot/store/store.hpp"

namespace earshot::test {

/// Runs one call of the store to its end; what it throws comes out.
inline void store_call(Task<> task) {
  boost::asio::io_context io;
  std::exception_ptr error;
  boost::asio::co_spawn(io, std::move(task), [&error](std::exception_ptr e) { error = e; });
  io.run();
  if (error) std::rethrow_exception(error);
}
inline void write(Store& store, std::function<void(StoreWriter&)> work) {
  store_call(store.write(std::move(work)));
}
inline void read(Store& store, std::function<void(StoreReader&)> work) {
  store_call(store.read(std::move(work)));
}

inline const Instant kNow = from_unix(1'790'000'000);

inline Post sample_post(const std::string& id, const std::string& source = "feed") {
  Post post;
  post.source = source;
  post.id = id;
  post.text = "The lamp went dark, grüße 😀 " + id;
  post.author = {"a1", "Mara", "mara", 4'000'000};
  post.created_at = kNow - seconds{5};
  post.mentions = {"Brightwave", ""};
  post.attachments = {{"bill.pdf", "application/pdf", 12}};
  post.channel = Channel::email;
  post.is_public = false;
  return post;
}

inline NewPost new_post(const Post& post, std::string_view case_id = {}, std::uint64_t copy = 7) {
  NewPost out;
  out.post = &post;
  out.copy_hash = copy;
  out.case_id = case_id;
  return out;
}

inline CaseRecord sample_case(const std::string& id, const std::string& urgency = "queue",
                              const std::string& owner = {}) {
  CaseRecord record;
  record.id = id;
  record.state = "open";
  record.urgency = urgency;
  record.owner = owner;
  record.customer = "cu1";
  record.conversation = "talk";
  record.opened_at = kNow;
  record.updated_at = kNow;
  record.words = "the lamp went dark";
  record.body = "{}";
  return record;
}

inline OutboxRow sample_row(const std::string& key, Lane lane = Lane::page, Instant at = kNow) {
  OutboxRow row;
  row.key = key;
  row.case_id = "c1";
  row.lane = lane;
  row.receiver = "pager";
  row.body = "{}";
  row.created_at = at;
  row.not_before = at;
  return row;
}

using MakeStore = std::function<std::unique_ptr<Store>()>;
class StoreContract : public testing::TestWithParam<std::pair<const char*, MakeStore>> {
 protected:
  std::unique_ptr<Store> store_ = GetParam().second();
};

TEST_P(StoreContract, RecordsAreKeptByKindAndFound) {
  const auto make = [](const std::string& id, const std::string& state) {
    Record it;
    it.kind = "silence";
    it.id = id;
    it.parent = "care";
    it.owner = "jo";
    it.state = state;
    it.due = kNow + minutes{id == "s1" ? 5 : 10};
    it.created_at = it.updated_at = kNow;
    it.body = "{}";
    return it;
  };
  write(*store_, [&](StoreWriter& writer) {
    EXPECT_EQ(writer.put_record(make("s1", "active")), 1);
    EXPECT_EQ(writer.put_record(make("s2", "ended")), 1);
    Record other = make("s1", "active");
    other.kind = "override";
    writer.put_record(other);
    Record again = make("s1", "ended");
    EXPECT_THROW(writer.put_record(again), StoreConflict) << "it exists already";
    again.version = 1;
    EXPECT_EQ(writer.put_record(again), 2);
    EXPECT_THROW(writer.put_record(again), StoreConflict) << "somebody was faster";
  });
  read(*store_, [&](StoreReader& reader) {
    EXPECT_EQ(reader.record("silence", "s1").value_or(Record{}).state, "ended");
    EXPECT_EQ(reader.record("override", "s1").value_or(Record{}).state, "active");
    EXPECT_FALSE(reader.record("silence", "s3"));
    RecordQuery query;
    query.kind = "silence";
    EXPECT_EQ(reader.records(query).size(), 2U);
    query.due_before = kNow + minutes{6};
    EXPECT_EQ(reader.records(query).size(), 1U);
    query.due_before.reset();
    query.states = {"active"};
    EXPECT_TRUE(reader.records(query).empty());
    query.states = {"ended", "active"};
    query.parent = "care";
    query.owner = "jo";
    query.after = "s1";
    query.created_from = kNow;
    query.created_to = kNow + seconds{1};
    const auto found = reader.records(query);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].id, "s2");
    EXPECT_EQ(found[0].due, kNow + minutes{10});
  });
  write(*store_, [](StoreWriter& writer) { writer.remove_record("silence", "s2"); });
  read(*store_, [](StoreReader& reader) { EXPECT_FALSE(reader.record("silence", "s2")); });
}

TEST_P(StoreContract, APostComesBackAsItWent) {
  const Post post = sample_post("1");
  MinHash signature{};
  signature[3] = 9;
  std::int64_t seq = 0;
  write(*store_, [&](StoreWriter& w) {
    NewPost item = new_post(post, "c1", ~0ULL);
    item.assessment = R"({"complaint":1})";
    item.signature = &signature;
    seq = w.add_post(item, kNow);
    EXPECT_EQ(w.known("feed", "1").value().seq, seq);
  });
  read(*store_, [&](StoreReader& r) {
    const auto known = r.known("feed", "1");
    ASSERT_TRUE(known);
    EXPECT_EQ(known->copy_hash, ~0ULL);
    EXPECT_EQ(known->case_id, "c1");
    EXPECT_FALSE(r.known("feed", "2"));
    EXPECT_FALSE(r.known("other", "1"));
    const auto stored = r.post(seq);
    ASSERT_TRUE(stored);
    EXPECT_EQ(stored->post.text, post.text);
    EXPECT_EQ(stored->post.source, "feed");
    EXPECT_EQ(stored->post.author.followers, 4'000'000U);
    EXPECT_EQ(stored->post.created_at, post.created_at);
    EXPECT_FALSE(stored->post.updated_at);
    EXPECT_EQ(stored->post.mentions, post.mentions);
    EXPECT_EQ(stored->post.attachments.at(0).name, "bill.pdf");
    EXPECT_EQ(stored->post.channel, Channel::email);
    EXPECT_FALSE(stored->post.is_public);
    EXPECT_EQ(stored->assessment, R"({"complaint":1})");
    EXPECT_EQ(r.posts_of("c1").size(), 1U);
    EXPECT_EQ(r.posts_after(seq - 1, 10).size(), 1U);
    EXPECT_TRUE(r.posts_after(seq, 10).empty());
    EXPECT_EQ(r.case_of_copy(~0ULL, kNow), "c1");
    EXPECT_EQ(r.case_of_copy(~0ULL, kNow + seconds{1}), "");
    const auto signatures = r.signatures(10);
    ASSERT_EQ(signatures.size(), 1U);
    EXPECT_EQ(signatures[0].signature, signature);
    EXPECT_EQ(signatures[0].case_id, "c1");
  });
}

TEST_P(StoreContract, APostIsStoredOnce) {
  const Post post = sample_post("1");
  write(*store_, [&](StoreWriter& w) { w.add_post(new_post(post), kNow); });
  EXPECT_ANY_THROW(write(*store_, [&](StoreWriter& w) { w.add_post(new_post(post), kNow); }));
  read(*store_, [](StoreReader& r) { EXPECT_EQ(r.posts_after(0, 10).size(), 1U); });
}

TEST_P(StoreContract, AnEditMakesAVersionAndADeletionAMark) {
  const Post post = sample_post("1");
  Post edited = post;
  edited.text = "now it works";
  write(*store_, [&](StoreWriter& w) {
    const auto seq = w.add_post(new_post(post), kNow);
    w.attach_post(seq, "c1");
    w.add_version(seq, new_post(edited), kNow + seconds{9});
    w.mark_deleted(seq, kNow);
  });
  read(*store_, [](StoreReader& r) {
    const auto stored = r.posts_of("c1").at(0);
    EXPECT_EQ(stored.version, 2);
    EXPECT_EQ(stored.post.text, "") << "the platforms want the words of what is deleted gone";
    EXPECT_TRUE(stored.post.deleted);
    EXPECT_EQ(r.known("feed", "1").value().version, 2);
  });
}

TEST_P(StoreContract, AnExceptionUndoesAllOfItsJobAndNothingElse) {
  const Post post = sample_post("1");
  write(*store_, [&](StoreWriter& w) { w.append_ledger({.at = kNow, .who = "a", .kind = "k"}); });
  EXPECT_THROW(write(*store_,
                     [&](StoreWriter& w) {
                       w.add_post(new_post(post), kNow);
                       w.put_source({.name = "feed", .state = "cursor"});
                       w.add_outbox(sample_row("k1"));
                       w.append_ledger({.at = kNow, .who = "b", .kind = "k"});
                       w.put_case(sample_case("c1"));
                       throw std::runtime_error("half way");
                     }),
               std::runtime_error);
  read(*store_, [](StoreReader& r) {
    EXPECT_FALSE(r.known("feed", "1"));
    EXPECT_FALSE(r.source("feed"));
    EXPECT_TRUE(r.due_outbox(kNow, 10).empty());
    EXPECT_FALSE(r.case_by_id("c1"));
    EXPECT_EQ(r.ledger_head().first, 1);
  });
  write(*store_, [&](StoreWriter& w) {
    w.add_post(new_post(post), kNow);
    EXPECT_EQ(w.append_ledger({.at = kNow, .who = "c", .kind = "k"}), 2);
  });
}

TEST_P(StoreContract, ACaseGetsANumberAndTheSlowerWriterAConflict) {
  write(*store_, [](StoreWriter& w) {
    EXPECT_EQ(w.put_case(sample_case("c1")), (std::pair<std::int64_t, std::int64_t>{1, 1}));
    EXPECT_EQ(w.put_case(sample_case("c2")), (std::pair<std::int64_t, std::int64_t>{2, 1}));
    CaseRecord record = w.case_by_id("c1").value();
    record.owner = "ana";
    EXPECT_EQ(w.put_case(record), (std::pair<std::int64_t, std::int64_t>{1, 2}));
  });
  CaseRecord stale = sample_case("c1");
  stale.version = 1;
  EXPECT_THROW(write(*store_, [&](StoreWriter& w) { w.put_case(stale); }), StoreConflict);
  EXPECT_THROW(write(*store_, [&](StoreWriter& w) { w.put_case(sample_case("c1")); }),
               StoreConflict);
  read(*store_, [](StoreReader& r) { EXPECT_EQ(r.case_by_number(1).value().owner, "ana"); });
}

TEST_P(StoreContract, CasesAreListedUnownedFirstThenByUrgencyThenByDue) {
  write(*store_, [](StoreWriter& w) {
    w.put_case(sample_case("owned-page", "page", "ana"));
    w.put_case(sample_case("digest", "digest"));
    w.put_case(sample_case("page-without-due", "page"));
    CaseRecord due = sample_case("page-due", "page");
    due.due = kNow - seconds{1};
    due.words = "lampe dunkel";
    w.put_case(due);
    CaseRecord closed = sample_case("closed", "page");
    closed.state = "closed";
    closed.ended = true;
    w.put_case(closed);
  });
  read(*store_, [](StoreReader& r) {
    CaseQuery query;
    query.limit = 1;
    std::vector<std::string> seen;
    for (int i = 0; i < 9; ++i) {
      const CasePage page = r.cases(query);
      EXPECT_EQ(page.total, 4U);
      for (const CaseRecord& record : page.items) seen.push_back(record.id);
      if (page.next.empty()) break;
      query.after = page.next;
    }
    EXPECT_EQ(seen,
              (std::vector<std::string>{"page-due", "page-without-due", "digest", "owned-page"}));
    CaseQuery late;
    late.late = true;
    late.now = kNow;
    late.words = "LAMPE dunk";
    EXPECT_EQ(r.cases(late).total, 1U);
    CaseQuery closed;
    closed.states = {"closed"};
    EXPECT_EQ(r.cases(closed).total, 1U);
    const auto counts = r.case_counts(kNow);
    EXPECT_EQ(counts.at("open"), 4U);
    EXPECT_EQ(counts.at("unowned"), 3U);
    EXPECT_EQ(counts.at("late"), 1U);
    EXPECT_EQ(r.cases_of("cu1", "talk", kNow, 2).size(), 2U);
    EXPECT_TRUE(r.cases_of("cu1", "other", kNow, 2).empty());
  });
}

TEST_P(StoreContract, CasesAreListedByOwnerAndByStormAndCountedOnlyWhereThatIsWanted) {
  write(*store_, [](StoreWriter& w) {
    w.put_case(sample_case("one", "page", "ana"));
    w.put_case(sample_case("two", "page"));
    w.put_case(sample_case("three", "queue", "ben"));
    for (const char* id : {"one", "three"}) {
      Record record;
      record.kind = "storm_case", record.id = id, record.parent = "s1", record.state = "own";
      record.created_at = record.updated_at = kNow;
      record.body = "{}";
      w.put_record(record);
    }
  });
  read(*store_, [](StoreReader& r) {
    const auto ids = [&](const CaseQuery& query) {
      std::vector<std::string> out;
      for (const CaseRecord& record : r.cases(query).items) out.push_back(record.id);
      return out;
    };
    CaseQuery storm;
    storm.storm = "s1";
    EXPECT_EQ(ids(storm), (std::vector<std::string>{"one", "three"}));
    EXPECT_EQ(r.cases(storm).total, 2U);
    storm.urgency = "queue";
    EXPECT_EQ(ids(storm), std::vector<std::string>{"three"});
    storm.storm = "s2";
    EXPECT_TRUE(ids(storm).empty());
    CaseQuery owned;
    owned.owner = "ana";
    owned.counted = false;
    EXPECT_EQ(ids(owned), std::vector<std::string>{"one"});
    EXPECT_EQ(r.cases(owned).total, 0U);
  });
}

TEST_P(StoreContract, TheOutboxGivesPagesFirstAndAKeyOnce) {
  write(*store_, [](StoreWriter& w) {
    EXPECT_TRUE(w.add_outbox(sample_row("notice", Lane::notice, kNow - seconds{9})));
    EXPECT_TRUE(w.add_outbox(sample_row("later", Lane::page, kNow + seconds{1})));
    EXPECT_TRUE(w.add_outbox(sample_row("page")));
    EXPECT_FALSE(w.add_outbox(sample_row("page")));
    w.arm({.id = "t", .case_id = "c1", .kind = "k", .due = kNow + seconds{5}});
  });
  read(*store_, [](StoreReader& r) {
    const auto due = r.due_outbox(kNow, 10);
    ASSERT_EQ(due.size(), 2U);
    EXPECT_EQ(due[0].key, "page");
    EXPECT_EQ(due[1].key, "notice");
    EXPECT_EQ(r.next_due(), kNow - seconds{9});
    EXPECT_EQ(r.outbox_depths().size(), 2U);
  });
}

TEST_P(StoreContract, AStartedRowIsUncertainAfterACrashAndAnAckCancelsWhatWaits) {
  write(*store_, [](StoreWriter& w) {
    w.add_outbox(sample_row("a"));
    w.add_outbox(sample_row("b"));
    w.add_outbox(sample_row("n", Lane::notice));
    OutboxRow row = w.due_outbox(kNow, 1).at(0);
    row.state = OutboxState::started;
    row.attempts = 1;
    w.update_outbox(row);
    EXPECT_EQ(w.due_outbox(kNow, 10).size(), 2U);
    EXPECT_EQ(w.recover_outbox(kNow + seconds{1}), 1U);
    const OutboxRow again = w.outbox_row(row.id).value();
    EXPECT_EQ(again.state, OutboxState::uncertain);
    EXPECT_EQ(again.possible_repeats, 1);
    EXPECT_EQ(w.due_outbox(kNow + seconds{1}, 10).size(), 3U);
    EXPECT_EQ(w.cancel_outbox("c1", Lane::page), 2U);
    EXPECT_EQ(w.due_outbox(kNow + seconds{1}, 10).size(), 1U);
  });
}

TEST_P(StoreContract, PagesOfACaseThatEndedAndAreOfAnEarlierStepAreNotLive) {
  write(*store_, [&](StoreWriter& w) {
    for (const std::string key : {"old", "waits", "under way", "of this step"}) {
      OutboxRow row = sample_row(key);
      row.step = key == "of this step" ? 1 : 0;
      w.add_outbox(row);
    }
    w.add_outbox(sample_row("a notice", Lane::notice));
    std::map<std::string, OutboxRow> rows;
    for (const OutboxRow& row : w.outbox_of("c1")) rows[row.key] = row;
    rows["old"].state = rows["of this step"].state = OutboxState::ok;
    rows["under way"].state = OutboxState::started;
    rows["under way"].started_at = kNow;
    for (auto& [key, row] : rows) w.update_outbox(row);
  });
  read(*store_, [&](StoreReader& r) {
    std::vector<std::string> keys;
    for (const OutboxRow& row : r.live_pages_of("c1", 1)) keys.push_back(row.key);
    EXPECT_EQ(keys, (std::vector<std::string>{"waits", "under way", "of this step"}));
    EXPECT_TRUE(r.live_pages_of("another", 1).empty());
    const std::string receiver = r.outbox_of("c1").front().receiver;
    EXPECT_EQ(r.outbox_to("c1", receiver).size(), r.outbox_of("c1").size());
    EXPECT_TRUE(r.outbox_to("c1", receiver + "2").empty());
  });
}

TEST_P(StoreContract, TimersAreArmedOnce) {
  write(*store_, [](StoreWriter& w) {
    w.arm({.id = "c1/ack", .case_id = "c1", .kind = "ack", .due = kNow});
    w.arm({.id = "c1/ack", .case_id = "c1", .kind = "ack", .due = kNow + seconds{1}});
    w.arm({.id = "c1/step", .case_id = "c1", .kind = "step", .due = kNow});
    EXPECT_EQ(w.due_timers(kNow, 9).size(), 1U);
    EXPECT_EQ(w.timers_of("c1").size(), 2U);
    w.disarm_case("c1", "step");
    EXPECT_EQ(w.timers_of("c1").size(), 1U);
    w.disarm("c1/ack");
    EXPECT_FALSE(w.next_due());
  });
}

TEST_P(StoreContract, TheLedgerIsAChain) {
  write(*store_, [](StoreWriter& w) {
    for (int i = 0; i < 5; ++i)
      w.append_ledger({.at = kNow,
                       .who = "ana",
                       .kind = "ack",
                       .case_id = i % 2 == 0 ? "c1" : "",
                       .data = "{}"});
  });
  read(*store_, [](StoreReader& r) {
    LedgerCheck check;
    auto entries = r.ledger({});
    for (const LedgerEntry& entry : entries) EXPECT_FALSE(check.next(entry));
    EXPECT_EQ(check.head(), r.ledger_head().second);
    EXPECT_EQ(r.ledger({.case_id = "c1"}).size(), 3U);
    LedgerCheck tampered;
    entries[1].who = "eve";
    EXPECT_FALSE(tampered.next(entries[0]));
    EXPECT_TRUE(tampered.next(entries[1]));
    LedgerCheck gap;
    EXPECT_FALSE(gap.next(entries[0]));
    EXPECT_TRUE(gap.next(entries[2]));
  });
}

TEST_P(StoreContract, SmallThingsAreKept) {
  write(*store_, [](StoreWriter& w) {
    w.put_source({.name = "feed",
                  .state = "s",
                  .last_try = kNow,
                  .failures = 2,
                  .error = "HTTP 503",
                  .items = 9});
    w.put_customer({.id = "cu1",
                    .identities = {"mail:b@example.org", "mail:a@example.org"},
                    .name = "Ann",
                    .contacts = 3,
                    .body = "{}"});
    w.put_customer({.id = "cu2", .identities = {"mail:a@example.org"}, .body = "{}"});
    w.put_token({.id = "t", .hash = "h", .role = "viewer", .created_at = kNow, .revoked_at = kNow});
    w.put_meta("k", "v");
    w.put_answer("push", "key", "202", kNow);
    w.quarantine({.source = "feed",
                  .native_id = "x",
                  .raw = std::string{"\0\xFF", 2},
                  .reason = "bad",
                  .at = kNow});
    w.quarantine({.source = "feed",
                  .native_id = "x",
                  .raw = std::string{"\0\xFF", 2},
                  .reason = "bad",
                  .at = kNow});
  });
  read(*store_, [](StoreReader& r) {
    EXPECT_EQ(r.source("feed").value().failures, 2);
    EXPECT_FALSE(r.source("feed").value().last_success);
    EXPECT_EQ(r.customer_by_identity("mail:b@example.org").value().contacts, 3U);
    EXPECT_EQ(r.customer_by_identity("mail:a@example.org").value().id, "cu2");
    EXPECT_EQ(r.token_by_hash("h").value().revoked_at, kNow);
    EXPECT_EQ(r.meta("k"), "v");
    EXPECT_EQ(r.answer("push", "key"), "202");
    EXPECT_FALSE(r.answer("push", "other"));
    const auto items = r.quarantined("", 10);
    ASSERT_EQ(items.size(), 1U);
    EXPECT_EQ(items[0].tries, 2);
    EXPECT_EQ(items[0].raw.size(), 2U);
  });
  write(*store_, [](StoreWriter& w) { w.remove_quarantined(w.quarantined("feed", 1).at(0).id); });
  read(*store_, [](StoreReader& r) { EXPECT_TRUE(r.quarantined("", 10).empty()); });
}

}  // namespace earshot::test

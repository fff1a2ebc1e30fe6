// No memory, or no database, at any point of the way of a post: the daemon ends there and starts
// again on what it had committed, reads the same page, and everything is there once.
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>
#include <memory>

#include "../../src/app/effects.hpp"
#include "../../src/app/pipeline.hpp"
#include "../../src/store/sqlite_db.hpp"
#include "allocations.hpp"
#include "earshot/store/sqlite.hpp"
#include "support/fake_clock.hpp"
#include "support/run.hpp"
#include "torture.hpp"

namespace earshot {
namespace {

namespace fs = std::filesystem;

std::shared_ptr<const Rules> small_rules() {
  Config it;
  it.watch.company.name = "Brightwave";
  it.watch.company.handles = {"Brightwave"};
  Person jo;
  jo.id = "jo";
  jo.contact = {{ContactKind::via, "push-jo"}};
  it.people = {jo};
  it.escalations = {{"standard", 1, {}, {{{"person:jo"}, minutes{0}}}}};
  it.route.team = "care";
  it.route.escalation = "standard";
  it.route.receivers = std::vector<std::string>{"push-jo"};
  ReceiverConfig receiver;
  receiver.name = "push-jo";
  receiver.type = "log";
  it.receivers = {receiver};
  auto made = make_rules(std::move(it));
  return made ? *made : nullptr;
}

Batch page() {
  Batch out;
  out.source = "mentions";
  out.next = "2";
  for (const char* text :
       {"Smoke came out of my Brightwave lamp, the plug melted and my daughter burnt her hand",
        "@Brightwave I have been waiting for my lamp for three weeks, this is a disgrace"}) {
    Post post;
    post.id = std::to_string(out.posts.size() + 1);
    post.author.id = post.author.handle = "ann" + post.id;
    post.text = text;
    out.posts.push_back(post);
  }
  out.bad.push_back({"3", "{\"id\":3", "no JSON"});
  return out;
}

/// A database in a folder of its own, opened as a start of the daemon does.
class TorturedPipeline : public testing::Test {
 protected:
  TorturedPipeline() {
    torture_libraries();
    std::string name = (fs::temp_directory_path() / "earshot-torture-XXXXXX").string();
    folder = ::mkdtemp(name.data());
    static_cast<void>(open());
    fs::copy_file(path(), folder / "empty.db");
  }
  ~TorturedPipeline() override { fs::remove_all(folder); }

  std::string path() const { return (folder / "earshot.db").string(); }
  std::unique_ptr<Store> open() const {
    SqliteOptions options;
    options.inline_work = true;
    return open_sqlite(path(), options);
  }
  void renew() const {
    for (const char* end : {"", "-wal", "-shm", "-lock", "-parsing"}) fs::remove(path() + end);
    fs::copy_file(folder / "empty.db", path());
  }

  /// One life of the daemon. `n` 0: nothing fails. What was thrown, or "".
  std::string live(std::uint64_t n, Memory memory, std::uint64_t* all = nullptr) {
    Loop loop;
    FakeClock clock{loop};
    FakeDice dice;
    const AckKey key{"k1", std::string(32, 's'), ""};
    const auto store = open();
    Pipeline pipeline{
        *store, clock, dice, loop.executor(), [this] { return rules; }, [&] { return key; }};
    loop.run(pipeline.warm_up());
    Batch batch = page();
    std::string thrown;
    Allocations::arm(n, memory);
    try {
      static_cast<void>(loop.run(pipeline.accept(std::move(batch))));
      Allocations::disarm();
    } catch (const std::exception& e) {
      Allocations::disarm();
      thrown = e.what();
    }
    if (all) *all = Allocations::count();
    return thrown;
  }

  /// Everything a page leaves behind, without ids and times.
  std::string left() {
    Loop loop;
    std::string out;
    const auto store = open();
    loop.run(store->read([&](StoreReader& reader) {
      out += "cursor " + reader.source("mentions")->state + "\n";
      for (const StoredPost& post : reader.posts_after(0, 100))
        out += "post " + post.post.id + "\n";
      for (const Quarantined& item : reader.quarantined("", 100))
        out += "aside " + item.reason + "\n";
      CaseQuery query;
      query.states.assign(kWordsOf<CaseState>.begin(), kWordsOf<CaseState>.end());
      for (const CaseRecord& record : reader.cases(query).items) {
        out += "case " + std::to_string(record.number) + " " + record.state + "\n";
        for (const OutboxRow& row : reader.outbox_of(record.id))
          out += "  to " + row.receiver + " for " + row.person + "\n";
      }
      for (const LedgerEntry& entry : reader.ledger({})) out += "ledger " + entry.kind + "\n";
    }));
    return out;
  }

  void torture_to(const std::vector<std::uint64_t>& at, Memory memory, const std::string& wanted) {
    std::uint64_t thrown = 0;
    const std::int64_t held = sqlite3_memory_used();
    for (const std::uint64_t n : at) {
      renew();
      thrown += live(n, memory).empty() ? 0U : 1U;
      ASSERT_EQ(sqlite3_memory_used(), held) << "a connection stays open after a failure at " << n;
      ASSERT_EQ(live(0, memory), "") << "after a failure at " << n;
      ASSERT_EQ(left(), wanted) << "after a failure at " << n;
    }
    EXPECT_GT(thrown, at.size() / 2) << "a failure that nobody hears of tests nothing";
  }

  fs::path folder;
  std::shared_ptr<const Rules> rules = small_rules();
};

/// A statement that is lost keeps its connection, and the connection's lock, for ever.
TEST_F(TorturedPipeline, NoStatementIsLostWithTheMemoryForItsPlace) {
  const std::int64_t held = sqlite3_memory_used();
  std::uint64_t n = 0;
  do {
    sqlite::Db db{path(), sqlite::Access::read_write, 64};
    Allocations::arm(++n, Memory::once);
    try {
      const sqlite::Query query{db, std::string{"SELECT count(*) FROM post WHERE seq > ?"}};
      Allocations::disarm();
    } catch (const std::exception&) {
      Allocations::disarm();
    }
  } while (sqlite3_memory_used() == held && Allocations::count() >= n);
  EXPECT_EQ(sqlite3_memory_used(), held) << "after a failure at " << n;
}

TEST_F(TorturedPipeline, TheWayOfAPost) {
  ASSERT_TRUE(rules);
  renew();
  static_cast<void>(live(0, Memory::once));
  const std::string wanted = left();
  ASSERT_NE(wanted.find("to push-jo for jo"), std::string::npos) << wanted;
  ASSERT_NE(wanted.find("post 2"), std::string::npos) << wanted;
  ASSERT_NE(wanted.find("aside"), std::string::npos) << wanted;
  renew();
  std::uint64_t all = 0;
  static_cast<void>(live(0, Memory::once, &all));
  ASSERT_GT(all, 1000U);
  torture_to(points(all, 20), Memory::once, wanted);
  torture_to(points(all, 20), Memory::gone, wanted);
  RecordProperty("allocations", std::to_string(all));
}

}  // namespace
}  // namespace earshot

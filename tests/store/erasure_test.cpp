// The chain of the ledger through erasures, and backups put back.
#include <sqlite3.h>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "earshot/store/ledger.hpp"
#include "earshot/store/sqlite.hpp"

namespace earshot {
namespace {

namespace fs = std::filesystem;

class Erasure : public testing::Test {
 protected:
  const Instant kNow = from_unix(1'790'000'000);

  Erasure() {
    std::string pattern = (fs::temp_directory_path() / "earshot-erasure-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
  }
  ~Erasure() override { fs::remove_all(folder); }
  static void call(Task<> task) {
    boost::asio::io_context io;
    std::exception_ptr failed;
    boost::asio::co_spawn(io, std::move(task), [&](std::exception_ptr e) { failed = e; });
    io.run();
    if (failed) std::rethrow_exception(failed);
  }
  static void write(Store& store, std::function<void(StoreWriter&)> work) {
    call(store.write(std::move(work)));
  }
  static void read(Store& store, std::function<void(StoreReader&)> work) {
    call(store.read(std::move(work)));
  }
  std::string file(const std::string& name) const { return (folder / name).string(); }

  std::unique_ptr<Store> made(const std::string& name, int entries) {
    auto store = open_sqlite(file(name), {.inline_work = true});
    write(*store, [&](StoreWriter& w) {
      for (int i = 0; i < entries; ++i)
        w.append_ledger({.at = kNow,
                         .who = "ana",
                         .kind = "noted",
                         .case_id = "c1",
                         .data = "{\"text\":\"secret words " + std::to_string(i) + "\"}"});
    });
    return store;
  }
  void erase(StoreWriter& w, std::int64_t n, const std::string& left, bool tell = true) {
    w.rewrite({"ledger", std::to_string(n), "c1", "noted", {{"data", left}}});
    if (!tell) return;
    w.append_ledger(
        {.at = kNow,
         .who = "kim",
         .kind = "erased",
         .data = "{\"entries\":[[" + std::to_string(n) + ",\"" + to_hex(sha256(left)) + "\"]]}"});
  }
  static std::string verify(Store& store) {
    std::string out;
    read(store, [&](StoreReader& r) {
      LedgerCheck check;
      for (const LedgerEntry& it : r.ledger({.limit = 100'000})) {
        if (const auto bad = check.next(it); bad && out.empty()) out = *bad;
      }
      if (const auto bad = check.finish(); bad && out.empty()) out = *bad;
    });
    return out;
  }
  void sql(const std::string& name, const std::string& text) const {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(file(name).c_str(), &db), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(db, text.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(db);
    sqlite3_close(db);
  }
  std::string bytes(const std::string& name) const {
    std::ifstream in{file(name), std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

  fs::path folder;
};

TEST_F(Erasure, TheChainHoldsBeforeAndAfterAndTheHeadStays) {
  auto store = made("a.db", 50);
  EXPECT_EQ(verify(*store), "");
  std::string hash;
  read(*store, [&](StoreReader& r) { hash = r.ledger_head().second; });
  write(*store, [&](StoreWriter& w) { erase(w, 7, "{\"text\":\"[erased]\"}"); });
  EXPECT_EQ(verify(*store), "");
  read(*store, [&](StoreReader& r) {
    EXPECT_EQ(r.ledger({.after = 49, .limit = 1}).front().hash, hash);
    EXPECT_EQ(r.ledger({.after = 6, .limit = 1}).front().data, "{\"text\":\"[erased]\"}");
  });
  write(*store, [&](StoreWriter& w) { erase(w, 7, "{}"); });
  EXPECT_EQ(verify(*store), "") << "erased twice: the last erasure counts";
}

TEST_F(Erasure, NobodyPassesTamperingOffAsAnErasure) {
  auto store = made("a.db", 50);
  write(*store, [&](StoreWriter& w) { erase(w, 7, "{\"text\":\"[erased]\"}"); });
  write(*store, [&](StoreWriter& w) { erase(w, 9, "{\"text\":\"it was ben\"}", false); });
  EXPECT_NE(verify(*store), "") << "no erasure names it";
  auto other = made("b.db", 50);
  write(*other, [&](StoreWriter& w) { erase(w, 7, "{\"text\":\"[erased]\"}"); });
  other.reset();
  sql("b.db", "UPDATE ledger SET data = '{\"text\":\"it was ben\"}' WHERE n = 7");
  EXPECT_NE(check_sqlite(file("b.db")), "") << "not what the erasure left";
  EXPECT_THROW(open_sqlite(file("b.db")), StoreRefused) << "and it is not run upon";
}

TEST_F(Erasure, EverySingleChangedByteOfAnEntryIsFound) {
  made("a.db", 20);
  const char* changes[] = {"who = 'eve'",         "kind = 'acked'",      "case_id = 'c2'",
                           "at = at + 1",         "data = data || ' '",  "seal = zeroblob(16)",
                           "seal = zeroblob(32)", "hash = zeroblob(32)", "data = '{}'"};
  for (const char* change : changes) {
    fs::copy_file(file("a.db"), file("t.db"), fs::copy_options::overwrite_existing);
    sql("t.db", std::string{"UPDATE ledger SET "} + change + " WHERE n = 11");
    std::string found;
    read_sqlite(file("t.db"), [&](StoreReader& r) {
      LedgerCheck check;
      for (const LedgerEntry& it : r.ledger({.limit = 1'000})) {
        if (const auto bad = check.next(it); bad && found.empty()) found = *bad;
      }
      if (const auto bad = check.finish(); bad && found.empty()) found = *bad;
    });
    EXPECT_NE(found.find("11"), std::string::npos) << change << ": " << found;
  }
}

TEST_F(Erasure, ScrubbingLeavesNoByte) {
  auto store = open_sqlite(file("a.db"));
  write(*store, [&](StoreWriter& w) {
    for (int i = 0; i < 200; ++i)
      w.append_ledger(
          {.at = kNow, .who = "ana", .kind = "noted", .data = "{\"t\":\"secret words\"}"});
  });
  write(*store, [&](StoreWriter& w) {
    for (int i = 1; i <= 200; ++i) erase(w, i, "{}", false);
  });
  bool clean = false;
  auto scrub = [&]() -> Task<> { clean = co_await store->scrub(std::uint64_t{1} << 30U); };
  call(scrub());
  EXPECT_TRUE(clean);
  EXPECT_EQ(bytes("a.db").find("secret words"), std::string::npos);
  EXPECT_EQ(bytes("a.db-wal").find("secret words"), std::string::npos);
  write(*store, [&](StoreWriter& w) { w.put_meta("goes", "on"); });
}

TEST_F(Erasure, ABackupIsPutBackOnlyWhenItIsWhole) {
  auto store = made("a.db", 30);
  ASSERT_TRUE(backup_sqlite(file("a.db"), file("copy.db")));
  write(*store,
        [&](StoreWriter& w) { w.append_ledger({.at = kNow, .who = "ana", .kind = "later"}); });
  write(*store, [&](StoreWriter& w) {
    Record stone;
    stone.kind = "tombstone", stone.id = "ab12", stone.state = "author", stone.body = "{}";
    w.put_record(stone);
  });
  EXPECT_FALSE(restore_sqlite(file("copy.db"), file("a.db"), file("kept.db"))) << "it is in use";
  store.reset();
  fs::copy_file(file("copy.db"), file("bad.db"));
  sql("bad.db", "UPDATE ledger SET who = 'eve' WHERE n = 3");
  EXPECT_FALSE(restore_sqlite(file("bad.db"), file("a.db"), file("kept.db"))) << "a broken chain";
  fs::copy_file(file("copy.db"), file("new.db"));
  sql("new.db", "PRAGMA user_version = 99");
  const auto newer = restore_sqlite(file("new.db"), file("a.db"), file("kept.db"));
  ASSERT_FALSE(newer);
  EXPECT_NE(newer.error().message.find("newer"), std::string::npos) << newer.error().message;
  sql("new.db", "PRAGMA application_id = 5");
  EXPECT_FALSE(restore_sqlite(file("new.db"), file("a.db"), file("kept.db"))) << "not ours";
  EXPECT_FALSE(restore_sqlite(file("a.db"), file("a.db"), file("kept.db"))) << "itself";
  EXPECT_FALSE(fs::exists(file("kept.db")));
  EXPECT_FALSE(fs::exists(file("a.db.restoring")));

  const auto done = restore_sqlite(file("copy.db"), file("a.db"), file("kept.db"));
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->entries, 30);
  EXPECT_TRUE(fs::exists(file("kept.db")));
  EXPECT_EQ(check_sqlite(file("a.db")), "");
  EXPECT_EQ(check_sqlite(file("kept.db")), "");
  const auto again = open_sqlite(file("a.db"), {.inline_work = true});
  read(*again, [&](StoreReader& r) {
    EXPECT_EQ(r.ledger_head(), (std::pair<std::int64_t, std::string>{30, done->head}));
    EXPECT_TRUE(r.record("tombstone", "ab12")) << "who was erased since stays out";
  });
}

}  // namespace
}  // namespace earshot

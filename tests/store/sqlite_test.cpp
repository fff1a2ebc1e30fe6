#include "earshot/store/sqlite.hpp"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include "../../src/store/sqlite_engine.hpp"
#include "../../src/store/sqlite_schema.hpp"
#include "../contract/store_contract.hpp"
#include "support/pace.hpp"

namespace earshot::test {
namespace {

namespace fs = std::filesystem;

/// A folder of its own for each database; gone when the program ends.
class Folder {
 public:
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "earshot-store-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string file(const std::string& name = "earshot.db") const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

std::string fresh() {
  static const Folder folder;
  static std::atomic<int> n{0};
  return folder.file("db" + std::to_string(++n));
}

INSTANTIATE_TEST_SUITE_P(
    Sqlite, StoreContract,
    testing::Values(
        std::pair<const char*, MakeStore>{"memory", [] { return open_sqlite(":memory:"); }},
        std::pair<const char*, MakeStore>{"threads", [] { return open_sqlite(fresh()); }},
        std::pair<const char*, MakeStore>{
            "inline_file", [] { return open_sqlite(fresh(), {.inline_work = true}); }}),
    [](const auto& row) { return std::string{row.param.first}; });

TEST(Sqlite, QueuedJobsShareACommitAndABadOneLeavesTheOthersAlone) {
  const std::string path = fresh();
  const auto store = open_sqlite(path);
  boost::asio::io_context io;
  int good = 0;
  int bad = 0;
  for (int i = 0; i < 200; ++i) {
    boost::asio::co_spawn(io, store->write([i](StoreWriter& w) {
      w.append_ledger({.at = kNow, .who = std::to_string(i), .kind = "k"});
      if (i % 10 == 3) throw std::runtime_error("no");
    }),
                          [&](std::exception_ptr e) { ++(e ? bad : good); });
  }
  io.run();
  EXPECT_EQ(good, 180);
  EXPECT_EQ(bad, 20);
  read(*store, [](StoreReader& r) {
    LedgerCheck check;
    for (const LedgerEntry& entry : r.ledger({})) {
      EXPECT_FALSE(check.next(entry));
      EXPECT_NE(entry.who.back(), '3');
    }
    EXPECT_EQ(check.count(), 180);
  });
}

TEST(Sqlite, ASecondOpenerIsRefusedAndToldByWhom) {
  const std::string path = fresh();
  const auto first = open_sqlite(path);
  try {
    open_sqlite(path);
    FAIL() << "opened twice";
  } catch (const StoreRefused& error) {
    EXPECT_NE(std::string{error.what()}.find(std::to_string(::getpid())), std::string::npos)
        << error.what();
  }
}

TEST(Sqlite, TheFileIsForItsOwnerOnly) {
  const std::string path = fresh();
  const auto store = open_sqlite(path);
  EXPECT_EQ(fs::status(path).permissions() & fs::perms::all,
            fs::perms::owner_read | fs::perms::owner_write);
}

TEST(Sqlite, AForeignOrNewerFileIsRefused) {
  const std::string foreign = fresh();
  { sqlite::Db{foreign, sqlite::Access::read_write, 100}.run("CREATE TABLE x(y)"); }
  EXPECT_THROW(open_sqlite(foreign), StoreRefused);
  const std::string newer = fresh();
  open_sqlite(newer);
  { sqlite::Db{newer, sqlite::Access::read_write, 100}.run("PRAGMA user_version=99"); }
  EXPECT_THROW(open_sqlite(newer), StoreRefused);
  const std::string text = fresh();
  std::ofstream{text} << std::string(8'192, 'x');
  EXPECT_THROW(open_sqlite(text), StoreError);
}

TEST(Sqlite, AChangedLedgerIsFoundAtTheStart) {
  const std::string path = fresh();
  write(*open_sqlite(path), [](StoreWriter& w) {
    for (int i = 0; i < 3; ++i) w.append_ledger({.at = kNow, .who = "ana", .kind = "ack"});
  });
  {
    sqlite::Db{path, sqlite::Access::read_write, 100}.run(
        "UPDATE ledger SET who = 'eve' WHERE n = 2");
  }
  EXPECT_THROW(open_sqlite(path), StoreRefused);
}

TEST(Sqlite, ATruncatedFileIsRefused) {
  const std::string path = fresh();
  open_sqlite(path);
  fs::resize_file(path, fs::file_size(path) / 2);
  EXPECT_THROW(open_sqlite(path), StoreError);
}

/// Writes until it is killed; says through the pipe what was acknowledged.
[[noreturn]] void write_for_ever(const std::string& path, int pipe) {
  const auto store = open_sqlite(path);
  for (std::int64_t i = 0;; ++i) {
    const Post post = sample_post(std::to_string(::getpid()) + "-" + std::to_string(i));
    std::int64_t n = 0;
    write(*store, [&](StoreWriter& w) {
      w.add_post(new_post(post), kNow);
      w.put_meta("newest", post.id);
      n = w.append_ledger({.at = kNow, .who = "w", .kind = "k"});
    });
    if (::write(pipe, &n, sizeof n) != sizeof n) ::_exit(1);
  }
}

TEST(Sqlite, WhatWasAcknowledgedIsThereAfterAKill) {
  const std::string path = fresh();
  std::mt19937 random{42};  // NOLINT: the same moments in every run
  std::int64_t acknowledged = 0;
  for (int round = 0; round < 50; ++round) {
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe(pipe.data()), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(pipe[0]);
      write_for_ever(path, pipe[1]);
    }
    ::close(pipe[1]);
    // The first answer says that it is writing; then it dies some microseconds into what comes
    // next.
    std::int64_t n = 0;
    ASSERT_EQ(::read(pipe[0], &n, sizeof n), static_cast<ssize_t>(sizeof n));
    std::this_thread::sleep_for(std::chrono::microseconds{random() % 8'000});
    ::kill(child, SIGKILL);
    acknowledged = n;
    while (::read(pipe[0], &n, sizeof n) == static_cast<ssize_t>(sizeof n)) acknowledged = n;
    ::close(pipe[0]);
    ::waitpid(child, nullptr, 0);
  }
  const auto store = open_sqlite(path);
  read(*store, [&](StoreReader& r) {
    LedgerCheck check;
    for (const LedgerEntry& entry : r.ledger({.limit = 10'000'000}))
      ASSERT_FALSE(check.next(entry));
    // One more than acknowledged: committed, but the answer was lost.
    EXPECT_GE(check.count(), acknowledged);
    EXPECT_LE(check.count(), acknowledged + 1);
    const auto posts = r.posts_after(0, 10'000'000);
    EXPECT_EQ(posts.size(),
              static_cast<std::size_t>(check.count()));  // never one without the other
    EXPECT_EQ(r.meta("newest"), posts.back().post.id);
    for (const StoredPost& post : posts)
      EXPECT_EQ(r.known("feed", post.post.id).value().seq, post.seq);
  });
  sqlite::Db db{path, sqlite::Access::read_only, 1'000};
  EXPECT_EQ(db.text("PRAGMA integrity_check"), "ok");
}

TEST(Sqlite, AFileThatCannotGrowStopsTheStoreWithEverythingAcknowledgedKept) {
  const std::string path = fresh();
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe(pipe.data()), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto store = open_sqlite(path);
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1'000'000, 1'000'000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    std::int64_t n = 0;
    bool latched = false;
    try {
      for (;;) {
        const std::string data(20'000, 'x');
        write(*store, [&](StoreWriter& w) {
          w.append_ledger({.at = kNow, .who = "w", .kind = "k", .data = data});
        });
        ++n;
      }
    } catch (const StoreError&) {
      try {
        write(*store, [](StoreWriter& w) { w.put_meta("a", "b"); });
      } catch (const StoreError&) {
        latched = true;
      }
    }
    if (::write(pipe[1], &n, sizeof n) != sizeof n) ::_exit(3);
    ::_exit(latched ? 0 : 4);
  }
  std::int64_t n = 0;
  ASSERT_EQ(::read(pipe[0], &n, sizeof n), static_cast<ssize_t>(sizeof n));
  ::close(pipe[0]);
  ::close(pipe[1]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_GT(n, 0);
  const auto store = open_sqlite(path);
  read(*store, [&](StoreReader& r) { EXPECT_EQ(r.ledger_head().first, n); });
}

TEST(Sqlite, AFullDatabaseSaysSoAndGoesOnWhenThereIsRoom) {
  const std::string path = fresh();
  sqlite::Db db{path, sqlite::Access::read_write, 1'000};
  sqlite::migrate(db, sqlite::migrations());
  sqlite::Health health;
  int told = 0;
  sqlite::WriteEngine engine{db, health, steady_now, {}, [&told] { ++told; }};
  const auto none = [] { return std::optional<sqlite::WriteJob>{}; };
  const auto add = [&] {
    const auto jobs = engine.run_group(
        {[](StoreWriter& w) { w.put_meta("k", std::string(200'000, 'x')); }, {}}, none);
    if (jobs.front().error) std::rethrow_exception(jobs.front().error);
  };
  db.number("PRAGMA max_page_count=30");  // answers SQLITE_FULL, as a full disk does
  try {
    add();
    FAIL() << "there was room";
  } catch (const StoreError& error) {
    EXPECT_TRUE(error.full) << error.what();
    EXPECT_NE(std::string{error.what()}.find("disk full"), std::string::npos) << error.what();
  }
  EXPECT_EQ(told, 1) << "whoever holds room back gives it up";
  db.number("PRAGMA max_page_count=100000");
  EXPECT_NO_THROW(add());
  EXPECT_EQ(told, 1);
}

TEST(Sqlite, ABackupIsWholeAndABadOneLeavesTheGoodOneAlone) {
  const std::string path = fresh();
  const std::string out = path + ".backup";
  const auto store = open_sqlite(path);
  const Post post = sample_post("1");
  write(*store, [&](StoreWriter& w) { w.add_post(new_post(post), kNow); });
  ASSERT_TRUE(backup_sqlite(path, out));
  read_sqlite(out, [](StoreReader& r) { EXPECT_TRUE(r.known("feed", "1")); });
  EXPECT_EQ(fs::status(out).permissions() & fs::perms::all,
            fs::perms::owner_read | fs::perms::owner_write);
  const std::string broken = fresh();
  std::ofstream{broken} << std::string(8'192, 'x');
  EXPECT_FALSE(backup_sqlite(broken, out));
  EXPECT_FALSE(backup_sqlite(path, path));
  read_sqlite(out, [](StoreReader& r) { EXPECT_TRUE(r.known("feed", "1")); });
  EXPECT_FALSE(fs::exists(out + ".partial"));
}

TEST(Sqlite, AMigrationHappensWholeOrNotAtAllAndKeepsACopy) {
  const std::string path = fresh();
  write(*open_sqlite(path), [](StoreWriter& w) { w.put_meta("k", "v"); });
  std::vector<const char*> list{sqlite::migrations().begin(), sqlite::migrations().end()};
  list.push_back("CREATE TABLE later(x); INSERT INTO nowhere VALUES(1);");
  const auto old = static_cast<std::int64_t>(sqlite::migrations().size());
  {
    sqlite::Db db{path, sqlite::Access::read_write, 1'000};
    EXPECT_ANY_THROW(sqlite::migrate(db, list));
    EXPECT_EQ(db.number("PRAGMA user_version"), old);
    EXPECT_EQ(db.number("SELECT count(*) FROM sqlite_schema WHERE name = 'later'"), 0);
    list.back() = "CREATE TABLE later(x);";
    sqlite::migrate(db, list);
    EXPECT_EQ(db.number("PRAGMA user_version"), old + 1);
  }
  read_sqlite(path + "-before-v" + std::to_string(old + 1),
              [](StoreReader& r) { EXPECT_EQ(r.meta("k"), "v"); });
  EXPECT_THROW(open_sqlite(path), StoreRefused);
}

TEST(Sqlite, AFileOfAnotherBuildWithTheSameNumberIsRefusedByName) {
  const std::string path = fresh();
  open_sqlite(path);
  const auto change = [&](const char* sql) {
    sqlite::Db{path, sqlite::Access::read_write, 100}.run(sql);
  };
  change("CREATE INDEX mine ON ledger(who)");
  EXPECT_NO_THROW(open_sqlite(path)) << "an operator's own index harms nobody";
  change("ALTER TABLE ledger DROP COLUMN seal");
  try {
    open_sqlite(path);
    FAIL() << "opened";
  } catch (const StoreRefused& refused) {
    EXPECT_NE(std::string{refused.what()}.find("\"ledger\""), std::string::npos) << refused.what();
  }
}

TEST(Sqlite, AKillDuringAMigrationLeavesTheOldOrTheNewLayout) {
  std::mt19937 random{7};  // NOLINT
  std::vector<const char*> list{sqlite::migrations().begin(), sqlite::migrations().end()};
  const auto old = static_cast<std::int64_t>(list.size());
  list.push_back(
      "CREATE TABLE later(x); WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE "
      "n < 20000) "
      "INSERT INTO later SELECT randomblob(100) FROM c; ALTER TABLE meta ADD COLUMN note TEXT;");
  for (int round = 0; round < 20; ++round) {
    const std::string path = fresh();
    open_sqlite(path);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      sqlite::Db db{path, sqlite::Access::read_write, 1'000};
      sqlite::migrate(db, list);
      ::_exit(0);
    }
    std::this_thread::sleep_for(std::chrono::microseconds{random() % 60'000});
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    sqlite::Db db{path, sqlite::Access::read_write, 1'000};
    const bool moved = db.number("PRAGMA user_version") == old + 1;
    EXPECT_EQ(db.number("SELECT count(*) FROM sqlite_schema WHERE name = 'later'"), moved ? 1 : 0);
    EXPECT_EQ(db.number("SELECT count(*) FROM pragma_table_info('meta') WHERE name = 'note'"),
              moved ? 1 : 0);
    EXPECT_NO_THROW(sqlite::migrate(db, list));
    EXPECT_EQ(db.text("PRAGMA integrity_check"), "ok");
  }
}

/// Runs `work` on the database in a process that dies at its end.
void die_after(const std::string& path, const std::function<void(PoisonGuard&)>& work) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto store = open_sqlite(path);
    work(store->poison());
    ::kill(::getpid(), SIGKILL);
  }
  ::waitpid(child, nullptr, 0);
}

TEST(Sqlite, ThePoisonGuardCountsTheDeathsOfTheProcess) {
  const std::string path = fresh();
  for (int round = 1; round <= 3; ++round) {
    die_after(path, [](PoisonGuard& guard) {
      guard.mark("good", "1");
      guard.clear("good");
      guard.mark("bad", "before");
      guard.mark("bad", "abc");
    });
    const auto store = open_sqlite(path);
    EXPECT_EQ(store->poison().deaths("bad", "abc"), round);
    EXPECT_EQ(store->poison().deaths("bad", "before"), 0);
    EXPECT_TRUE(store->poison().suspects("bad"));
    EXPECT_FALSE(store->poison().suspects("good"));
  }
  die_after(path, [](PoisonGuard& guard) {
    guard.mark("bad", "abc");
    guard.clear("bad");
    guard.mark("other", "abc");
  });
  const auto store = open_sqlite(path);
  EXPECT_FALSE(store->poison().suspects("bad")) << "it was survived";
  EXPECT_EQ(store->poison().deaths("other", "abc"), 1);
  store->poison().forgive("abc");
  EXPECT_FALSE(store->poison().suspects("other"));
}

TEST(Sqlite, ThePoisonGuardBlamesNothingForAnOrderlyEnd) {
  const std::string path = fresh();
  { open_sqlite(path)->poison().mark("bad", "abc"); }
  EXPECT_FALSE(open_sqlite(path)->poison().suspects("bad"));
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto store = open_sqlite(path);
    store->poison().mark("bad", "abc");
    store->ends();
    ::_exit(75);
  }
  ::waitpid(child, nullptr, 0);
  EXPECT_FALSE(open_sqlite(path)->poison().suspects("bad"));
}

TEST(Sqlite, APoisonMarkStandsWhileAnExceptionPasses) {
  const std::string path = fresh();
  die_after(path, [](PoisonGuard& guard) {
    { EXPECT_TRUE(PoisonMark(&guard, "quiet").may_read("1")); }
    try {
      PoisonMark mark{&guard, "loud"};
      EXPECT_TRUE(mark.may_read("1"));
      throw std::runtime_error("out of memory");
    } catch (const std::runtime_error&) {  // the process is about to end by it
    }
  });
  const auto store = open_sqlite(path);
  EXPECT_EQ(store->poison().deaths("quiet", "1"), 0);
  EXPECT_EQ(store->poison().deaths("loud", "1"), 1);
  EXPECT_FALSE(PoisonMark(&store->poison(), "loud").may_read("1", 1));
  EXPECT_TRUE(PoisonMark(nullptr, "loud").may_read("1")) << "without a guard everything is read";
}

TEST(Sqlite, AMarkCostsMicrosecondsAndNoSync) {
  const auto store = open_sqlite(fresh());
  constexpr int kRounds = 20'000;
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < kRounds; ++i) {
    store->poison().mark("feed/read", i % 2 == 0 ? "a" : "b");
    store->poison().clear("feed/read");
  }
  const double each =
      std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count() /
      kRounds;
  std::printf("figure: a mark and its end cost %.2f us\n", each);
  EXPECT_LT(each, 200.0 * kPace);  // a sync costs milliseconds
}

TEST(Sqlite, ACancelledCallerDoesNotCutItsTransaction) {
  const std::string path = fresh();
  const auto store = open_sqlite(path);
  boost::asio::io_context io;
  boost::asio::cancellation_signal stop;
  std::atomic<bool> inside{false};
  std::atomic<bool> go{false};
  boost::asio::co_spawn(
      io, store->write([&](StoreWriter& w) {
        inside = true;
        while (!go) std::this_thread::yield();
        w.put_meta("k", "v");
      }),
      boost::asio::bind_cancellation_slot(stop.slot(), [](std::exception_ptr) {}));
  while (!inside) {
    io.poll();
  }
  stop.emit(boost::asio::cancellation_type::terminal);
  go = true;
  io.run();
  read(*store, [](StoreReader& r) { EXPECT_EQ(r.meta("k"), "v"); });
}

TEST(Sqlite, EveryPostIsKnownOverBucketsRestartsRollbacksAndADamagedFilter) {
  const std::string path = fresh();
  constexpr int kPosts = 70'000;  // three filters, eighteen buckets
  const auto fill = [&](Store& store, int from, int to, bool fail) {
    write(store, [&](StoreWriter& w) {
      for (int i = from; i < to; ++i) {
        const Post post = sample_post("id" + std::to_string(i * 7'919 % kPosts));
        ASSERT_FALSE(w.known("feed", post.id));
        w.add_post(new_post(post), kNow);
      }
      if (fail) throw std::runtime_error("undone");
    });
  };
  {
    const auto store = open_sqlite(path);
    fill(*store, 0, 30'000, false);
    EXPECT_THROW(fill(*store, 30'000, 40'000, true),
                 std::runtime_error);  // over the end of a bucket, and back
    fill(*store, 30'000, 40'000, false);
    EXPECT_THROW(fill(*store, 40'000, 70'000, true), std::runtime_error);
  }
  {
    const auto store = open_sqlite(path);
    fill(*store, 40'000, kPosts, false);
  }
  {
    sqlite::Db{path, sqlite::Access::read_write, 1'000}.run(
        "UPDATE post_filter SET bits = zeroblob(length(bits)) WHERE filter = 1");
  }
  const auto store = open_sqlite(path);
  const auto check = [](StoreReader& r, int step) {
    for (int i = 0; i < kPosts; i += step)
      ASSERT_TRUE(r.known("feed", "id" + std::to_string(i))) << i;
    EXPECT_FALSE(r.known("feed", "id" + std::to_string(kPosts)));
  };
  write(*store, [&](StoreWriter& w) { check(w, 1); });
  read(*store, [&](StoreReader& r) { check(r, 97); });
}

}  // namespace
}  // namespace earshot::test

#include "earshot/store/sqlite.hpp"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "../../src/store/sqlite_schema.hpp"
#include "../contract/store_contract.hpp"

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

}  // namespace
}  // namespace earshot::test

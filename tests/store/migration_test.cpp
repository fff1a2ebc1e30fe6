// A migration that is killed at any moment is whole or not done (P21), in a process of its own.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "../../src/store/sqlite_db.hpp"
#include "../../src/store/sqlite_schema.hpp"
#include "../support/later_layout.hpp"

namespace earshot::test {
namespace {

namespace fs = std::filesystem;

constexpr int kRows = 5'000;
constexpr int kRounds = 40;

struct Migration : testing::Test {
  Migration() {
    std::string pattern = (fs::temp_directory_path() / "earshot-migration-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
    sqlite::Db db{file("base.db"), sqlite::Access::read_write, 1'000};
    fill_todays_layout(db, kRows);
  }
  ~Migration() override { fs::remove_all(folder); }
  std::string file(const std::string& name) const { return (fs::path{folder} / name).string(); }

  /// A process that migrates the file.
  pid_t begin(const std::string& path) const {
    const pid_t child = ::fork();
    if (child != 0) return child;
    try {
      sqlite::Db db{path, sqlite::Access::read_write, 100};
      sqlite::migrate(db, next);
    } catch (...) {
      ::_exit(1);
    }
    ::_exit(0);
  }
  /// True where it has come to the new layout; both ways all of it must be there.
  bool look(const std::string& path) const {
    sqlite::Db db{path, sqlite::Access::read_write, 1'000};
    EXPECT_EQ(db.text("PRAGMA integrity_check"), "ok");
    const std::int64_t version = db.number("PRAGMA user_version");
    EXPECT_TRUE(version == old || version == old + 1) << version;
    const bool done = version == old + 1;
    const auto rows = [&](const char* sql) { return db.number(sql); };
    EXPECT_EQ(rows("SELECT count(*) FROM sqlite_schema WHERE name = 'later'"), done ? 1 : 0);
    EXPECT_EQ(rows("SELECT count(*) FROM meta WHERE key LIKE 'row%' AND value = 'moved'"),
              done ? kRows : 0);
    EXPECT_EQ(rows("SELECT count(*) FROM meta WHERE key LIKE 'row%'"), kRows);
    if (done) {
      EXPECT_EQ(rows("SELECT count(*) FROM later WHERE length(v) = 800"), kRows);
    }
    return done;
  }

  std::string folder;
  std::vector<const char*> next = with_later_layout();
  std::int64_t old = static_cast<std::int64_t>(next.size()) - 1;
};

TEST_F(Migration, KilledAtAnyMomentItIsWholeOrNotDone) {
  std::chrono::microseconds whole{0};
  int done = 0;
  for (int round = 0; round <= kRounds; ++round) {
    const std::string path = file(fmt::format("{}.db", round));
    fs::copy_file(file("base.db"), path);
    const auto began = std::chrono::steady_clock::now();
    const pid_t child = begin(path);
    if (round > 0) {
      std::this_thread::sleep_for(whole * (round - 1) / (kRounds - 1));
      ::kill(child, SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    if (round == 0) {
      ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
      whole = std::chrono::duration_cast<std::chrono::microseconds>(
          std::chrono::steady_clock::now() - began);
    }
    SCOPED_TRACE(fmt::format("round {}", round));
    const bool was_done = look(path);
    done += was_done ? 1 : 0;
    if (!was_done) {  // the next start does it
      const pid_t again = begin(path);
      ASSERT_EQ(::waitpid(again, &status, 0), again);
      EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
      EXPECT_TRUE(look(path));
    }
    const std::string before = fmt::format("{}-before-v{}", path, old + 1);
    EXPECT_FALSE(look(before)) << "the copy is of the old layout, and whole";
    for (const std::string& it : {path, before}) fs::remove(it);
  }
  EXPECT_GE(done, 1);
  EXPECT_LE(done, kRounds) << "none was killed before its end";
}

}  // namespace
}  // namespace earshot::test

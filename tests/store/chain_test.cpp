// The chain of a file: every byte of every field counts, and what was changed is named.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <thread>

#include "earshot/store/ledger.hpp"
#include "earshot/store/sqlite.hpp"
#include "support/run.hpp"

namespace earshot {
namespace {

std::int64_t asked(const char* name, std::int64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtoll(text, nullptr, 10) : otherwise;
}

class Chain : public testing::Test {
 protected:
  Chain() { std::filesystem::create_directories(folder_); }
  ~Chain() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  void fill(std::int64_t entries) {
    SqliteOptions options;
    options.inline_work = true;
    options.background_check = false;
    const auto store = open_sqlite(path, options);
    Loop loop;
    for (std::int64_t done = 0; done < entries;) {
      auto work = [&](StoreWriter& writer) {
        for (int i = 0; i < 5000 && done < entries; ++i, ++done) {
          writer.append_ledger(
              {0, from_unix_ms(1'767'600'000'000 + done), done % 3 == 0 ? "jo" : "triage",
               done % 2 == 0 ? "acknowledged" : "noted", fmt::format("c01JX{:011}", done / 4),
               fmt::format(
                   R"({{"text":"entry {} of a case that goes on","decays_at":"2026-11-26T09:00:00Z"}})",
                   done),
               ""});
        }
      };
      loop.run(store->write(work));
    }
  }
  std::string sql(const std::string& text) {
    sqlite3* db = nullptr;
    std::string out;
    EXPECT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
    const auto keep = [](void* to, int, char** cells, char**) {
      if (cells[0] != nullptr) *static_cast<std::string*>(to) = cells[0];
      return 0;
    };
    EXPECT_EQ(sqlite3_exec(db, text.c_str(), keep, &out, nullptr), SQLITE_OK)
        << text << sqlite3_errmsg(db);
    sqlite3_close(db);
    return out;
  }
  ChainPart whole(std::int64_t upto) { return check_chain(path, 0, upto); }

  std::filesystem::path folder_ =
      std::filesystem::path{testing::TempDir()} / fmt::format("earshot-chain-{}", ::getpid());
  std::string path = (folder_ / "chain.db").string();
};

TEST_F(Chain, IsTheSameInParts) {
  fill(1000);
  const ChainPart all = whole(1000);
  EXPECT_EQ(all.entries, 1000);
  EXPECT_FALSE(all.wrong) << all.problem;
  EXPECT_EQ(check_chain(path, 0, 400).head.size(), 64U);
  EXPECT_EQ(check_chain(path, 400, 1000).head, all.head);
  EXPECT_EQ(check_chain(path, 400, 1000).entries, 600);
  EXPECT_EQ(check_chain(path, 1000, 1000).entries, 0);
}

TEST_F(Chain, NamesAnEntryThatIsGoneOrTheEndThatIs) {
  fill(50);
  sql("DELETE FROM ledger WHERE n = 20");
  EXPECT_EQ(whole(50).wrong, 20);
  sql("DELETE FROM ledger WHERE n > 40");
  EXPECT_EQ(check_chain(path, 20, 50).wrong, 20);  // the entry that its part begins behind
  EXPECT_EQ(check_chain(path, 21, 50).wrong, 41);
}

/// Any byte of any stored entry, in the file itself. EARSHOT_FLIPS: how many.
TEST_F(Chain, EveryChangedByteIsFoundAndNamed) {
  fill(200);
  sql("PRAGMA wal_checkpoint(TRUNCATE)");
  sql("PRAGMA journal_mode=DELETE");
  std::ifstream in{path, std::ios::binary};
  const std::string good{std::istreambuf_iterator<char>{in}, {}};
  std::mt19937_64 random{7};
  const std::int64_t flips = asked("EARSHOT_FLIPS", 100);
  std::int64_t found = 0;
  for (std::int64_t i = 0; i < flips; ++i) {
    const auto n = static_cast<std::int64_t>(random() % 200) + 1;
    const std::int64_t done = n - 1;
    // The fields of a row stand one behind the other: who kind case_id data hash.
    const std::string who = done % 3 == 0 ? "jo" : "triage";
    const std::string kind = done % 2 == 0 ? "acknowledged" : "noted";
    const std::string row =
        who + kind + fmt::format("c01JX{:011}", done / 4) +
        fmt::format(
            R"({{"text":"entry {} of a case that goes on","decays_at":"2026-11-26T09:00:00Z"}})",
            done);
    const std::size_t at = good.find(row);
    ASSERT_NE(at, std::string::npos) << row;
    std::string bad = good;
    const std::size_t byte = at + random() % (row.size() + 32);
    bad[byte] = static_cast<char>(bad[byte] ^ static_cast<char>(1 + random() % 255));
    std::ofstream{path, std::ios::binary | std::ios::trunc} << bad;
    const ChainPart part = whole(200);
    EXPECT_EQ(part.wrong, n) << "byte " << byte - at << ": " << part.problem;
    found += part.wrong == n ? 1 : 0;
  }
  EXPECT_EQ(found, flips);
  std::printf("figure: %lld of %lld changed bytes found and named\n", static_cast<long long>(found),
              static_cast<long long>(flips));
}

/// EARSHOT_ENTRIES: how many; a million in the release part.
TEST_F(Chain, IsWalkedFast) {
  const std::int64_t entries = asked("EARSHOT_ENTRIES", 20'000);
  fill(entries);
  const auto began = std::chrono::steady_clock::now();
  std::vector<ChainPart> parts(2);
  {
    const std::jthread first{[&] { parts[0] = check_chain(path, 0, entries / 2); }};
    const std::jthread second{[&] { parts[1] = check_chain(path, entries / 2, entries); }};
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  EXPECT_EQ(parts[0].entries + parts[1].entries, entries);
  EXPECT_FALSE(parts[0].wrong || parts[1].wrong);
  std::printf("figure: %lld entries verified in %.2f s\n", static_cast<long long>(entries),
              took.count());
}

}  // namespace
}  // namespace earshot

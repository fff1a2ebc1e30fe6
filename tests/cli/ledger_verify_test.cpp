// `earshot ledger verify`: the chain in parts, and every case against its own events.
#include "../../src/cli/ledger_verify.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <filesystem>

#include "earshot/cases/machine.hpp"
#include "earshot/store/sqlite.hpp"
#include "support/run.hpp"

namespace earshot::cli {
namespace {

class LedgerVerify : public testing::Test {
 protected:
  LedgerVerify() {
    std::filesystem::create_directories(folder_);
    SqliteOptions options;
    options.inline_work = true;
    options.background_check = false;
    const auto store = open_sqlite(path, options);
    Loop loop;
    auto work = [](StoreWriter& writer) {
      for (int i = 0; i < 40; ++i) open_and_take(writer, fmt::format("c{}", i));
    };
    loop.run(store->write(work));
  }
  ~LedgerVerify() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  static void open_and_take(StoreWriter& writer, const std::string& id) {
    const Instant now = from_unix(1'767'600'000);
    Case it;
    it.id = id;
    it.team = "care";
    it.opened_at = it.posted_at = it.updated_at = now;
    CaseRecord record;
    record.id = id;
    record.state = "open";
    record.urgency = "queue";
    record.opened_at = record.updated_at = now;
    record.body = to_json(it);
    std::tie(it.number, it.version) = writer.put_case(record);
    const Event opened{EventKind::opened, "triage", now, {{"case", to_json(it)}}};
    writer.append_ledger({0, now, "triage", "opened", id, to_json(opened), ""});
    const Event taken{EventKind::acknowledged, "jo", now, {{"owner", "jo"}}};
    it = fold(std::move(it), taken);
    record.version = it.version;
    record.number = it.number;
    record.state = "acknowledged";
    record.owner = "jo";
    record.body = to_json(it);
    writer.put_case(record);
    writer.append_ledger({0, now, "jo", "acknowledged", id, to_json(taken), ""});
  }
  void sql(const std::string& text) const {
    sqlite3* db = nullptr;
    EXPECT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(db, text.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(db);
    sqlite3_close(db);
  }

  std::filesystem::path folder_ =
      std::filesystem::path{testing::TempDir()} / fmt::format("earshot-verify-{}", ::getpid());
  std::string path = (folder_ / "verify.db").string();
};

TEST_F(LedgerVerify, AWholeOneIsWhole) {
  for (const unsigned threads : {1U, 3U}) {
    const Verified found = verify_ledger(path, true, threads);
    EXPECT_EQ(found.problem, "");
    EXPECT_EQ(found.entries, 80);
    EXPECT_EQ(found.cases, 40);
    EXPECT_EQ(found.head.size(), 64U);
  }
}

TEST_F(LedgerVerify, ACaseThatWasChangedBehindItsEventsIsNamed) {
  sql("UPDATE cases SET body = replace(body, '\"care\"', '\"nobody\"') WHERE id = 'c7'");
  EXPECT_EQ(verify_ledger(path, false, 2).problem, "");
  const Verified found = verify_ledger(path, true, 2);
  EXPECT_EQ(found.wrong_case, "c7");
  EXPECT_NE(found.problem, "");
}

TEST_F(LedgerVerify, TheFirstChangedEntryIsNamed) {
  sql("UPDATE ledger SET who = 'kim' WHERE n IN (31, 60)");
  const Verified found = verify_ledger(path, true, 2);
  EXPECT_EQ(found.wrong_entry, 31);
  EXPECT_EQ(found.entries, 30);
  EXPECT_EQ(found.problem, "entry 31 was changed: its hash does not fit");
}

}  // namespace
}  // namespace earshot::cli

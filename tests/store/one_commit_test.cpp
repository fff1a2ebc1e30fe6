// What one job writes is in the file with one commit.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "../../src/store/sqlite_engine.hpp"
#include "../../src/store/sqlite_schema.hpp"

namespace earshot {
namespace {

TEST(OneTransaction, WhatAJobWritesIsThereAtOnceOrNotAtAll) {
  sqlite::Db db{":memory:", sqlite::Access::read_write, 1'000};
  sqlite::migrate(db, sqlite::migrations());
  sqlite::Health health;
  sqlite::WriteEngine engine{db, health};
  int commits = 0;
  const auto count = [](void* counter) {
    ++*static_cast<int*>(counter);
    return 0;
  };
  sqlite3_commit_hook(db.handle(), count, &commits);
  const auto none = [] { return std::optional<sqlite::WriteJob>{}; };
  const auto work = [](StoreWriter& writer) {
    writer.append_ledger({.who = "tick", .kind = "escalated"});
    OutboxRow row;
    row.key = "page/1";
    row.receiver = "push";
    writer.add_outbox(row);
  };
  const auto jobs = engine.run_group({work, {}}, none);
  EXPECT_FALSE(jobs.front().error);
  EXPECT_EQ(commits, 1);
  sqlite3_commit_hook(db.handle(), nullptr, nullptr);
  EXPECT_EQ(db.number("SELECT count(*) FROM outbox"), 1);
}

}  // namespace
}  // namespace earshot

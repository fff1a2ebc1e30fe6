#pragma once

/// The product's own SQLite store with its real engine, schema and group commit, driven by virtual
/// time instead of threads: a job waits for the one before it, the commit takes as long as the disk
/// is slow, and whoever asked hears of it afterwards. Between commit and answer everything may die.

#include <sqlite3.h>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "../../src/store/files.hpp"
#include "../../src/store/sqlite_engine.hpp"
#include "disk.hpp"
#include "engine.hpp"

namespace earshot::sim {

/// How long the disk takes; drawn anew for each commit.
struct DiskPace {
  double mean_ms = 2;
  double slow_share = 0;   ///< of the commits …
  double slow_ms = 3'000;  ///< … take up to this
};

class SimStore final : public Store {
 public:
  /// `lost_power`: called where the disk went dark in a commit; the caller ends the process.
  /// `on_full`: where a commit found the disk full. `mark`: what it met, by name (I16).
  SimStore(Process& process, Disk& disk, std::string path, Random random, const DiskPace& pace,
           std::function<void()> lost_power, std::function<void()> on_full,
           std::function<void(std::string_view)> mark);

  Task<> write(std::function<void(StoreWriter&)> work) override;
  Task<> read(std::function<void(StoreReader&)> work) override;
  std::uint64_t commits() const override { return engine_.commits(); }
  Task<bool> scrub(std::uint64_t limit) override { co_return engine_.scrub(limit); }
  PoisonGuard& poison() override { return guard_; }
  void ends() override { guard_.clear_all(); }

  /// Of a process that was killed: gives its page cache back, which nobody reads any more.
  void forget_pages() { sqlite3_db_release_memory(db_.handle()); }

  /// At once, without the daemon: for the checks.
  void look(const std::function<void(StoreReader&)>& work);
  /// "ok", or what SQLite found (I13).
  std::string quick_check() { return db_.text("PRAGMA quick_check"); }
  std::string integrity_check() { return db_.text("PRAGMA integrity_check"); }
  /// Somebody waits for a commit.
  bool busy() const { return busy_; }
  /// Transactions that are committed and whose callers do not know it yet.
  std::size_t unanswered() const { return unanswered_; }
  /// Messages whose attempt has begun and has not ended.
  std::int64_t on_their_way() {
    return db_.number("SELECT count(*) FROM outbox WHERE state = 'started'");
  }

 private:
  void begin();
  Duration draw();

  Process& process_;
  Disk& disk_;
  Random random_;
  const DiskPace& pace_;
  std::function<void()> lost_power_;
  std::function<void(std::string_view)> mark_;
  sqlite::PoisonFile guard_{""};
  sqlite::Health health_;
  sqlite::Db db_;
  sqlite::WriteEngine engine_;
  sqlite::Tables tables_;
  std::deque<sqlite::WriteJob> jobs_;
  bool busy_ = false;
  std::size_t unanswered_ = 0;
};

}  // namespace earshot::sim

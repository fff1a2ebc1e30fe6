#include "sqlite_engine.hpp"
#include "earshot/core/planted.hpp"
#include "earshot/core/rare.hpp"
#include "earshot/store/sqlite.hpp"

#include <sqlite3.h>

namespace earshot::sqlite {
namespace {

// A group ends at about one page of a big source, or as long as a page (the urgent kind) may well
// wait.
constexpr std::size_t kGroupPosts = 1'000;
constexpr Duration kGroupTime{5};
// 5 s each (busy_timeout): somebody else's transaction on our file, such as a sqlite3 shell, is
// waited for a minute.
constexpr int kBusyTries = 12;
// Pages of 4 KiB in the write-ahead log. At rest it is copied back early, under load late: a page
// that was written often is then copied once, and the log stays short enough to be read in
// milliseconds after a crash.
constexpr int kIdleFrames = 1'000;
constexpr int kBusyFrames = 4'000;

}  // namespace

void Health::fail(const std::string& why, bool broken) {
  const std::scoped_lock lock{mutex_};
  if (why_.empty()) why_ = why;
  broken_ = broken_ || broken;
}

void Health::check() const {
  const std::scoped_lock lock{mutex_};
  if (why_.empty()) return;
  const std::string text = "the store has stopped after an error: " + why_;
  if (broken_) throw StoreBroken(text);
  throw StoreError(text);
}

void WriteEngine::begin() {
  for (int left = kBusyTries;; --left) {
    const int code =
        sqlite3_exec(tables_.db.handle(), "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
    if (code == SQLITE_OK) return;
    if ((code & 0xFF) != SQLITE_BUSY || left == 1)
      tables_.db.fail(code, "no transaction can be started");
  }
}

void WriteEngine::run_one(WriteJob& job) {
  if (rare("store.cold_cache")) tables_.forget();
  Query{tables_.db, "SAVEPOINT job"}.run();
  try {
    job.work(writer_);
  } catch (const StoreError&) {
    throw;  // undoes the whole group
  } catch (...) {
    job.error = std::current_exception();
  }
  // SQLite itself rolls everything back after some errors, even if the work swallowed the
  // exception.
  if (!tables_.db.in_transaction())
    throw StoreError(tables_.db.path() + ": the transaction was undone by SQLite");
  if (job.error) {
    Query{tables_.db, "ROLLBACK TO job"}.run();
    if (!planted<32>) tables_.forget();
  }
  Query{tables_.db, "RELEASE job"}.run();
}

std::vector<WriteJob> WriteEngine::run_group(WriteJob first,
                                             const std::function<std::optional<WriteJob>()>& more) {
  std::vector<WriteJob> jobs;
  jobs.push_back(std::move(first));
  if (jobs.back().alone) {
    run_alone(jobs.back());
    return jobs;
  }
  std::optional<WriteJob> after;  // wants to be alone, and came while this group was at work
  try {
    health_.check();
    if (planted<3>)
      tables_.db.run("CREATE TEMP TABLE IF NOT EXISTS held AS SELECT * FROM outbox WHERE 0");
    begin();
    const auto end = steady_() + kGroupTime;
    std::size_t posts = 0;
    for (;;) {
      run_one(jobs.back());
      posts += writer_.take_posts();
      if (posts >= kGroupPosts || steady_() >= end || rare("store.group_of_one")) break;
      auto next = more();
      if (!next) break;
      if (next->alone) {
        after = std::move(next);
        break;
      }
      jobs.push_back(std::move(*next));
    }
    Query{tables_.db, "COMMIT"}.run();
    ++commits_;
    if (planted<3>)
      tables_.db.run(
          "BEGIN IMMEDIATE; INSERT OR IGNORE INTO outbox SELECT * FROM held; DELETE FROM held; "
          "COMMIT");
  } catch (const StoreError& error) {
    tables_.db.rollback();
    tables_.forget();
    writer_.take_posts();
    if (!planted<19>) note(error);
    for (WriteJob& job : jobs) job.error = std::current_exception();
  } catch (...) {
    tables_.db.rollback();
    tables_.forget();
    for (WriteJob& job : jobs) job.error = std::current_exception();
  }
  if (after) {
    run_alone(*after);
    jobs.push_back(std::move(*after));
  }
  return jobs;
}

void WriteEngine::run_alone(WriteJob& job) {
  try {
    job.alone();
  } catch (...) {
    job.error = std::current_exception();
  }
}

void WriteEngine::tidy(bool idle) {
  const bool early = tables_.db.log_frames() > 0 && rare("store.early_checkpoint");
  if (!early && tables_.db.log_frames() < (idle ? kIdleFrames : kBusyFrames)) return;
  try {
    health_.check();
    tables_.db.checkpoint();
  } catch (const StoreError& error) {
    note(error);
  }
}

/// No second sync after a failed one: the kernel may have marked lost pages clean. A full disk is
/// found before the sync.
void WriteEngine::note(const StoreError& error) {
  if (!error.full)
    health_.fail(error.what(), dynamic_cast<const StoreBroken*>(&error) != nullptr);
  else if (on_full_)
    on_full_();
}

bool WriteEngine::scrub(std::uint64_t limit) {
  try {
    health_.check();
    Db& db = tables_.db;
    const auto bytes = db.number("PRAGMA page_count") * db.number("PRAGMA page_size");
    const bool small = static_cast<std::uint64_t>(bytes) <= limit;
    if (small) db.run("VACUUM");
    tables_.forget();
    return db.empty_log() && small;
  } catch (const StoreError& error) {
    note(error);
    throw;
  }
}

void run_read(Tables& tables, ReadJob& job) {
  Reader reader{tables};
  try {
    Query{tables.db, "BEGIN"}.run();
    tables.forget();  // what another connection has written since
    job.work(reader);
  } catch (...) {
    job.error = std::current_exception();
  }
  tables.db.rollback();
}

}  // namespace earshot::sqlite

#pragma once

/// The writing side without threads: takes jobs, gives each a savepoint, commits them together.

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "earshot/runtime/steady.hpp"
#include "sqlite_access.hpp"
#include "sqlite_jobs.hpp"

namespace earshot::sqlite {

using WriteJob = Job<StoreWriter>;
using ReadJob = Job<StoreReader>;

/// Once an I/O error or damage was seen, nothing may be written any more (P19): says so to
/// everybody, from any thread.
class Health {
 public:
  /// `broken`: by an I/O error.
  void fail(const std::string& why, bool broken = false);
  /// Throws StoreError, or StoreBroken, where the store has failed.
  void check() const;

 private:
  mutable std::mutex mutex_;
  std::string why_;
  bool broken_ = false;
};

class WriteEngine {
 public:
  /// `steady` says how long a group has been at work: of the machine, or of a simulated one.
  /// `on_full` is called where the disk was full, before anybody hears of it.
  WriteEngine(Db& db, Health& health, std::function<Duration()> steady = steady_now,
              std::function<std::string(std::size_t)> secret = {},
              std::function<void()> on_full = {})
      : tables_(db, true, std::move(secret)),
        writer_(tables_),
        health_(health),
        steady_(std::move(steady)),
        on_full_(std::move(on_full)) {}

  /// Runs `first` and whatever `more` gives, until it gives nothing, kGroupPosts posts were written
  /// or kGroupTime is over; then commits. Each job's `error` is set; nobody is told yet. A job that
  /// throws undoes its own part only; a StoreError undoes all.
  std::vector<WriteJob> run_group(WriteJob first,
                                  const std::function<std::optional<WriteJob>()>& more);
  /// To be called when the jobs' waiters were told. A write-ahead log worth it is copied back into
  /// the file; not after each commit, because that costs a second sync and the next job would wait.
  void tidy(bool idle);
  /// Store::commits, from any thread.
  std::uint64_t commits() const { return commits_.load(); }
  /// Store::scrub, outside any transaction.
  bool scrub(std::uint64_t limit);

 private:
  void begin();
  void run_one(WriteJob& job);
  static void run_alone(WriteJob& job);
  void note(const StoreError& error);

  Tables tables_;
  Writer writer_;
  Health& health_;
  std::function<Duration()> steady_;
  std::function<void()> on_full_;
  std::atomic<std::uint64_t> commits_ = 0;
};

/// Runs the job inside one read transaction.
void run_read(Tables& tables, ReadJob& job);

}  // namespace earshot::sqlite

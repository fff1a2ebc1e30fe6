#pragma once

/// The embedded store: SQLite with a write-ahead log, `synchronous=FULL`, one writer thread with
/// group commit and one reader thread (RELIABILITY 5.5). A file belongs to one process; others may
/// read it (the commands of `earshot`, backups).

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "earshot/core/result.hpp"
#include "earshot/store/store.hpp"

namespace earshot {

/// The file must not be used: another process has it, it is not ours, newer than this program,
/// damaged, or on a network file system. A person must act (78).
struct StoreRefused : StoreError {
  using StoreError::StoreError;
};

/// The disk itself failed: an I/O error. What counts towards safe mode (failures.hpp); a lock that
/// somebody else holds, or a full disk, does not.
struct StoreBroken : StoreError {
  using StoreError::StoreError;
};

struct SqliteOptions {
  /// Work runs at once inside the co_await, on the caller's thread, and no thread is started: for
  /// the simulator and tests.
  bool inline_work = false;
  std::size_t writer_cache_kib = 8'192;
  std::size_t reader_cache_kib = 2'048;
  /// Check the whole file in the background after the start, where the last check is older than a
  /// day.
  bool background_check = true;
  /// Gives so many secret bytes: the salts of the ledger. Empty: the machine's own randomness.
  std::function<std::string(std::size_t)> secret{};
  /// Called, on the writer's thread, where a write found the disk full.
  std::function<void()> on_full{};
};

/// Opens or creates the file (mode 0600), migrates it, recovers what a crash left. ":memory:" lives
/// as long as the store and implies inline_work. Throws StoreError (StoreRefused where trying again
/// cannot help).
std::unique_ptr<Store> open_sqlite(const std::string& path, SqliteOptions options = {});

/// Copies the database, in use or not, to `out`: online backup, integrity check of the copy, fsync,
/// then one rename. An older `out` stays as it is until the new one is good. Blocks for the time of
/// the copy; `stop` ends it within a second, as an Error.
Result<void> backup_sqlite(const std::string& path, const std::string& out,
                           const std::stop_token& stop = {});

/// What a restore found and did.
struct Restored {
  std::int64_t entries = 0;  ///< of the ledger
  std::string head{};        ///< hash of its last entry
  std::string kept{};        ///< where the database before lies now; "" where there was none
};
/// Puts a backup in the place of the database: the daemon must be stopped (the lock is taken), the
/// backup is copied beside, checked whole (integrity, layout, every entry of the ledger), and only
/// then takes the place of the other in one rename. Tombstones of erasures since the backup come
/// along. An Error has changed nothing.
Result<Restored> restore_sqlite(const std::string& backup, const std::string& path,
                                const std::string& keep_as);

/// Beside the database: the key of the tombstones of erased people. No backup holds it.
inline std::string tombstone_key_beside(const std::string& path) {
  return path + "-tombstones.key";
}

/// Checks of the whole file: integrity and the ledger. "" where all is well, else what is wrong.
std::string check_sqlite(const std::string& path);

/// The file as it is, to be looked at and never written: for the daemon in safe mode. read() opens
/// it anew and throws StoreUnreadable; write() throws StoreError. Touches nothing yet.
std::unique_ptr<Store> open_to_look(const std::string& path);

/// Runs `work` on the file as it is, read-only, beside a daemon or without one: for the commands.
/// Throws StoreError.
void read_sqlite(const std::string& path, const std::function<void(StoreReader&)>& work);

}  // namespace earshot

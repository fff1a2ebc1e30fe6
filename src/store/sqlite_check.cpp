#include "sqlite_check.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "earshot/store/ledger.hpp"
#include "earshot/store/sqlite.hpp"
#include "sqlite_engine.hpp"
#include "sqlite_schema.hpp"

namespace earshot::sqlite {
namespace {

constexpr std::int64_t kTail = 200;
constexpr std::chrono::seconds kAfterStart{20};
constexpr std::chrono::hours kEvery{24};

void check_ledger_tail(Tables& tables) {
  const auto head = ledger_head(tables);
  LedgerQuery query;
  query.after = std::max<std::int64_t>(0, head.first - kTail);
  query.limit = static_cast<std::size_t>(kTail) + 1;
  std::optional<LedgerCheck> check;
  if (query.after == 0) check.emplace();
  for (const LedgerEntry& entry : ledger(tables, query)) {
    if (!check) {
      check.emplace(entry);
      continue;
    }
    if (const auto wrong = check->next(entry)) {
      throw StoreRefused(
          fmt::format("{}: the ledger is broken: {}; restore a backup", tables.db.path(), *wrong));
    }
  }
  if (const auto wrong = check ? check->finish() : std::nullopt)
    throw StoreRefused(
        fmt::format("{}: the ledger is broken: {}; restore a backup", tables.db.path(), *wrong));
}

}  // namespace

void check_ours(Db& db) {
  if (db.number("PRAGMA application_id") != kApplicationId)
    throw StoreRefused(db.path() + ": not a database of Earshot");
  const auto version = db.number("PRAGMA user_version");
  const auto known = static_cast<std::int64_t>(migrations().size());
  if (version != known)
    throw StoreRefused(
        fmt::format("{}: layout {}, but this program knows layout {}", db.path(), version, known));
}

void check_quickly(Db& db) {
  try {
    struct stat file {};
    // The write-ahead log may hold the end of the file; a log that is empty cannot.
    struct stat log {};
    const bool no_log = ::stat((db.path() + "-wal").c_str(), &log) != 0 || log.st_size == 0;
    const auto want = db.number("PRAGMA page_count") * db.number("PRAGMA page_size");
    if (db.path() != ":memory:" && no_log && ::stat(db.path().c_str(), &file) == 0 &&
        file.st_size < want) {
      throw StoreRefused(fmt::format("{}: {} bytes long instead of {}; restore a backup", db.path(),
                                     file.st_size, want));
    }
    Tables tables{db};
    check_ledger_tail(tables);
    if (const auto newest = db.number("SELECT max(seq) FROM post"); newest > 0)
      post(tables, newest);
  } catch (const StoreRefused&) {
    throw;
  } catch (const StoreBroken&) {
    throw;  // what cannot be read now may be whole
  } catch (const StoreError& error) {
    throw StoreRefused(std::string{error.what()} + "; restore a backup");
  }
}

namespace {

void check_whole(const std::string& path, Health& health, const NoteCheck& note,
                 const std::stop_token& stop) {
  try {
    Db db{path, Access::read_only, 1'024};
    Tables tables{db};
    const auto last = meta(tables, kCheckedAt);
    const std::int64_t now = db.number("SELECT unixepoch()");
    if (last && now - std::stoll(*last) < std::chrono::seconds{kEvery}.count()) return;
    const std::stop_callback cut{stop, [&db] { db.interrupt(); }};
    const std::string answer = db.text("PRAGMA quick_check(1)");
    if (answer == "ok")
      note(std::to_string(now));
    else
      health.fail(fmt::format("{}: damaged: {}; restore a backup", path, answer));
  } catch (const StoreError& error) {
    if (!stop.stop_requested()) health.fail(error.what());
  } catch (const std::exception&) {
    // Interrupted, or a note that is no number: the next start checks again.
  }
}

}  // namespace

Db& made_ready(Db& db) {
  try {
    db.empty_log();
  } catch (const StoreError& error) {
    if (!error.full) throw;
  }
  migrate(db, migrations());
  check_quickly(db);
  return db;
}

BackgroundCheck::BackgroundCheck(const std::string& path, Health& health, NoteCheck note)
    : thread_([path, &health, note = std::move(note)](const std::stop_token& stop) {
        std::mutex mutex;
        std::condition_variable_any wake;
        std::unique_lock lock{mutex};
        // Not while the daemon catches up.
        wake.wait_for(lock, stop, kAfterStart, [] { return false; });
        if (!stop.stop_requested()) check_whole(path, health, note, stop);
      }) {}

}  // namespace earshot::sqlite

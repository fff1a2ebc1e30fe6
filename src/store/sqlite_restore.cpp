#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "earshot/store/ledger.hpp"
#include "earshot/store/sqlite.hpp"
#include "files.hpp"
#include "sqlite_backup.hpp"
#include "sqlite_schema.hpp"
#include "sqlite_tables.hpp"

namespace earshot {
namespace sqlite {
namespace {

constexpr std::size_t kPage = 1'000;

/// A file of ours that this program, or an older one, wrote.
void check_layout(Db& db) {
  if (db.number("PRAGMA application_id") != kApplicationId)
    throw StoreRefused(db.path() + ": not a database of Earshot");
  const auto version = db.number("PRAGMA user_version");
  const auto known = static_cast<std::int64_t>(migrations().size());
  if (version > known)
    throw StoreRefused(fmt::format(
        "{}: written by a newer Earshot (layout {}, this program knows {}); use that version",
        db.path(), version, known));
}

/// Every entry; throws where the chain is broken.
Restored walk_ledger(Db& db) {
  Tables tables{db};
  LedgerCheck check;
  LedgerQuery query;
  query.limit = kPage;
  for (;;) {
    const std::vector<LedgerEntry> page = ledger(tables, query);
    for (const LedgerEntry& it : page) {
      if (const auto wrong = check.next(it))
        throw StoreRefused(fmt::format("{}: the ledger is broken: {}", db.path(), *wrong));
    }
    if (page.size() < kPage) break;
    query.after = page.back().n;
  }
  if (const auto wrong = check.finish())
    throw StoreRefused(fmt::format("{}: the ledger is broken: {}", db.path(), *wrong));
  return {check.count(), check.head(), {}};
}

/// A copy of the backup in `partial`. What cannot be copied or is damaged stays so, whoever tries
/// again; only a full disk may pass.
void copy_checked(const std::string& backup, const std::string& partial) {
  try {
    copy_whole(backup, partial);
    check_integrity(partial);
  } catch (const StoreError& error) {
    if (error.full) throw;
    throw StoreRefused(error.what());
  }
}

Restored check_copy(const std::string& path) {
  Db db{path, Access::read_only, 4'096};
  check_layout(db);
  return walk_ledger(db);
}

/// Who was erased since the backup stays erased: their tombstones come along.
void carry_tombstones(const std::string& from, const std::string& to) {
  std::vector<Record> found;
  std::optional<std::string> mark;  // of their key
  {
    Db old{from, Access::read_only, 1'024};
    check_layout(old);
    Tables tables{old};
    mark = meta(tables, "tombstone_key");
    RecordQuery query;
    query.kind = "tombstone";
    query.limit = kPage;
    for (;;) {
      const std::vector<Record> page = records(tables, query);
      found.insert(found.end(), page.begin(), page.end());
      if (page.size() < kPage) break;
      query.after = page.back().id;
    }
  }
  Db db{to, Access::read_write, 1'024};
  Tables tables{db};
  db.run("BEGIN IMMEDIATE");
  for (Record& it : found) {
    if (record(tables, it.kind, it.id)) continue;
    it.version = 0;
    put_record(tables, it);
  }
  if (mark) put_meta(tables, "tombstone_key", *mark);
  db.run("COMMIT");
  db.run("PRAGMA journal_mode=DELETE");
}

/// What the log still holds goes into the file, so that the file can be kept alone. A damaged one
/// keeps its log beside it.
void settle(const std::string& path, const std::string& keep_as) {
  try {
    Db db{path, Access::read_write, 1'024};
    db.empty_log();
  } catch (const StoreError&) {
    // It may be damaged, that is why somebody restores: the log is kept as it is.
  }
  for (const char* end : {"-wal", "-shm"}) {
    if (std::rename((path + end).c_str(), (keep_as + end).c_str()) != 0 && errno != ENOENT)
      throw StoreError(fmt::format("{}{}: {}", path, end, std::strerror(errno)));
  }
}

void put_in_place(const std::string& partial, const std::string& path, const std::string& keep_as) {
  const std::string folder = std::filesystem::absolute(path).parent_path().string();
  if (::access(path.c_str(), F_OK) == 0) {
    settle(path, keep_as);
    if (::link(path.c_str(), keep_as.c_str()) != 0)
      throw StoreError(fmt::format("{}: {}", keep_as, std::strerror(errno)));
    sync_file(folder);
  }
  if (std::rename(partial.c_str(), path.c_str()) != 0)
    throw StoreError(fmt::format("{}: {}", path, std::strerror(errno)));
  sync_file(folder);
}

}  // namespace
}  // namespace sqlite

Result<Restored> restore_sqlite(const std::string& backup, const std::string& path,
                                const std::string& keep_as) {
  const std::string partial = path + ".restoring";
  try {
    std::error_code error;
    if (std::filesystem::equivalent(backup, path, error))
      return permanent(backup + ": this is the database itself");
    const sqlite::LockFile lock{path + "-lock"};
    const bool had = ::access(path.c_str(), F_OK) == 0;
    if (had && ::access(keep_as.c_str(), F_OK) == 0)
      return permanent(keep_as + ": is there already");
    ::unlink(partial.c_str());
    const int file = ::open(partial.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) return permanent(fmt::format("{}: {}", partial, std::strerror(errno)));
    ::close(file);
    sqlite::copy_checked(backup, partial);
    Restored out = sqlite::check_copy(partial);
    try {
      if (had) sqlite::carry_tombstones(path, partial);
    } catch (const StoreError&) {
      // The database that is replaced cannot be read: that is what a restore is for.
    }
    sqlite::sync_file(partial);
    sqlite::put_in_place(partial, path, keep_as);
    if (had) out.kept = keep_as;
    return out;
  } catch (const StoreRefused& refused) {
    ::unlink(partial.c_str());
    return permanent(refused.what());
  } catch (const std::exception& failed) {
    ::unlink(partial.c_str());
    return transient(fmt::format("restore failed: {}", failed.what()));
  }
}

std::string check_sqlite(const std::string& path) {
  try {
    sqlite::check_integrity(path);
    sqlite::check_copy(path);
    return {};
  } catch (const std::exception& failed) {
    return failed.what();
  }
}

}  // namespace earshot

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "earshot/core/planted.hpp"
#include "earshot/store/sqlite.hpp"
#include "sqlite_backup.hpp"
#include "sqlite_db.hpp"

namespace earshot {
namespace sqlite {
namespace {

/// Pages copied between two looks whether to stop: 8 MiB.
constexpr int kPagesAtOnce = 2'048;
/// Steps of SQLite's machine between two looks: some milliseconds.
constexpr int kStepsAtOnce = 100'000;

struct Stopped : StoreError {
  Stopped() : StoreError("it was stopped") {}
};

/// `from` holds a read transaction, so that a copy in steps need not begin again when somebody
/// writes.
int copy_pages(Db& from, sqlite3* target, const std::stop_token& stop) {
  sqlite3_backup* backup = sqlite3_backup_init(target, "main", from.handle(), "main");
  if (backup == nullptr) return sqlite3_errcode(target);
  int code = SQLITE_OK;
  while (code == SQLITE_OK && !stop.stop_requested())
    code = sqlite3_backup_step(backup, kPagesAtOnce);
  const int ended = sqlite3_backup_finish(backup);
  if (code == SQLITE_OK) return SQLITE_INTERRUPT;
  return code == SQLITE_DONE ? ended : code;
}

}  // namespace

void copy_whole(const std::string& path, const std::string& to, const std::stop_token& stop) {
  Db from{path, Access::read_only, 1'024};
  from.run("BEGIN");
  from.number("SELECT count(*) FROM sqlite_schema");  // the moment the copy is of
  sqlite3* target = nullptr;
  int code =
      sqlite3_open_v2(to.c_str(), &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  if (code == SQLITE_OK) code = copy_pages(from, target, stop);
  // A plain file: one that needs no log beside it can be moved and stored alone.
  if (code == SQLITE_OK)
    code = sqlite3_exec(target, "PRAGMA journal_mode=DELETE", nullptr, nullptr, nullptr);
  const std::string said = sqlite3_errmsg(target);
  sqlite3_close_v2(target);
  if (stop.stop_requested()) throw Stopped{};
  if (code != SQLITE_OK)
    throw StoreError(fmt::format("{}: {}", to, said), (code & 0xFF) == SQLITE_FULL);
}

void check_integrity(const std::string& path, const std::stop_token& stop) {
  Db db{path, Access::read_only, 4'096};
  const auto look = [](void* token) {
    return static_cast<const std::stop_token*>(token)->stop_requested() ? 1 : 0;
  };
  std::stop_token watched = stop;
  sqlite3_progress_handler(db.handle(), kStepsAtOnce, look, &watched);
  std::string answer;
  try {
    answer = db.text("PRAGMA integrity_check(1)");
  } catch (const StoreError&) {
    if (stop.stop_requested()) throw Stopped{};
    throw;
  }
  if (answer != "ok") throw StoreError(fmt::format("{}: the copy is damaged: {}", path, answer));
}

void sync_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool bad = file < 0 || ::fsync(file) != 0;
  const int why = errno;
  if (file >= 0) ::close(file);
  if (bad) throw StoreError(fmt::format("{}: {}", path, std::strerror(why)));
}

}  // namespace sqlite

Result<void> backup_sqlite(const std::string& path, const std::string& out,
                           const std::stop_token& stop) {
  const std::string partial = out + ".partial";
  try {
    std::error_code error;
    if (std::filesystem::equivalent(path, out, error))
      return permanent(out + ": the backup would replace the database itself");
    ::unlink(partial.c_str());
    const int file = ::open(partial.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) return permanent(fmt::format("{}: {}", partial, std::strerror(errno)));
    ::close(file);
    sqlite::copy_whole(path, partial, stop);
    if (!planted<37>) sqlite::check_integrity(partial, stop);
    sqlite::sync_file(partial);
    if (std::rename(partial.c_str(), out.c_str()) != 0)
      throw StoreError(fmt::format("{}: {}", out, std::strerror(errno)));
    sqlite::sync_file(std::filesystem::absolute(out).parent_path().string());
    return {};
  } catch (const std::exception& error) {
    ::unlink(partial.c_str());
    return transient(fmt::format("backup failed: {}", error.what()));
  }
}

}  // namespace earshot

#include "sqlite_db.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cerrno>
#include <cstring>

#include "earshot/core/check.hpp"
#include "earshot/core/planted.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/store/sqlite.hpp"

namespace earshot::sqlite {
namespace {

bool is_memory(const std::string& path) {
  return path == ":memory:";
}

}  // namespace

Db::Db(const std::string& path, Access access, std::size_t cache_kib) : path_(path) {
  const int mode = access == Access::read_only ? SQLITE_OPEN_READONLY
                                               : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  // NOMUTEX: a connection belongs to one thread at a time, so SQLite need not lock it on every
  // call.
  const int code = sqlite3_open_v2(path.c_str(), &db_,
                                   mode | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  try {
    if (code != SQLITE_OK) fail(code, "cannot be opened");
    sqlite3_busy_timeout(db_, 5'000);
    run(fmt::format("PRAGMA cache_size=-{}; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; "
                    "PRAGMA temp_store=MEMORY;",
                    cache_kib)
            .c_str());
    if (access == Access::read_only) {
      run("PRAGMA query_only=ON;");
    } else {
      run("PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON; PRAGMA synchronous=FULL;");
      if (planted<20>) run("PRAGMA synchronous=NORMAL;");
    }
    sqlite3_db_config(db_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    if (access == Access::read_write && !is_memory(path) &&
        text("PRAGMA journal_mode=WAL") != "wal") {
      throw StoreError(path + ": the file system does not support SQLite's write-ahead log");
    }
    const auto note = [](void* frames, sqlite3*, const char*, int count) {
      *static_cast<int*>(frames) = count;
      return SQLITE_OK;
    };
    if (access == Access::read_write) sqlite3_wal_hook(db_, note, &log_frames_);
  } catch (...) {
    sqlite3_close_v2(db_);
    throw;
  }
}

Db::~Db() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  for (const auto& [sql, statement] : built_) sqlite3_finalize(statement);
  sqlite3_close_v2(db_);
}

void Db::fail(int code, std::string_view doing) const {
  const std::string_view said = db_ != nullptr ? sqlite3_errmsg(db_) : sqlite3_errstr(code);
  const int cause = db_ != nullptr ? sqlite3_system_errno(db_) : 0;
  std::string message = fmt::format("{}: {}: {} (code {})", path_, doing, said, code);
  const int primary = code & 0xFF;
  if (primary == SQLITE_CONSTRAINT) throw ConstraintError(message);
  if (primary == SQLITE_NOTADB) throw StoreRefused(message + "; restore a backup");
  if (primary == SQLITE_ERROR || primary == SQLITE_MISUSE || primary == SQLITE_RANGE ||
      primary == SQLITE_TOOBIG || primary == SQLITE_MISMATCH) {
    throw std::logic_error(message);
  }
  const bool full = primary == SQLITE_FULL || cause == ENOSPC || cause == EDQUOT;
  if (cause != 0 &&
      (primary == SQLITE_IOERR || primary == SQLITE_FULL || primary == SQLITE_CANTOPEN))
    message += fmt::format(", {}", std::strerror(cause));
  if (primary == SQLITE_IOERR && !full) throw StoreBroken(message);
  throw StoreError(full ? "disk full: " + message : message, full);
}

void Db::run(const char* sql) {
  const int code = sqlite3_exec(db_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(code, "a statement failed");
}

std::int64_t Db::number(const char* sql, std::int64_t otherwise) {
  Query query{*this, std::string{sql}};
  return query.step() ? query.number(0) : otherwise;
}

std::string Db::text(const char* sql) {
  Query query{*this, std::string{sql}};
  return query.step() ? query.text(0) : std::string{};
}

std::int64_t Db::last_id() const {
  return sqlite3_last_insert_rowid(db_);
}
std::int64_t Db::changes() const {
  return sqlite3_changes64(db_);
}
bool Db::in_transaction() const {
  return sqlite3_get_autocommit(db_) == 0;
}
void Db::interrupt() {
  sqlite3_interrupt(db_);
}

void Db::rollback() noexcept {
  if (!in_transaction()) return;
  try {
    Query{*this, "ROLLBACK"}.run();
  } catch (const std::exception&) {  // no memory for the statement, or it was half done already
    if (in_transaction()) sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
  }
}

int Db::checkpoint() {
  int frames = 0;
  int moved = 0;
  const int code =
      sqlite3_wal_checkpoint_v2(db_, nullptr, SQLITE_CHECKPOINT_PASSIVE, &frames, &moved);
  if (code != SQLITE_OK && (code & 0xFF) != SQLITE_BUSY && (code & 0xFF) != SQLITE_LOCKED)
    fail(code, "the write-ahead log cannot be copied back");
  return frames - moved;
}

sqlite3_stmt* Db::prepare(const char* sql, unsigned flags) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(db_, sql, -1, flags, &statement, nullptr);
  if (code != SQLITE_OK) fail(code, "a statement cannot be prepared");
  return statement;
}

bool Db::empty_log() {
  const int code =
      sqlite3_wal_checkpoint_v2(db_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  if (code == SQLITE_OK) return true;
  if ((code & 0xFF) != SQLITE_BUSY && (code & 0xFF) != SQLITE_LOCKED)
    fail(code, "the write-ahead log cannot be emptied");
  return false;
}

namespace {

void holds(sqlite3_context* context, int, sqlite3_value** values) {
  const auto* needles = static_cast<const Needles*>(sqlite3_user_data(context));
  const auto* bytes = static_cast<const char*>(sqlite3_value_blob(values[0]));
  const auto size = static_cast<std::size_t>(sqlite3_value_bytes(values[0]));
  const bool found = bytes != nullptr && needles->in({bytes, size});
  sqlite3_result_int(context, found ? 1 : 0);
}

}  // namespace

void Db::look_for(const std::vector<std::string>& needles) {
  needles_ = std::make_unique<Needles>(needles);
  const int code = sqlite3_create_function_v2(db_, "holds", 1, SQLITE_UTF8 | SQLITE_DIRECTONLY,
                                              needles_.get(), holds, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(code, "a function cannot be made");
}

sqlite3_stmt* Db::prepared(const char* sql) {
  sqlite3_stmt*& statement = statements_[sql];
  if (statement == nullptr) statement = prepare(sql, SQLITE_PREPARE_PERSISTENT);
  return statement;
}

sqlite3_stmt* Db::built(const std::string& sql) {
  if (sql.starts_with("PRAGMA")) return nullptr;  // some act as they are prepared
  if (built_.size() >= kBuilt && !built_.contains(sql)) return nullptr;
  sqlite3_stmt*& statement = built_[sql];  // its place first: no memory for it loses no statement
  if (statement == nullptr) statement = prepare(sql.c_str(), SQLITE_PREPARE_PERSISTENT);
  return sqlite3_stmt_busy(statement) == 0 ? statement : nullptr;
}

Query::Query(Db& db, const char* sql) : db_(db), statement_(db.prepared(sql)), cached_(true) {
  EARSHOT_CHECK(sqlite3_stmt_busy(statement_) == 0);  // the same statement inside its own loop
}

Query::Query(Db& db, const std::string& sql)
    : db_(db), statement_(db.built(sql)), cached_(statement_ != nullptr) {
  if (!cached_) statement_ = db.prepare(sql.c_str(), 0);
}

Query::~Query() {
  if (!cached_) {
    sqlite3_finalize(statement_);
    return;
  }
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

void Query::check(int code) const {
  if (code != SQLITE_OK) db_.fail(code, "a value cannot be bound");
}

Query& Query::put(std::string_view text) {
  // A null pointer would bind NULL; an empty text is not an absent one.
  check(sqlite3_bind_text64(statement_, next_++, text.data() == nullptr ? "" : text.data(),
                            text.size(), SQLITE_STATIC, SQLITE_UTF8));
  return *this;
}

Query& Query::put(std::int64_t number) {
  check(sqlite3_bind_int64(statement_, next_++, number));
  return *this;
}

Query& Query::blob(std::string_view bytes) {
  check(sqlite3_bind_blob64(statement_, next_++, bytes.data() == nullptr ? "" : bytes.data(),
                            bytes.size(), SQLITE_STATIC));
  return *this;
}

Query& Query::null() {
  check(sqlite3_bind_null(statement_, next_++));
  return *this;
}

bool Query::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) db_.fail(code, "a statement failed");
  return false;
}

void Query::run() {
  while (step()) {
  }
}

std::int64_t Query::number(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string_view Query::view(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  return bytes == nullptr
             ? std::string_view{}
             : std::string_view{bytes,
                                static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::optional<Instant> Query::maybe_instant(int column) const {
  if (sqlite3_column_type(statement_, column) == SQLITE_NULL) return std::nullopt;
  return instant(column);
}

}  // namespace earshot::sqlite

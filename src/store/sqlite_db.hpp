#pragma once

/// A connection to SQLite and its prepared statements: the only files that speak the C API are
/// sqlite_db.cpp and sqlite_backup.cpp. Not thread-safe: a connection belongs to one thread at a
/// time.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "earshot/core/instant.hpp"
#include "earshot/store/store.hpp"
#include "needles.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace earshot::sqlite {

/// A constraint of the schema said no: a mistake of the caller, which undoes its own job and
/// nothing else.
struct ConstraintError : std::logic_error {
  using std::logic_error::logic_error;
};

enum class Access { read_write, read_only };

class Db {
 public:
  /// Throws StoreError that names the file. ":memory:" is a private database.
  Db(const std::string& path, Access access, std::size_t cache_kib);
  ~Db();
  Db(const Db&) = delete;
  Db& operator=(const Db&) = delete;

  /// Runs statements that give no rows we want.
  void run(const char* sql);
  /// First column of the first row; `otherwise` where there is none.
  std::int64_t number(const char* sql, std::int64_t otherwise = 0);
  std::string text(const char* sql);

  std::int64_t last_id() const;
  std::int64_t changes() const;
  bool in_transaction() const;
  /// ROLLBACK where a transaction is open; never throws.
  void rollback() noexcept;
  /// Makes the statement that runs now on this connection fail; may be called from another thread.
  void interrupt();
  /// Moves committed pages from the WAL into the file, as far as no reader needs them. Returns the
  /// frames left in the WAL.
  int checkpoint();
  /// Moves all of it and cuts the WAL to nothing; false where a reader still needs it.
  bool empty_log();
  /// Pages in the write-ahead log after the last commit. SQLite's own checkpoint inside a commit is
  /// off: the caller decides.
  int log_frames() const { return log_frames_; }

  /// What the SQL function holds(TEXT) looks for, in lower case.
  void look_for(const std::vector<std::string>& needles);

  sqlite3* handle() { return db_; }
  const std::string& path() const { return path_; }

  /// Throws StoreError or ConstraintError for a result code.
  [[noreturn]] void fail(int code, std::string_view doing) const;

 private:
  friend class Query;
  sqlite3_stmt* prepared(const char* sql);
  /// The same for a statement that was put together; null where it runs already or too many are
  /// kept.
  sqlite3_stmt* built(const std::string& sql);
  sqlite3_stmt* prepare(const char* sql, unsigned flags);

  std::string path_;
  sqlite3* db_ = nullptr;
  int log_frames_ = 0;
  std::unique_ptr<Needles> needles_;
  std::unordered_map<const char*, sqlite3_stmt*>
      statements_;  // by address of the literal: no hashing of the text
  static constexpr std::size_t kBuilt = 200;
  std::unordered_map<std::string, sqlite3_stmt*> built_;  // filters combined in many ways
};

/// One run of a statement. `sql` as a pointer must be a literal (it is kept by address); as a
/// string it is kept by its words, and prepared anew inside its own loop. Columns and parameters
/// count from 0 and 1 as in SQLite; put() and next columns go in order.
class Query {
 public:
  Query(Db& db, const char* sql);
  Query(Db& db, const std::string& sql);
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  // Texts are not copied: they must live until the Query ends.
  Query& put(std::string_view text);
  Query& put(std::int64_t number);
  Query& put(Instant at) { return put(to_unix_ms(at)); }
  Query& put(std::optional<Instant> at) { return at ? put(*at) : null(); }
  Query& blob(std::string_view bytes);
  Query& null();
  /// Empty becomes NULL.
  Query& put_or_null(std::string_view text) { return text.empty() ? null() : put(text); }

  /// True where there is a row.
  bool step();
  /// Steps to the end.
  void run();

  std::int64_t number(int column) const;
  int integer(int column) const { return static_cast<int>(number(column)); }
  /// NULL reads as "". Valid until the next step.
  std::string_view view(int column) const;
  std::string text(int column) const { return std::string{view(column)}; }
  Instant instant(int column) const { return from_unix_ms(number(column)); }
  std::optional<Instant> maybe_instant(int column) const;

 private:
  void check(int code) const;

  Db& db_;
  sqlite3_stmt* statement_;
  bool cached_;
  int next_ = 1;
};

}  // namespace earshot::sqlite

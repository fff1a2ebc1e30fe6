#pragma once

/// The layouts of today and one more, which makes a table and rewrites rows: what a migration of
/// tests leads to.

#include <fmt/format.h>

#include <string>
#include <vector>

#include "../../src/store/sqlite_schema.hpp"

namespace earshot::test {

inline std::vector<const char*> with_later_layout() {
  std::vector<const char*> out(sqlite::migrations().begin(), sqlite::migrations().end());
  out.push_back(
      "CREATE TABLE later(k TEXT PRIMARY KEY, v TEXT);"
      "INSERT INTO later SELECT key, value FROM meta WHERE key LIKE 'row%';"
      "UPDATE meta SET value = 'moved' WHERE key LIKE 'row%';");
  return out;
}

/// Makes `db` one of today with so many rows to be moved.
inline void fill_todays_layout(sqlite::Db& db, int rows) {
  sqlite::migrate(db, sqlite::migrations());
  db.run(fmt::format("INSERT INTO meta(key, value) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
                     "SELECT i + 1 FROM n WHERE i < {}) SELECT 'row' || i, hex(zeroblob(400)) "
                     "FROM n",
                     rows)
             .c_str());
  db.empty_log();
}

}  // namespace earshot::test

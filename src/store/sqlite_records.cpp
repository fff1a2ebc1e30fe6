#include <fmt/format.h>

#include <algorithm>

#include "sqlite_tables.hpp"

namespace earshot::sqlite {
namespace {

#define RECORD_COLUMNS \
  "SELECT kind, id, version, parent, owner, state, due, created, updated, body FROM record "

Record read_record(const Query& row) {
  Record out;
  out.kind = row.text(0);
  out.id = row.text(1);
  out.version = row.number(2);
  out.parent = row.text(3);
  out.owner = row.text(4);
  out.state = row.text(5);
  out.due = row.maybe_instant(6);
  out.created_at = row.instant(7);
  out.updated_at = row.instant(8);
  out.body = row.text(9);
  return out;
}

std::string where_of(const RecordQuery& query) {
  std::string sql = "WHERE kind = ? AND id > ?";
  if (!query.parent.empty()) sql += " AND parent = ? AND parent <> ''";
  if (!query.owner.empty()) sql += " AND owner = ? AND owner <> ''";
  if (!query.states.empty()) {
    sql += " AND state IN (";
    for (std::size_t i = 0; i < query.states.size(); ++i) sql += i == 0 ? "?" : ", ?";
    sql += ")";
  }
  if (query.due_before) sql += fmt::format(" AND due < {}", to_unix_ms(*query.due_before));
  if (query.created_from) sql += fmt::format(" AND created >= {}", to_unix_ms(*query.created_from));
  if (query.created_to) sql += fmt::format(" AND created < {}", to_unix_ms(*query.created_to));
  return sql;
}

}  // namespace

std::optional<Record> record(Tables& t, std::string_view kind, std::string_view id) {
  Query query{t.db, RECORD_COLUMNS "WHERE kind = ? AND id = ?"};
  if (!query.put(kind).put(id).step()) return std::nullopt;
  return read_record(query);
}

std::vector<Record> records(Tables& t, const RecordQuery& wanted) {
  const std::size_t limit = std::clamp<std::size_t>(wanted.limit, 1, 10'000);
  Query query{t.db,
              RECORD_COLUMNS + where_of(wanted) + fmt::format(" ORDER BY id LIMIT {}", limit)};
  query.put(wanted.kind).put(wanted.after);
  if (!wanted.parent.empty()) query.put(wanted.parent);
  if (!wanted.owner.empty()) query.put(wanted.owner);
  for (const std::string& state : wanted.states) query.put(state);
  std::vector<Record> out;
  while (query.step()) out.push_back(read_record(query));
  return out;
}

std::int64_t put_record(Tables& t, const Record& it) {
  if (it.version == 0) {
    Query query{t.db,
                "INSERT INTO record(version, parent, owner, state, due, created, updated, body, "
                "kind, id) VALUES(1, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"};
    query.put(it.parent).put(it.owner).put(it.state).put(it.due);
    query.put(it.created_at).put(it.updated_at).put(it.body).put(it.kind).put(it.id).run();
    if (t.db.changes() != 1)
      throw StoreConflict(fmt::format("{} {} exists already", it.kind, it.id));
    return 1;
  }
  {
    Query query{t.db,
                "UPDATE record SET version = version + 1, parent = ?, owner = ?, state = ?, due = "
                "?, created = ?, updated = ?, body = ? WHERE kind = ? AND id = ? AND version = ?"};
    query.put(it.parent).put(it.owner).put(it.state).put(it.due);
    query.put(it.created_at).put(it.updated_at).put(it.body).put(it.kind).put(it.id);
    query.put(it.version).run();
  }
  if (t.db.changes() != 1)
    throw StoreConflict(fmt::format("{} {} was changed by somebody else", it.kind, it.id));
  return it.version + 1;
}

void remove_record(Tables& t, std::string_view kind, std::string_view id) {
  Query query{t.db, "DELETE FROM record WHERE kind = ? AND id = ?"};
  query.put(kind).put(id).run();
}

}  // namespace earshot::sqlite

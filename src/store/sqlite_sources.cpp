#include "sqlite_tables.hpp"

namespace earshot::sqlite {
namespace {

SourceState read_source(const Query& row) {
  SourceState out;
  out.name = row.text(0);
  out.state = row.text(1);
  out.last_success = row.maybe_instant(2);
  out.last_try = row.maybe_instant(3);
  out.failures = row.integer(4);
  out.error = row.text(5);
  out.blind_case = row.text(6);
  out.items = static_cast<std::uint64_t>(row.number(7));
  return out;
}

Quarantined read_quarantined(const Query& row) {
  return {row.number(0), row.text(1),    row.text(2),   row.text(3),
          row.text(4),   row.instant(5), row.integer(6)};
}

}  // namespace

std::optional<SourceState> source(Tables& t, std::string_view name) {
  Query query{t.db,
              "SELECT name, state, last_success, last_try, failures, error, blind_case, items FROM "
              "source WHERE name = ?"};
  if (!query.put(name).step()) return std::nullopt;
  return read_source(query);
}

std::vector<SourceState> sources(Tables& t) {
  std::vector<SourceState> out;
  Query query{t.db,
              "SELECT name, state, last_success, last_try, failures, error, blind_case, items FROM "
              "source ORDER BY name"};
  while (query.step()) out.push_back(read_source(query));
  return out;
}

void put_source(Tables& t, const SourceState& state) {
  Query query{t.db,
              "INSERT OR REPLACE INTO source(name, state, last_success, last_try, failures, error, "
              "blind_case, items) "
              "VALUES(?, ?, ?, ?, ?, ?, ?, ?)"};
  query.put(state.name)
      .put(state.state)
      .put(state.last_success)
      .put(state.last_try)
      .put(state.failures);
  query.put(state.error).put(state.blind_case).put(static_cast<std::int64_t>(state.items)).run();
}

std::vector<Quarantined> quarantined(Tables& t, std::string_view source, std::size_t limit) {
  std::vector<Quarantined> out;
  Query query{t.db, source.empty() ? "SELECT id, source, native, raw, reason, at, tries FROM "
                                     "quarantine WHERE ? = '' ORDER BY id LIMIT ?"
                                   : "SELECT id, source, native, raw, reason, at, tries FROM "
                                     "quarantine WHERE source = ? ORDER BY id LIMIT ?"};
  query.put(source).put(static_cast<std::int64_t>(limit));
  while (query.step()) out.push_back(read_quarantined(query));
  return out;
}

std::optional<Quarantined> quarantined_item(Tables& t, std::int64_t id) {
  Query query{t.db,
              "SELECT id, source, native, raw, reason, at, tries FROM quarantine WHERE id = ?"};
  if (!query.put(id).step()) return std::nullopt;
  return read_quarantined(query);
}

std::pair<std::uint64_t, std::uint64_t> quarantine_size(Tables& t, std::string_view source) {
  Query query{t.db,
              "SELECT count(*), coalesce(sum(length(raw)), 0) FROM quarantine WHERE source = ?"};
  if (!query.put(source).step()) return {0, 0};
  return {static_cast<std::uint64_t>(query.number(0)), static_cast<std::uint64_t>(query.number(1))};
}

bool quarantine(Tables& t, const Quarantined& item) {
  bool known = false;
  if (!item.native_id.empty()) {
    Query look{t.db, "SELECT 1 FROM quarantine WHERE source = ? AND native = ?"};
    known = look.put(item.source).put(item.native_id).step();
  }
  // The same item again is the same row with one try more: a feed that repeats a bad item must not
  // fill the disk.
  Query query{
      t.db,
      "INSERT INTO quarantine(source, native, raw, reason, at, tries) VALUES(?, ?, ?, ?, ?, ?) "
      "ON CONFLICT(source, native) WHERE native IS NOT NULL DO UPDATE SET raw = excluded.raw, "
      "reason = excluded.reason, "
      "tries = max(excluded.tries, tries + 1)"};
  query.put(item.source)
      .put_or_null(item.native_id)
      .blob(item.raw)
      .put(item.reason)
      .put(item.at)
      .put(item.tries)
      .run();
  return !known;
}

void remove_quarantined(Tables& t, std::int64_t id) {
  Query query{t.db, "DELETE FROM quarantine WHERE id = ?"};
  query.put(id).run();
}

}  // namespace earshot::sqlite

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
  while (query.step()) {
    out.push_back({query.number(0), query.text(1), query.text(2), query.text(3), query.text(4),
                   query.instant(5), query.integer(6)});
  }
  return out;
}

void quarantine(Tables& t, const Quarantined& item) {
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
}

void remove_quarantined(Tables& t, std::int64_t id) {
  Query query{t.db, "DELETE FROM quarantine WHERE id = ?"};
  query.put(id).run();
}

}  // namespace earshot::sqlite

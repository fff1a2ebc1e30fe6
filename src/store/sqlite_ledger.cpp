#include <fmt/format.h>

#include <cstring>
#include <limits>

#include "earshot/runtime/clock.hpp"
#include "earshot/store/ledger.hpp"
#include "sqlite_tables.hpp"

namespace earshot::sqlite {
namespace {

/// The last entry's number and the 32 bytes of its hash; {0, zeros} where empty.
std::pair<std::int64_t, std::string> raw_head(Tables& t) {
  Query query{t.db, "SELECT n, hash FROM ledger ORDER BY n DESC LIMIT 1"};
  if (!query.step()) return {0, std::string(sizeof(Sha256), '\0')};
  if (query.view(1).size() != sizeof(Sha256))
    throw StoreError(fmt::format("{}: ledger entry {} has no hash", t.db.path(), query.number(0)));
  return {query.number(0), query.text(1)};
}

}  // namespace

std::string Tables::salt() const {
  constexpr std::size_t kSalt = 16;
  return secret ? secret(kSalt) : make_dice()->secret(kSalt);
}

std::vector<LedgerEntry> ledger(Tables& t, const LedgerQuery& wanted) {
  std::string sql =
      "SELECT n, at, who, kind, case_id, data, hash, seal FROM ledger WHERE n > ? AND n <= ?";
  std::vector<const std::string*> texts;
  for (const auto& [column, value] :
       {std::pair{"case_id", &wanted.case_id}, {"who", &wanted.who}, {"kind", &wanted.kind}}) {
    if (value->empty()) continue;
    sql += fmt::format(" AND {} = ?", column);
    texts.push_back(value);
  }
  if (wanted.from) sql += fmt::format(" AND at >= {}", to_unix_ms(*wanted.from));
  if (wanted.to) sql += fmt::format(" AND at < {}", to_unix_ms(*wanted.to));
  sql += " ORDER BY n LIMIT ?";
  Query query{t.db, sql};
  query.put(wanted.after);
  query.put(wanted.upto > 0 ? wanted.upto : std::numeric_limits<std::int64_t>::max());
  for (const std::string* text : texts) query.put(*text);
  query.put(static_cast<std::int64_t>(wanted.limit));
  std::vector<LedgerEntry> out;
  while (query.step()) {
    out.push_back({query.number(0), query.instant(1), query.text(2), query.text(3), query.text(4),
                   query.text(5), to_hex(query.view(6)), query.text(7)});
  }
  return out;
}

std::pair<std::int64_t, std::string> ledger_head(Tables& t) {
  const auto [n, hash] = raw_head(t);
  return {n, n == 0 ? std::string{} : to_hex(hash)};
}

std::int64_t ledger_before(Tables& t, Instant at) {
  Query query{t.db, "SELECT min(n) FROM ledger INDEXED BY ledger_at WHERE at >= ?"};
  query.put(at);
  if (query.step() && query.number(0) > 0) return query.number(0) - 1;
  return raw_head(t).first;
}

std::int64_t append_ledger(Tables& t, const LedgerEntry& given) {
  if (!t.ledger_head) t.ledger_head = raw_head(t);
  Sha256 previous{};
  std::memcpy(previous.data(), t.ledger_head->second.data(), previous.size());
  LedgerEntry entry = given;
  entry.n = t.ledger_head->first + 1;
  entry.seal = t.salt();
  const Sha256 hash = ledger_hash(previous, entry);
  std::string bytes{reinterpret_cast<const char*>(hash.data()), hash.size()};
  Query query{
      t.db,
      "INSERT INTO ledger(n, at, who, kind, case_id, data, hash, seal) VALUES(?, ?, ?, ?, ?, ?, ?, "
      "?)"};
  query.put(entry.n)
      .put(entry.at)
      .put(entry.who)
      .put(entry.kind)
      .put_or_null(entry.case_id)
      .put(entry.data)
      .blob(bytes)
      .blob(entry.seal)
      .run();
  t.ledger_head = {entry.n, std::move(bytes)};
  return entry.n;
}

}  // namespace earshot::sqlite

#include "sqlite_tables.hpp"

namespace earshot::sqlite {

std::optional<CustomerRecord> customer(Tables& t, std::string_view id) {
  Query query{t.db, "SELECT id, name, contacts, body FROM customer WHERE id = ?"};
  if (!query.put(id).step()) return std::nullopt;
  CustomerRecord out;
  out.id = query.text(0);
  out.name = query.text(1);
  out.contacts = static_cast<std::uint64_t>(query.number(2));
  out.body = query.text(3);
  Query names{t.db, "SELECT identity FROM identity WHERE customer = ? ORDER BY place"};
  names.put(id);
  while (names.step()) out.identities.push_back(names.text(0));
  return out;
}

std::optional<CustomerRecord> customer_by_identity(Tables& t, std::string_view identity) {
  std::string id;
  {
    Query query{t.db, "SELECT customer FROM identity WHERE identity = ?"};
    if (!query.put(identity).step()) return std::nullopt;
    id = query.text(0);
  }
  return customer(t, id);
}

void put_customer(Tables& t, const CustomerRecord& record) {
  {
    Query query{t.db,
                "INSERT OR REPLACE INTO customer(id, name, contacts, body) VALUES(?, ?, ?, ?)"};
    query.put(record.id)
        .put(record.name)
        .put(static_cast<std::int64_t>(record.contacts))
        .put(record.body)
        .run();
  }
  {
    Query query{t.db, "DELETE FROM identity WHERE customer = ?"};
    query.put(record.id).run();
  }
  // An identity belongs to one customer: the last who claims it (that is how two customers are
  // merged).
  std::int64_t place = 0;
  for (const std::string& identity : record.identities) {
    Query query{t.db, "INSERT OR REPLACE INTO identity(identity, customer, place) VALUES(?, ?, ?)"};
    query.put(identity).put(record.id).put(place++).run();
  }
}

namespace {

TokenRecord read_token(const Query& row) {
  TokenRecord out;
  out.id = row.text(0);
  out.hash = row.text(1);
  out.role = row.text(2);
  out.person = row.text(3);
  out.label = row.text(4);
  out.created_at = row.instant(5);
  out.expires_at = row.maybe_instant(6);
  out.last_used = row.maybe_instant(7);
  out.revoked_at = row.maybe_instant(8);
  return out;
}

}  // namespace

std::vector<TokenRecord> tokens(Tables& t) {
  std::vector<TokenRecord> out;
  Query query{t.db,
              "SELECT id, hash, role, person, label, created, expires, last_used, revoked FROM "
              "token ORDER BY created, id"};
  while (query.step()) out.push_back(read_token(query));
  return out;
}

std::optional<TokenRecord> token_by_hash(Tables& t, std::string_view hash) {
  Query query{t.db,
              "SELECT id, hash, role, person, label, created, expires, last_used, revoked FROM "
              "token WHERE hash = ?"};
  if (!query.put(hash).step()) return std::nullopt;
  return read_token(query);
}

void put_token(Tables& t, const TokenRecord& token) {
  Query query{
      t.db,
      "INSERT INTO token(id, hash, role, person, label, created, expires, last_used, revoked) "
      "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT(id) DO UPDATE SET hash = excluded.hash, role = excluded.role, person = "
      "excluded.person, label = excluded.label, "
      "expires = excluded.expires, last_used = excluded.last_used, revoked = excluded.revoked"};
  query.put(token.id)
      .put(token.hash)
      .put(token.role)
      .put(token.person)
      .put(token.label)
      .put(token.created_at);
  query.put(token.expires_at).put(token.last_used).put(token.revoked_at).run();
}

std::optional<std::string> meta(Tables& t, std::string_view key) {
  Query query{t.db, "SELECT value FROM meta WHERE key = ?"};
  if (!query.put(key).step()) return std::nullopt;
  return query.text(0);
}

void put_meta(Tables& t, std::string_view key, std::string_view value) {
  Query query{t.db, "INSERT OR REPLACE INTO meta(key, value) VALUES(?, ?)"};
  query.put(key).put(value).run();
}

std::optional<std::string> answer(Tables& t, std::string_view scope, std::string_view key) {
  Query query{t.db, "SELECT answer FROM answer WHERE scope = ? AND key = ?"};
  if (!query.put(scope).put(key).step()) return std::nullopt;
  return query.text(0);
}

void put_answer(Tables& t, std::string_view scope, std::string_view key, std::string_view answer,
                Instant now) {
  {
    Query query{t.db, "INSERT OR REPLACE INTO answer(scope, key, answer, at) VALUES(?, ?, ?, ?)"};
    query.put(scope).put(key).put(answer).put(now).run();
  }
  // Nobody repeats a request after a week. A few at a time, so that no commit is long.
  Query old{t.db,
            "DELETE FROM answer WHERE (scope, key) IN (SELECT scope, key FROM answer WHERE at < ? "
            "ORDER BY at LIMIT 10)"};
  old.put(now - hours{24 * 7}).run();
}

std::vector<TimerRecord> due_timers(Tables& t, Instant now, std::size_t limit) {
  std::vector<TimerRecord> out;
  Query query{
      t.db,
      "SELECT id, case_id, kind, due, data FROM timer WHERE due <= ? ORDER BY due, id LIMIT ?"};
  query.put(now).put(static_cast<std::int64_t>(limit));
  while (query.step())
    out.push_back({query.text(0), query.text(1), query.text(2), query.instant(3), query.text(4)});
  return out;
}

std::vector<TimerRecord> timers_of(Tables& t, std::string_view case_id) {
  std::vector<TimerRecord> out;
  Query query{t.db,
              "SELECT id, case_id, kind, due, data FROM timer WHERE case_id = ? ORDER BY due, id"};
  query.put(case_id);
  while (query.step())
    out.push_back({query.text(0), query.text(1), query.text(2), query.instant(3), query.text(4)});
  return out;
}

void arm(Tables& t, const TimerRecord& timer) {
  Query query{t.db,
              "INSERT OR REPLACE INTO timer(id, case_id, kind, due, data) VALUES(?, ?, ?, ?, ?)"};
  query.put(timer.id).put(timer.case_id).put(timer.kind).put(timer.due).put(timer.data).run();
}

void disarm(Tables& t, std::string_view id) {
  Query query{t.db, "DELETE FROM timer WHERE id = ?"};
  query.put(id).run();
}

void disarm_case(Tables& t, std::string_view case_id, std::string_view kind) {
  Query query{t.db, "DELETE FROM timer WHERE case_id = ?1 AND (?2 = '' OR kind = ?2)"};
  query.put(case_id).put(kind).run();
}

}  // namespace earshot::sqlite

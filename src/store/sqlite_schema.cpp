#include "sqlite_schema.hpp"

#include <fmt/format.h>

#include <array>

#include "earshot/store/sqlite.hpp"

namespace earshot::sqlite {
namespace {

// Instants are milliseconds since 1970, UTC. "" and NULL: absent texts that are searched by are
// NULL, so that a partial index leaves them out; others are "".
constexpr const char* kFirst = R"sql(
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE origin(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE source(
  name TEXT PRIMARY KEY, state TEXT NOT NULL, last_success INTEGER, last_try INTEGER, failures INTEGER NOT NULL,
  error TEXT NOT NULL, blind_case TEXT NOT NULL, items INTEGER NOT NULL) WITHOUT ROWID;

-- The body holds what is not asked for by SQL (sqlite_post_codec.hpp); it stays last, so that short columns are read without it.
CREATE TABLE post(
  seq INTEGER PRIMARY KEY, origin INTEGER NOT NULL, native TEXT NOT NULL, version INTEGER NOT NULL, copy INTEGER NOT NULL,
  case_id TEXT, seen INTEGER NOT NULL, deleted INTEGER, assessment TEXT, body BLOB NOT NULL);
CREATE INDEX post_case ON post(case_id) WHERE case_id IS NOT NULL;
CREATE INDEX post_copy ON post(copy) WHERE case_id IS NOT NULL;
-- (origin, native) -> seq, by 64-bit hash; a hit is compared with the post itself.
CREATE TABLE post_key(bucket INTEGER, hash INTEGER, seq INTEGER, PRIMARY KEY(bucket, hash, seq)) WITHOUT ROWID;
CREATE TABLE post_filter(filter INTEGER PRIMARY KEY, bits BLOB NOT NULL);
CREATE TABLE post_version(
  id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, version INTEGER NOT NULL, copy INTEGER NOT NULL, seen INTEGER NOT NULL,
  assessment TEXT, body BLOB NOT NULL, UNIQUE(seq, version));
CREATE TABLE signature(seq INTEGER PRIMARY KEY, minhash BLOB NOT NULL);
CREATE TABLE quarantine(
  id INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, native TEXT, raw BLOB NOT NULL, reason TEXT NOT NULL,
  at INTEGER NOT NULL, tries INTEGER NOT NULL);
CREATE UNIQUE INDEX quarantine_item ON quarantine(source, native) WHERE native IS NOT NULL;
CREATE INDEX quarantine_source ON quarantine(source, id);

-- rank: unowned before owned, then page, queue, digest, ignore: the order of every list.
CREATE TABLE cases(
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, state TEXT NOT NULL, urgency TEXT NOT NULL,
  rank INTEGER NOT NULL, team TEXT NOT NULL, owner TEXT NOT NULL, customer TEXT NOT NULL, conversation TEXT NOT NULL,
  principal TEXT NOT NULL, source TEXT NOT NULL, due INTEGER NOT NULL, opened INTEGER NOT NULL, updated INTEGER NOT NULL,
  ended INTEGER NOT NULL, words TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX cases_list ON cases(ended, rank, due, number);
CREATE INDEX cases_state ON cases(state, rank, due, number);
CREATE INDEX cases_owner ON cases(owner, rank, due, number) WHERE ended = 0 AND owner <> '';
CREATE INDEX cases_customer ON cases(customer, updated);
CREATE TABLE counter(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE customer(id TEXT PRIMARY KEY, name TEXT NOT NULL, contacts INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE identity(identity TEXT PRIMARY KEY, customer TEXT NOT NULL, place INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX identity_customer ON identity(customer, place);

-- seal: 16 bytes of salt, or the 32 of the commitment where data was erased (store/ledger.hpp).
CREATE TABLE ledger(
  n INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, kind TEXT NOT NULL, case_id TEXT, data TEXT NOT NULL,
  hash BLOB NOT NULL, seal BLOB NOT NULL);
CREATE INDEX ledger_case ON ledger(case_id, n) WHERE case_id IS NOT NULL;
CREATE INDEX ledger_at ON ledger(at);
CREATE INDEX ledger_kind ON ledger(kind);

CREATE TABLE timer(id TEXT PRIMARY KEY, case_id TEXT NOT NULL, kind TEXT NOT NULL, due INTEGER NOT NULL, data TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX timer_due ON timer(due);
CREATE INDEX timer_case ON timer(case_id, kind);

CREATE TABLE outbox(
  id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, case_id TEXT NOT NULL, lane INTEGER NOT NULL,
  receiver TEXT NOT NULL, person TEXT NOT NULL, target TEXT NOT NULL, step INTEGER NOT NULL, body TEXT NOT NULL,
  message_id TEXT NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL, created INTEGER NOT NULL,
  not_before INTEGER NOT NULL, give_up INTEGER, started INTEGER, ended INTEGER, repeats INTEGER NOT NULL, result TEXT NOT NULL);
CREATE INDEX outbox_due ON outbox(lane, not_before, id) WHERE state IN ('pending', 'uncertain');
CREATE INDEX outbox_receiver ON outbox(receiver, lane, not_before, id) WHERE state IN ('pending', 'uncertain');
CREATE INDEX outbox_started ON outbox(id) WHERE state = 'started';
CREATE INDEX outbox_case ON outbox(case_id, id);

CREATE TABLE record(
  kind TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, parent TEXT NOT NULL, owner TEXT NOT NULL, state TEXT NOT NULL,
  due INTEGER, created INTEGER NOT NULL, updated INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY(kind, id)) WITHOUT ROWID;
CREATE INDEX record_parent ON record(kind, parent, id) WHERE parent <> '';
CREATE INDEX record_owner ON record(kind, owner, id) WHERE owner <> '';
CREATE INDEX record_state ON record(kind, state, due);
CREATE INDEX record_created ON record(kind, created);

CREATE TABLE token(
  id TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, role TEXT NOT NULL, person TEXT NOT NULL, label TEXT NOT NULL,
  created INTEGER NOT NULL, expires INTEGER, last_used INTEGER, revoked INTEGER) WITHOUT ROWID;
CREATE TABLE answer(scope TEXT, key TEXT, answer TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY(scope, key)) WITHOUT ROWID;
CREATE INDEX answer_at ON answer(at);
)sql";

constexpr std::array kMigrations{kFirst};

/// A number alone does not say what stands in a file: one of a build between two releases has the
/// number of the next one. What an operator added besides is let be.
void refuse_other_tables(Db& db, std::span<const char* const> list) {
  Db made{":memory:", Access::read_write, 256};
  for (const char* const sql : list) made.run(sql);
  Query wanted{made, "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL"};
  while (wanted.step()) {
    Query there{db, "SELECT sql FROM sqlite_schema WHERE name = ?1"};
    there.put(wanted.view(0));
    if (there.step() && there.view(0) == wanted.view(1)) continue;
    throw StoreRefused(fmt::format(
        "{}: has layout {}, but its \"{}\" is not the one of this program: another build "
        "wrote it; use that build, restore a backup or begin with a new file",
        db.path(), list.size(), wanted.view(0)));
  }
}

}  // namespace

std::span<const char* const> migrations() {
  return kMigrations;
}

void apply_migrations(Db& db, std::int64_t version, std::span<const char* const> list) {
  db.run("BEGIN IMMEDIATE");
  try {
    for (auto i = static_cast<std::size_t>(version); i < list.size(); ++i) db.run(list[i]);
    db.run(fmt::format("PRAGMA user_version={}; PRAGMA application_id={};", list.size(),
                       kApplicationId)
               .c_str());
    db.run("COMMIT");
  } catch (...) {
    db.rollback();
    throw;
  }
}

void migrate(Db& db, std::span<const char* const> list) {
  const std::int64_t version = db.number("PRAGMA user_version");
  const std::int64_t application = db.number("PRAGMA application_id");
  const auto newest = static_cast<std::int64_t>(list.size());
  const bool empty = db.number("SELECT count(*) FROM sqlite_schema") == 0;
  if (empty ? application != 0 || version != 0 : application != kApplicationId) {
    throw StoreRefused(db.path() + ": this is a database, but not one of Earshot");
  }
  if (version > newest) {
    throw StoreRefused(
        fmt::format("{}: written by a newer Earshot (layout {}, this program knows {}); use that "
                    "version or restore a backup",
                    db.path(), version, newest));
  }
  if (version == newest) return refuse_other_tables(db, list);
  if (version > 0 && db.path() != ":memory:") {
    const auto copied = backup_sqlite(db.path(), fmt::format("{}-before-v{}", db.path(), newest));
    if (!copied) throw StoreError(copied.error().message);
  }
  apply_migrations(db, version, list);
}

}  // namespace earshot::sqlite

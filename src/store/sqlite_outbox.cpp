#include <fmt/format.h>

#include <algorithm>

#include "earshot/core/planted.hpp"
#include "sqlite_tables.hpp"

namespace earshot::sqlite {
namespace {

#define OUTBOX_COLUMNS                                                                       \
  "SELECT id, key, case_id, lane, receiver, person, target, step, body, message_id, state, " \
  "attempts, created, not_before, "                                                          \
  "give_up, started, ended, repeats, result FROM outbox "

OutboxRow read_row(const Query& row) {
  OutboxRow out;
  out.id = row.number(0);
  out.key = row.text(1);
  out.case_id = row.text(2);
  out.lane = row.number(3) == 0 ? Lane::page : Lane::notice;
  out.receiver = row.text(4);
  out.person = row.text(5);
  out.target = row.text(6);
  out.step = row.integer(7);
  out.body = row.text(8);
  out.message_id = row.text(9);
  out.state = from_word<OutboxState>(row.view(10)).value_or(OutboxState::dead);
  out.attempts = row.integer(11);
  out.created_at = row.instant(12);
  out.not_before = row.instant(13);
  out.give_up_at = row.maybe_instant(14);
  out.started_at = row.maybe_instant(15);
  out.ended_at = row.maybe_instant(16);
  out.possible_repeats = row.integer(17);
  out.result = row.text(18);
  return out;
}

int lane_number(Lane lane) {
  return lane == Lane::page ? 0 : 1;
}

void add_due(Tables& t, Lane lane, Instant now, std::size_t limit, std::vector<OutboxRow>& out) {
  Query query{t.db, OUTBOX_COLUMNS
              "WHERE state IN ('pending', 'uncertain') AND lane = ? AND not_before <= ? ORDER BY "
              "not_before, id LIMIT ?"};
  query.put(lane_number(lane)).put(now).put(static_cast<std::int64_t>(limit));
  while (query.step()) out.push_back(read_row(query));
}

std::optional<Instant> nearest(Tables& t, const char* sql) {
  Query query{t.db, sql};
  return query.step() ? query.maybe_instant(0) : std::nullopt;
}

}  // namespace

std::vector<OutboxRow> due_outbox(Tables& t, Instant now, std::size_t limit) {
  std::vector<OutboxRow> out;
  add_due(t, Lane::page, now, limit, out);
  if (out.size() < limit) add_due(t, Lane::notice, now, limit - out.size(), out);
  return out;
}

std::vector<OutboxRow> due_outbox_of(Tables& t, std::string_view receiver, Lane lane, Instant now,
                                     std::size_t limit) {
  std::vector<OutboxRow> out;
  Query query{
      t.db, OUTBOX_COLUMNS
      "WHERE state IN ('pending', 'uncertain') AND receiver = ? AND lane = ? AND not_before "
      "<= ? ORDER BY not_before, id LIMIT ?"};
  query.put(receiver).put(lane_number(lane)).put(now).put(static_cast<std::int64_t>(limit));
  while (query.step()) out.push_back(read_row(query));
  return out;
}

std::optional<OutboxState> outbox_state(Tables& t, std::int64_t id) {
  Query query{t.db, "SELECT state FROM outbox WHERE id = ?"};
  if (!query.put(id).step()) return std::nullopt;
  return from_word<OutboxState>(query.view(0));
}

std::optional<OutboxRow> outbox_row(Tables& t, std::int64_t id) {
  Query query{t.db, OUTBOX_COLUMNS "WHERE id = ?"};
  if (!query.put(id).step()) return std::nullopt;
  return read_row(query);
}

std::vector<OutboxRow> outbox_of(Tables& t, std::string_view case_id) {
  std::vector<OutboxRow> out;
  Query query{t.db, OUTBOX_COLUMNS "WHERE case_id = ? ORDER BY id"};
  query.put(case_id);
  while (query.step()) out.push_back(read_row(query));
  return out;
}

std::vector<OutboxRow> outbox_to(Tables& t, std::string_view case_id, std::string_view receiver) {
  std::vector<OutboxRow> out;
  Query query{t.db, OUTBOX_COLUMNS "WHERE case_id = ? AND receiver = ? ORDER BY id"};
  query.put(case_id).put(receiver);
  while (query.step()) out.push_back(read_row(query));
  return out;
}

std::vector<OutboxRow> live_pages_of(Tables& t, std::string_view case_id, int step) {
  std::vector<OutboxRow> out;
  Query query{t.db, OUTBOX_COLUMNS
              "WHERE case_id = ? AND lane = 0 AND (step = ? OR state IN ('pending', 'uncertain', "
              "'started')) ORDER BY id"};
  query.put(case_id).put(static_cast<std::int64_t>(step));
  while (query.step()) out.push_back(read_row(query));
  return out;
}

std::vector<StoreReader::OutboxDepth> outbox_depths(Tables& t) {
  std::vector<StoreReader::OutboxDepth> out;
  // In flight counts: it is not delivered yet. UNION ALL, because each half has an index of its
  // own.
  Query query{t.db,
              "SELECT receiver, lane, count(*), min(created) FROM ("
              "SELECT receiver, lane, created FROM outbox WHERE state IN ('pending', 'uncertain') "
              "UNION ALL "
              "SELECT receiver, lane, created FROM outbox WHERE state = 'started') GROUP BY "
              "receiver, lane ORDER BY receiver, lane"};
  while (query.step()) {
    out.push_back({query.text(0), query.number(1) == 0 ? Lane::page : Lane::notice,
                   static_cast<std::uint64_t>(query.number(2)), query.maybe_instant(3)});
  }
  return out;
}

std::optional<Instant> next_due(Tables& t) {
  std::optional<Instant> out;
  for (const auto at : {nearest(t,
                                "SELECT min(not_before) FROM outbox WHERE state IN ('pending', "
                                "'uncertain') AND lane = 0"),
                        nearest(t,
                                "SELECT min(not_before) FROM outbox WHERE state IN ('pending', "
                                "'uncertain') AND lane = 1"),
                        nearest(t, "SELECT min(due) FROM timer")}) {
    if (at && (!out || *at < *out)) out = at;
  }
  return out;
}

bool add_outbox(Tables& t, const OutboxRow& row) {
  Query query{t.db,
              "INSERT INTO outbox(key, case_id, lane, receiver, person, target, step, body, "
              "message_id, state, attempts, created, "
              "not_before, give_up, started, ended, repeats, result) VALUES(?, ?, ?, ?, ?, ?, ?, "
              "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
              "ON CONFLICT(key) DO NOTHING"};
  query.put(row.key)
      .put(row.case_id)
      .put(lane_number(row.lane))
      .put(row.receiver)
      .put(row.person)
      .put(row.target)
      .put(row.step);
  query.put(row.body)
      .put(row.message_id)
      .put(to_word(row.state))
      .put(row.attempts)
      .put(row.created_at)
      .put(row.not_before);
  query.put(row.give_up_at)
      .put(row.started_at)
      .put(row.ended_at)
      .put(row.possible_repeats)
      .put(row.result)
      .run();
  const bool added = t.db.changes() == 1;
  if (planted<3> && added) {
    t.db.run(
        "INSERT INTO held SELECT * FROM outbox ORDER BY id DESC LIMIT 1; "
        "DELETE FROM outbox WHERE id = (SELECT max(id) FROM outbox); UPDATE held SET id = NULL");
  }
  return added;
}

void update_outbox(Tables& t, const OutboxRow& row) {
  Query query{t.db,
              "UPDATE outbox SET state = ?, attempts = ?, not_before = ?, give_up = ?, started = "
              "?, ended = ?, repeats = ?, result = ? "
              "WHERE id = ?"};
  query.put(to_word(row.state))
      .put(row.attempts)
      .put(row.not_before)
      .put(row.give_up_at)
      .put(row.started_at)
      .put(row.ended_at);
  query.put(row.possible_repeats).put(row.result).put(row.id).run();
  if (t.db.changes() != 1) throw ConstraintError(fmt::format("there is no outbox row {}", row.id));
}

std::size_t cancel_outbox(Tables& t, std::string_view case_id, Lane lane) {
  // An uncertain row waits for a repeat: that repeat must not start either (P7).
  Query query{t.db,
              "UPDATE outbox SET state = 'cancelled' WHERE case_id = ? AND lane = ? AND state IN "
              "('pending', 'uncertain')"};
  query.put(case_id).put(lane_number(lane)).run();
  return static_cast<std::size_t>(t.db.changes());
}

std::size_t recover_outbox(Tables& t, Instant now) {
  Query query{t.db,
              "UPDATE outbox SET state = 'uncertain', not_before = ?, repeats = repeats + ? WHERE "
              "state = 'started'"};
  query.put(now).put(planted<27> ? 0 : 1).run();
  return static_cast<std::size_t>(t.db.changes());
}

}  // namespace earshot::sqlite

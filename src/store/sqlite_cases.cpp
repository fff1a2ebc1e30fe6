#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "earshot/text/normalise.hpp"
#include "earshot/triage/urgency.hpp"
#include "sqlite_tables.hpp"

namespace earshot::sqlite {
namespace {

// Without a clock a case comes last in its rank.
constexpr std::int64_t kNoDue = std::numeric_limits<std::int64_t>::max();

#define CASE_COLUMNS                                                                             \
  "SELECT id, number, version, state, urgency, team, owner, customer, conversation, principal, " \
  "source, due, opened, updated, "                                                               \
  "ended, words, body, rank FROM cases "

int rank_of(const CaseRecord& record) {
  const auto urgency = from_word<Urgency>(record.urgency).value_or(Urgency::ignore);
  return (record.owner.empty() ? 0 : 10) + 3 - static_cast<int>(urgency);
}

CaseRecord read_case(const Query& row) {
  CaseRecord out;
  out.id = row.text(0);
  out.number = row.number(1);
  out.version = row.number(2);
  out.state = row.text(3);
  out.urgency = row.text(4);
  out.team = row.text(5);
  out.owner = row.text(6);
  out.customer = row.text(7);
  out.conversation = row.text(8);
  out.principal = row.text(9);
  out.source = row.text(10);
  if (row.number(11) != kNoDue) out.due = row.instant(11);
  out.opened_at = row.instant(12);
  out.updated_at = row.instant(13);
  out.ended = row.number(14) != 0;
  out.words = row.text(15);
  out.body = row.text(16);
  return out;
}

/// A WHERE clause and the values of its question marks, in order.
struct Filter {
  std::string sql = "1";
  std::vector<std::string> texts;
  void equal(const char* column, const std::string& value) {
    if (value.empty()) return;
    sql += fmt::format(" AND {} = ?", column);
    texts.push_back(value);
  }
};

/// Cases of hidden teams show only to who owns them or was told of them.
void within(Filter& out, const CaseScope& scope) {
  if (scope.hidden_teams.empty()) return;
  out.sql += " AND (team NOT IN (";
  for (std::size_t i = 0; i < scope.hidden_teams.size(); ++i) {
    out.sql += i == 0 ? "?" : ", ?";
    out.texts.push_back(scope.hidden_teams[i]);
  }
  out.sql += ")";
  if (!scope.person.empty()) {
    out.sql +=
        " OR owner = ? OR EXISTS (SELECT 1 FROM outbox o WHERE o.case_id = cases.id AND o.person = "
        "?)";
    out.texts.insert(out.texts.end(), {scope.person, scope.person});
  }
  out.sql += ")";
}

Filter filter_of(const CaseQuery& query) {
  Filter out;
  if (query.states.empty()) {
    out.sql += " AND ended = 0";
  } else {
    out.sql += " AND state IN (";
    for (std::size_t i = 0; i < query.states.size(); ++i) out.sql += i == 0 ? "?" : ", ?";
    out.sql += ")";
    out.texts = query.states;
  }
  out.equal("team", query.team);
  out.equal("owner", query.owner);
  if (!query.owner.empty()) out.sql += " AND owner <> ''";  // the index of owners holds no others
  out.equal("urgency", query.urgency);
  out.equal("principal", query.principal);
  out.equal("source", query.source);
  out.equal("customer", query.customer);
  if (!query.storm.empty()) {
    out.sql +=
        " AND id IN (SELECT r.id FROM record r WHERE r.kind = 'storm_case' AND r.parent <> '' AND "
        "r.parent = ?)";
    out.texts.push_back(query.storm);
  }
  if (query.unowned) out.sql += " AND owner = ''";
  if (query.late) out.sql += fmt::format(" AND due < {}", to_unix_ms(query.now));
  within(out, query.scope);
  const std::string folded = fold(query.words);
  for (std::size_t from = 0; from < folded.size();) {
    const std::size_t end = std::min(folded.find_first_of(" \t\r\n", from), folded.size());
    if (end > from) {
      out.sql += " AND instr(words, ?) > 0";
      out.texts.push_back(folded.substr(from, end - from));
    }
    from = end + 1;
  }
  return out;
}

/// The cursor is "rank.due.number" of the last case shown. A malformed one starts at the beginning.
std::string after(const std::string& cursor) {
  std::array<std::int64_t, 3> key{};
  const char* from = cursor.data();
  const char* end = from + cursor.size();
  for (std::size_t i = 0; i < key.size(); ++i) {
    const auto [rest, error] = std::from_chars(from, end, key[i]);
    const bool last = i + 1 == key.size();
    if (error != std::errc{} || (last ? rest != end : rest == end || *rest != '.')) return {};
    from = rest + 1;
  }
  return fmt::format(" AND (rank, due, number) > ({}, {}, {})", key[0], key[1], key[2]);
}

void bind(Query& query, const Filter& filter) {
  for (const std::string& text : filter.texts) query.put(text);
}

}  // namespace

std::optional<CaseRecord> case_by_id(Tables& t, std::string_view id) {
  Query query{t.db, CASE_COLUMNS "WHERE id = ?"};
  if (!query.put(id).step()) return std::nullopt;
  return read_case(query);
}

std::optional<CaseRecord> case_by_number(Tables& t, std::int64_t number) {
  Query query{t.db, CASE_COLUMNS "WHERE number = ?"};
  if (!query.put(number).step()) return std::nullopt;
  return read_case(query);
}

std::vector<CaseRecord> cases_of(Tables& t, std::string_view customer,
                                 std::string_view conversation, Instant since, std::size_t limit) {
  std::vector<CaseRecord> out;
  Query query{t.db, CASE_COLUMNS
              "WHERE customer = ?1 AND updated >= ?2 AND (?3 = '' OR conversation = ?3) ORDER BY "
              "updated DESC, number DESC LIMIT ?4"};
  query.put(customer).put(since).put(conversation).put(static_cast<std::int64_t>(limit));
  while (query.step()) out.push_back(read_case(query));
  return out;
}

CasePage cases(Tables& t, const CaseQuery& wanted) {
  const Filter filter = filter_of(wanted);
  const std::size_t limit = std::clamp<std::size_t>(wanted.limit, 1, 500);
  CasePage page;
  if (wanted.counted) {
    Query count{t.db, "SELECT count(*) FROM cases WHERE " + filter.sql};
    bind(count, filter);
    if (count.step()) page.total = static_cast<std::uint64_t>(count.number(0));
  }
  Query query{t.db, fmt::format(CASE_COLUMNS "WHERE {}{} ORDER BY rank, due, number LIMIT {}",
                                filter.sql, after(wanted.after), limit + 1)};
  bind(query, filter);
  std::string last;
  while (query.step()) {
    if (page.items.size() == limit) {
      page.next = last;
      break;
    }
    page.items.push_back(read_case(query));
    last = fmt::format("{}.{}.{}", query.number(17), query.number(11), query.number(1));
  }
  return page;
}

std::map<std::string, std::uint64_t> case_counts(Tables& t, Instant now, const CaseScope& scope) {
  std::map<std::string, std::uint64_t> out{{"unowned", 0}, {"late", 0}};
  Filter filter;
  within(filter, scope);
  Query states{t.db, "SELECT state, count(*) FROM cases WHERE " + filter.sql + " GROUP BY state"};
  bind(states, filter);
  while (states.step()) out[states.text(0)] = static_cast<std::uint64_t>(states.number(1));
  Query open{t.db,
             "SELECT coalesce(sum(rank < 10), 0), coalesce(sum(due < ?), 0) FROM cases INDEXED BY "
             "cases_list WHERE ended = 0 AND " +
                 filter.sql};
  open.put(now);
  bind(open, filter);
  if (open.step()) {
    out["unowned"] = static_cast<std::uint64_t>(open.number(0));
    out["late"] = static_cast<std::uint64_t>(open.number(1));
  }
  return out;
}

namespace {

/// Never given twice, not even after the case is gone. (One statement with RETURNING costs four
/// times as much.)
std::int64_t next_number(Tables& t) {
  {
    Query query{
        t.db,
        "INSERT INTO counter(name, value) VALUES('case', 1) ON CONFLICT(name) DO UPDATE SET "
        "value = value + 1"};
    query.run();
  }
  Query query{t.db, "SELECT value FROM counter WHERE name = 'case'"};
  query.step();
  return query.number(0);
}

void put_columns(Query& query, const CaseRecord& record) {
  query.put(record.version + 1)
      .put(record.state)
      .put(record.urgency)
      .put(rank_of(record))
      .put(record.team)
      .put(record.owner);
  query.put(record.customer).put(record.conversation).put(record.principal).put(record.source);
  query.put(record.due ? to_unix_ms(*record.due) : kNoDue)
      .put(record.opened_at)
      .put(record.updated_at);
  query.put(record.ended ? 1 : 0).put(record.words).put(record.body);
}

}  // namespace

std::pair<std::int64_t, std::int64_t> put_case(Tables& t, const CaseRecord& record) {
  if (record.version == 0) {
    const std::int64_t number = next_number(t);
    Query query{t.db,
                "INSERT INTO cases(version, state, urgency, rank, team, owner, customer, "
                "conversation, principal, source, due, opened, "
                "updated, ended, words, body, number, id) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                "?, ?, ?, ?, ?, ?, ?) ON CONFLICT(id) DO NOTHING"};
    put_columns(query, record);
    query.put(number).put(record.id).run();
    if (t.db.changes() != 1) throw StoreConflict(fmt::format("case {} exists already", record.id));
    return {number, 1};
  }
  {
    Query query{t.db,
                "UPDATE cases SET version = ?, state = ?, urgency = ?, rank = ?, team = ?, owner = "
                "?, customer = ?, conversation = ?, "
                "principal = ?, source = ?, due = ?, opened = ?, updated = ?, ended = ?, words = "
                "?, body = ? WHERE id = ? AND version = ?"};
    put_columns(query, record);
    query.put(record.id).put(record.version).run();
  }
  if (t.db.changes() != 1)
    throw StoreConflict(fmt::format("case {} was changed by somebody else meanwhile", record.id));
  Query query{t.db, "SELECT number FROM cases WHERE id = ?"};
  query.put(record.id).step();
  return {query.number(0), record.version + 1};
}

}  // namespace earshot::sqlite

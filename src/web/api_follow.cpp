// Corrective actions, the trend of causes, failed cases, grants.
#include <algorithm>
#include <map>

#include "earshot/cases/corrective.hpp"
#include "earshot/config/config.hpp"
#include "earshot/runtime/clock.hpp"
#include "parts.hpp"
#include "views.hpp"

namespace earshot {
namespace {

constexpr std::size_t kMost = 10'000;
constexpr Duration kWeek = hours{24 * 7};

bool sees_all(const Viewer& viewer) {
  return viewer.role == "manager" || viewer.role == "auditor" || viewer.role == "admin";
}

bool may_see(const Corrective& it, const Viewer& viewer, const Config& config) {
  if (sees_all(viewer) || std::ranges::find(it.line, viewer.who) != it.line.end()) return true;
  const Department* department = config.follow_through.root_causes.department(it.department);
  return department != nullptr && department->head == viewer.who;
}

/// The last four weeks where nothing is said.
struct Period {
  Instant from{};
  Instant to{};
  std::string wrong;  ///< the parameter that is no time
};

Period period_of(const WebRequest& request, Instant now) {
  Period out{now - 4 * kWeek, now + Duration{1}, ""};
  for (const std::string_view name : {"from", "to"}) {
    const std::string text = request.query_or(name);
    if (text.empty()) continue;
    const auto at = parse_rfc3339(text.size() == 10 ? text + "T00:00:00Z" : text);
    if (!at) out.wrong = name;
    if (at) (name == "from" ? out.from : out.to) = *at;
  }
  if (out.wrong.empty() && out.to <= out.from) out.wrong = "to";
  return out;
}

WebResponse wrong_period(const Period& period) {
  return refuse(400, period.wrong, "from and to are times such as 2026-11-01, in this order.",
                period.wrong);
}

/// All entries of a kind in a period, oldest first.
std::vector<LedgerEntry> entries(StoreReader& reader, const char* kind, const Period& period) {
  std::vector<LedgerEntry> out;
  LedgerQuery query;
  query.kind = kind;
  query.from = period.from;
  query.to = period.to;
  query.limit = kMost;
  for (;;) {
    std::vector<LedgerEntry> some = reader.ledger(query);
    const bool last = some.size() < query.limit;
    if (!some.empty()) query.after = some.back().n;
    std::ranges::move(some, std::back_inserter(out));
    if (last) return out;
  }
}

std::string field_of(const LedgerEntry& entry, std::string_view name) {
  const auto document = parse_json(entry.data);
  return document && document->IsObject() ? std::string{string_at(*document, name)} : std::string{};
}

void begin(JsonWriter& out, const Period& period) {
  out.object();
  out.field("from", to_rfc3339_ms(period.from));
  out.field("to", to_rfc3339_ms(period.to));
}

/// Why a case counts as failed by this entry; "" where it does not.
std::string sign_of(const LedgerEntry& entry) {
  if (entry.kind == "failed") return field_of(entry, "kind");
  const std::string why = field_of(entry, "why");
  return why == "dismissed" || why == "merged" ? "" : "reopened";
}

}  // namespace

Task<WebResponse> Api::Parts::actions(WebRequest request, Viewer viewer, std::vector<std::string>) {
  RecordQuery query;
  query.kind = kAction;
  query.limit = kMost;
  query.owner = request.query_or("owner");
  const std::string state = request.query_or("state");
  if (!state.empty() && state != "all" && !from_word<CorrectiveState>(state))
    co_return refuse(400, "state", "state is open, late, done, declined or all.", "state");
  if (state.empty())
    query.states = {"open", "late"};
  else if (state != "all")
    query.states = {state};
  const std::string department = request.query_or("department");
  const std::string cause = request.query_or("cause");
  const std::shared_ptr<const Config> config = backend.config();
  std::vector<Corrective> all;
  auto look = [&](StoreReader& reader) {
    for (const Record& record : reader.records(query)) {
      auto it = corrective_from_json(record.body);
      if (it && may_see(*it, viewer, *config)) all.push_back(std::move(*it));
    }
  };
  co_await backend.store().read(look);
  std::erase_if(all, [&](const Corrective& it) {
    return (!department.empty() && it.department != department) ||
           (!cause.empty() && it.cause != cause);
  });
  std::ranges::stable_sort(all, [](const Corrective& a, const Corrective& b) {
    return a.owed() != b.owed() ? a.owed() : a.due < b.due;
  });
  JsonWriter out;
  out.object();
  out.key("items");
  out.array();
  for (const Corrective& it : all) out.raw(to_json(it));
  out.end_array();
  out.field("total", static_cast<std::uint64_t>(all.size()));
  out.end();
  co_return json(200, out.take());
}

Task<WebResponse> Api::Parts::action(WebRequest, Viewer viewer, std::vector<std::string> taken) {
  std::string body;
  const std::shared_ptr<const Config> config = backend.config();
  auto look = [&](StoreReader& reader) {
    const auto record = reader.record(kAction, taken.front());
    const auto it = record ? corrective_from_json(record->body) : permanent("none");
    if (it && may_see(*it, viewer, *config)) body = record->body;
  };
  co_await backend.store().read(look);
  if (body.empty()) co_return refuse(404, "no_action", "There is no such corrective action.");
  co_return json(200, body);
}

Task<WebResponse> Api::Parts::action_act(WebRequest request, Viewer viewer,
                                         std::vector<std::string> taken) {
  WebRequest look;
  std::vector<std::string> which{taken.front()};
  Viewer same = viewer;
  WebResponse there = co_await action(std::move(look), std::move(same), std::move(which));
  if (there.status != 200) co_return there;
  DeskCommand command;
  command.what = taken[1];
  command.args.emplace("id", taken.front());
  std::string kind{kAction};
  co_return co_await desk(std::move(kind), std::move(command), std::move(viewer),
                          std::move(request));
}

Task<WebResponse> Api::Parts::desk(std::string kind, DeskCommand command, Viewer viewer,
                                   WebRequest request) {
  auto args = arguments_of(request.body);
  if (!args) co_return refuse(400, "bad_body", args.error().message);
  for (auto& [name, value] : command.args) args->insert_or_assign(name, value);
  command.args = std::move(*args);
  command.who = viewer.who;
  command.manager = viewer.role == "manager" || viewer.role == "admin";
  const DeskAnswer done = co_await backend.change_desk(std::move(kind), std::move(command));
  if (done.done) co_return json(200, done.body);
  if (!done.found) co_return refuse(404, done.code, done.text, done.field);
  const int status = done.code == "not_yours" ? 403 : done.field.empty() ? 409 : 400;
  co_return refuse(status, done.code.empty() ? "refused" : done.code, done.text, done.field);
}

Task<WebResponse> Api::Parts::causes(WebRequest request, Viewer, std::vector<std::string>) {
  const Period period = period_of(request, clock.now());
  if (!period.wrong.empty()) co_return wrong_period(period);
  std::vector<CauseNamed> named;
  auto look = [&](StoreReader& reader) {
    for (const LedgerEntry& entry : entries(reader, "feedback_given", period))
      named.push_back({entry.at, field_of(entry, "cause"), field_of(entry, "department")});
  };
  co_await backend.store().read(look);
  JsonWriter out;
  begin(out, period);
  out.field("step_s", std::chrono::duration_cast<seconds>(kWeek).count());
  out.key("items");
  out.array();
  for (const CauseTrend& row : cause_trend(named, period.from, period.to, kWeek)) {
    out.object();
    out.field("cause", row.cause);
    out.field("department", row.department);
    out.field("total", row.total);
    out.key("counts");
    out.array();
    for (const std::uint64_t n : row.buckets) out.value(n);
    out.end_array();
    out.end();
  }
  out.end_array();
  out.end();
  co_return json(200, out.take());
}

Task<WebResponse> Api::Parts::failed(WebRequest request, Viewer, std::vector<std::string>) {
  const Period period = period_of(request, clock.now());
  if (!period.wrong.empty()) co_return wrong_period(period);
  std::map<std::string, std::map<std::string, std::uint64_t>> teams;
  auto look = [&](StoreReader& reader) {
    for (const char* kind : {"failed", "reopened"}) {
      for (const LedgerEntry& entry : entries(reader, kind, period)) {
        const std::string sign = sign_of(entry);
        const auto record = reader.case_by_id(entry.case_id);
        if (!sign.empty()) ++teams[record ? record->team : ""][sign];
      }
    }
  };
  co_await backend.store().read(look);
  JsonWriter out;
  begin(out, period);
  out.key("items");
  out.array();
  for (const auto& [team, signs] : teams) {
    std::uint64_t total = 0;
    for (const auto& [sign, n] : signs) total += n;
    out.object();
    out.text_or_null("team", team);
    out.field("total", total);
    out.key("signs");
    out.object();
    for (const auto& [sign, n] : signs) out.field(sign, n);
    out.end();
    out.end();
  }
  out.end_array();
  out.end();
  co_return json(200, out.take());
}

Task<WebResponse> Api::Parts::grants(WebRequest request, Viewer, std::vector<std::string>) {
  const Period period = period_of(request, clock.now());
  if (!period.wrong.empty()) co_return wrong_period(period);
  struct Count {
    std::uint64_t granted = 0, beyond = 0, asked = 0, needlessly = 0;
  };
  std::map<std::string, Count> people;
  auto look = [&](StoreReader& reader) {
    for (const LedgerEntry& entry : entries(reader, "granted", period)) {
      ++people[entry.who].granted;
      if (field_of(entry, "beyond") == "yes") ++people[entry.who].beyond;
    }
    for (const LedgerEntry& entry : entries(reader, "grant_asked", period)) {
      ++people[entry.who].asked;
      if (field_of(entry, "allowed") == "yes") ++people[entry.who].needlessly;
    }
  };
  co_await backend.store().read(look);
  JsonWriter out;
  begin(out, period);
  out.key("items");
  out.array();
  for (const auto& [person, count] : people) {
    out.object();
    out.field("person", person);
    out.field("granted", count.granted);
    out.field("granted_beyond", count.beyond);
    out.field("asked", count.asked);
    out.field("asked_although_allowed", count.needlessly);
    out.end();
  }
  out.end_array();
  out.end();
  co_return json(200, out.take());
}

}  // namespace earshot

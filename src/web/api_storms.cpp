/// Storms: list, one with its cases, rename, split, join, end.

#include <algorithm>
#include <array>

#include "earshot/cases/storm.hpp"
#include "earshot/config/config.hpp"
#include "earshot/runtime/clock.hpp"
#include "parts.hpp"
#include "views.hpp"

namespace earshot {
namespace {

constexpr std::size_t kCases = 200;  // shown of one storm
constexpr std::size_t kSample = 5;

struct Whole {
  Storm storm;
  std::optional<Case> lead;
  std::uint64_t cases = 0;
  std::uint64_t grouped = 0;  ///< nobody has them yet
};

std::vector<Record> cases_of_storm(StoreReader& reader, const std::string& id,
                                   std::vector<std::string> states, std::size_t limit) {
  RecordQuery query;
  query.kind = "storm_case";
  query.parent = id;
  query.states = std::move(states);
  query.limit = limit;
  return reader.records(query);
}

std::optional<Whole> read_storm(StoreReader& reader, const Record& record) {
  const auto storm = storm_from_json(record.body);
  if (!storm) return std::nullopt;
  Whole out{*storm, {}, storm->cases, 0};
  if (const auto lead = reader.case_by_id(storm->lead)) out.lead = case_of(*lead);
  out.grouped = cases_of_storm(reader, storm->id, {"grouped"}, 10'000).size();
  return out;
}

void write_action(JsonWriter& out, std::string_view name, const std::string& why_not) {
  out.key(name);
  out.object();
  out.field("ok", why_not.empty());
  if (!why_not.empty()) {
    out.field("code", "ended");
    out.field("text", why_not);
  }
  out.end();
}

void write_actions(JsonWriter& out, const Storm& it) {
  const std::string over = it.ended_at ? "This storm is over." : "";
  out.key("actions");
  out.object();
  write_action(out, "rename", "");
  write_action(out, "split", "");
  write_action(out, "join", over);
  write_action(out, "end", over);
  out.end();
}

void write_storm(JsonWriter& out, const Whole& whole, const Config& config) {
  const Storm& it = whole.storm;
  out.field("id", it.id);
  out.field("name", it.name);
  out.field("words", it.words);
  out.field("why", it.why);
  out.field("since", to_rfc3339_ms(it.since));
  out.key("ended_at");
  if (it.ended_at)
    out.value(to_rfc3339_ms(*it.ended_at));
  else
    out.null();
  out.key("owner");
  if (!whole.lead || whole.lead->owner.empty()) {
    out.null();
  } else {
    const Person* person = find_person(config.people, whole.lead->owner);
    out.object();
    out.field("id", whole.lead->owner);
    out.field("name",
              person != nullptr && !person->name.empty() ? person->name : whole.lead->owner);
    out.end();
  }
  out.field("count", it.count);
  out.key("rate");
  out.array();
  for (const auto& [at, n] : it.rate) {
    out.array();
    out.value(to_rfc3339_ms(at));
    out.value(n);
    out.end_array();
  }
  out.end_array();
  out.field("to_principal", it.to_principal);
  out.field("hazards", it.hazards);
  out.key("muted_until");
  out.null();
  out.field("cases", whole.cases);
  out.field("grouped", whole.grouped);
  out.text_or_null("lead", it.lead);
  write_actions(out, it);
}

void write_sample(JsonWriter& out, const std::vector<Case>& cases) {
  out.key("sample");
  out.array();
  for (std::size_t i = 0; i < std::min(cases.size(), kSample); ++i) {
    out.object();
    out.field("case", cases[i].id);
    out.field("text", cases[i].excerpt);
    out.text_or_null("language", cases[i].language);
    out.end();
  }
  out.end_array();
}

}  // namespace

StormNames storm_names(StoreReader& reader, const std::vector<CaseRecord>& records) {
  StormNames out;
  for (const CaseRecord& it : records) {
    const std::string id = case_of(it).storm;
    if (id.empty() || out.contains(id)) continue;
    const auto record = reader.record("storm", id);
    if (!record) continue;
    if (const auto storm = storm_from_json(record->body)) out[id] = storm->name;
  }
  return out;
}

Task<WebResponse> Api::Parts::storms(WebRequest request, Viewer viewer, std::vector<std::string>) {
  const std::string state = request.query_or("state", "open");
  if (state != "open" && state != "ended" && state != "all")
    co_return refuse(400, "state", "state is open, ended or all.", "state");
  std::vector<Whole> found;
  auto look = [&](StoreReader& reader) {
    RecordQuery query;
    query.kind = "storm";
    if (state != "all") query.states = {state};
    query.limit = 1000;
    for (const Record& record : reader.records(query)) {
      if (auto whole = read_storm(reader, record)) found.push_back(std::move(*whole));
    }
  };
  co_await backend.store().read(look);
  std::ranges::reverse(found);  // ids are ordered by time: the newest first
  const std::shared_ptr<const Config> config = backend.config();
  JsonWriter out;
  out.array();
  for (const Whole& it : found) {
    if (!it.storm.lead.empty()) {
      std::string lead = it.storm.lead;
      const auto no = co_await barred(std::move(lead), viewer, &door_of_reading());
      if (no) continue;
    }
    out.object();
    write_storm(out, it, *config);
    out.end();
  }
  out.end_array();
  co_return json(200, out.take());
}

Task<WebResponse> Api::Parts::storm(WebRequest, Viewer viewer, std::vector<std::string> taken) {
  std::optional<Whole> whole;
  std::vector<CaseRecord> records;
  const std::string id = taken.front();
  auto look = [&](StoreReader& reader) {
    const auto record = reader.record("storm", id);
    if (!record) return;
    whole = read_storm(reader, *record);
    for (const Record& it : cases_of_storm(reader, id, {}, kCases)) {
      if (auto found = reader.case_by_id(it.id)) records.push_back(std::move(*found));
    }
  };
  co_await backend.store().read(look);
  if (!whole) co_return refuse(404, "no_storm", "There is no such storm.");
  std::string lead = whole->storm.lead;
  if (!lead.empty()) {
    auto no = co_await barred(std::move(lead), viewer, &door_of_reading());
    if (no) co_return refuse(404, "no_storm", "There is no such storm.");
  }
  const std::shared_ptr<const Config> config = backend.config();
  const bool all = reach_of(viewer.role, "GET", "viewer", Touches::one).other;
  std::vector<Case> cases;
  for (const CaseRecord& it : records) {
    if (all || is_own(*config, viewer, it, false)) cases.push_back(case_of(it));
  }
  JsonWriter out;
  out.object();
  write_storm(out, *whole, *config);
  write_sample(out, cases);
  out.key("items");
  out.array();
  const StormNames names{{id, whole->storm.name}};
  const Instant now = clock.now();
  for (const Case& it : cases)
    write_case_row(out, it, *config, viewer, now, false, {}, {}, {}, names);
  out.end_array();
  out.end();
  co_return json(200, out.take());
}

Task<WebResponse> Api::Parts::storm_act(WebRequest request, Viewer viewer,
                                        std::vector<std::string> taken) {
  constexpr std::array<std::string_view, 4> kActions{"rename", "split", "join", "end"};
  if (std::ranges::find(kActions, taken[1]) == kActions.end())
    co_return refuse(404, "no_action", "Rename, split, join or end it.");
  auto args = arguments_of(request.body);
  if (!args) co_return refuse(400, "bad_body", args.error().message);
  RotaCommand command;
  command.what = "storm_" + taken[1];
  command.who = viewer.who;
  command.args = std::move(*args);
  std::string list;
  std::vector<std::string> named;
  if (const auto body = parse_json(request.body.empty() ? "{}" : request.body)) {
    const std::vector<std::string> given = strings_at(*body, "cases");
    for (std::string name : given) {
      const std::string found = co_await resolve(std::move(name));
      list += (list.empty() ? "" : ",") + found;
      named.push_back(found);
    }
  }
  command.args.insert_or_assign("cases", list);
  const std::string id = taken.front();
  command.args.insert_or_assign("id", id);
  // Whoever acts on a storm acts on the case that stands for it, on the storm it becomes part of,
  // and on each case that is named.
  std::vector<std::string> touched = std::move(named);
  const std::string into = command.args.contains("into") ? command.args.at("into") : "";
  auto look = [&](StoreReader& reader) {
    for (const std::string& name : {id, into}) {
      const auto record = reader.record("storm", name);
      const auto storm = record ? storm_from_json(record->body) : permanent("no such storm");
      if (storm && !storm->lead.empty()) touched.push_back(storm->lead);
    }
  };
  co_await backend.store().read(look);
  for (std::string& it : touched) {
    auto no = co_await barred(std::move(it), viewer, &door_of_actions());
    if (no) co_return std::move(*no);
  }
  const RotaAnswer done = co_await backend.change_rota(std::move(command));
  if (!done.done)
    co_return refuse(!done.found            ? 404
                     : done.code == "ended" ? 409
                                            : 400,
                     done.code.empty() ? "refused" : done.code, done.text, done.field);
  co_return json(200, done.body);
}

}  // namespace earshot

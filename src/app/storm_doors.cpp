// What people do with a storm: rename it, take cases out, join two, end it. Each command is one
// transaction with its ledger entries and whatever is told.
#include <fmt/format.h>

#include <algorithm>

#include "earshot/cases/arguments.hpp"
#include "earshot/core/utf8.hpp"
#include "rota.hpp"
#include "storms.hpp"

namespace earshot {
namespace {

constexpr std::size_t kMostSplit = 200;
constexpr std::size_t kMostJoined = 10'000;
constexpr std::size_t kNameBytes = 120;

struct Desk {
  StoreWriter& writer;
  const Rules& rules;
  Effects& effects;
  Instant now;
  const RotaCommand& command;

  std::string arg(std::string_view name) const { return argument(command.args, name); }
};

void note(Desk& desk, const Storm& storm, std::string_view kind, const std::string& text) {
  JsonWriter data;
  data.object();
  data.field("storm", storm.id);
  data.field("name", storm.name);
  data.field("text", text);
  data.end();
  desk.writer.append_ledger(
      {0, desk.now, desk.command.who, std::string{kind}, storm.lead, data.take(), ""});
}

RotaAnswer done(const Storm& storm) {
  RotaAnswer out;
  out.done = true;
  out.body = to_json(storm);
  return out;
}

RotaAnswer rename(Desk& desk, Storm storm) {
  const std::string name{cut_utf8(desk.arg("name"), kNameBytes)};
  if (name.empty()) return rota_refusal("name_missing", "Say the new name.", "name");
  note(desk, storm, "storm_renamed", name);
  storm.name = name;
  store_storm(desk.writer, storm, desk.now);
  return done(storm);
}

/// Takes cases out: each is told by itself again.
RotaAnswer split(Desk& desk, Storm storm) {
  std::vector<std::string> ids;
  const std::string list = desk.arg("cases");
  for (std::size_t start = 0; start < list.size();) {
    const std::size_t end = std::min(list.find(',', start), list.size());
    if (end > start) ids.push_back(list.substr(start, end - start));
    start = end + 1;
  }
  if (ids.empty() || ids.size() > kMostSplit)
    return rota_refusal("cases", "Name 1 to 200 cases.", "cases");
  std::uint64_t out = 0;
  std::uint64_t customers = 0;
  for (const std::string& id : ids) {
    const auto record = desk.writer.case_by_id(id);
    if (!record) continue;
    const Case before = load_case(*record);
    if (before.storm != storm.id) continue;
    const Command command{Action::leave_storm,
                          desk.command.who,
                          {{"reason", fmt::format("{} took it out.", desk.command.who)}}};
    Applied applied = apply(before, command, desk.now, desk.rules.config->follow_through);
    Case after = fold_all(before, applied.events);
    desk.effects.commit(before, std::move(after), std::move(applied.events));
    ++out;
    customers += 1 + before.joined;
  }
  if (out == 0) return rota_refusal("cases", "None of these cases is part of it.", "cases");
  storm = *load_storm(desk.writer, storm.id);  // another case may stand for it now
  storm.cases -= std::min(storm.cases, out);
  storm.count -= std::min(storm.count, customers);
  note(desk, storm, "storm_split", fmt::format("{} cases taken out", out));
  store_storm(desk.writer, storm, desk.now);
  return done(storm);
}

void move_cases(Desk& desk, const std::string& from, const Storm& into) {
  RecordQuery query;
  query.kind = kStormCase;
  query.parent = from;
  query.limit = kMostJoined;
  for (const Record& member : desk.writer.records(query)) {
    const auto record = desk.writer.case_by_id(member.id);
    if (!record || record->ended) continue;
    const Case before = load_case(*record);
    // What stood for the other storm is told by the one that stays; a hazard stays by itself.
    const bool grouped = before.id != into.lead && may_be_grouped(before);
    const Command command{Action::enter_storm,
                          desk.command.who,
                          {{"storm", into.id},
                           {"grouped", grouped ? "yes" : "no"},
                           {"reason", fmt::format("Its storm is part of {} now.", into.name)}}};
    Applied applied = apply(before, command, desk.now, desk.rules.config->follow_through);
    if (applied.events.empty()) continue;
    Case after = fold_all(before, applied.events);
    desk.effects.commit(before, std::move(after), std::move(applied.events));
  }
}

RotaAnswer join(Desk& desk, Storm storm) {
  auto into = load_storm(desk.writer, desk.arg("into"));
  if (!into || into->id == storm.id)
    return rota_refusal("into", "Say into which other storm.", "into");
  if (into->ended_at) return rota_refusal("ended", "The storm that stays is over.", "into");
  if (!is_led(desk.writer, *into)) into->lead = storm.lead;
  storm.lead.clear();  // so that nobody steps into its place
  store_storm(desk.writer, storm, desk.now);
  move_cases(desk, storm.id, *into);
  into->count += storm.count;
  into->cases += storm.cases;
  into->to_principal += storm.to_principal;
  into->hazards += storm.hazards;
  into->since = std::min(into->since, storm.since);
  store_storm(desk.writer, *into, desk.now);
  storm.ended_at = desk.now;
  storm.ended_by = desk.command.who;
  store_storm(desk.writer, storm, desk.now);
  if (auto cause = desk.writer.record(kCause, storm.cause); cause && cause->parent == storm.id) {
    cause->parent = into->id;  // what comes under its cause comes under the other
    desk.writer.put_record(*cause);
  }
  note(desk, *into, "storm_joined", fmt::format("{} is part of it now", storm.name));
  return done(*into);
}

}  // namespace

RotaAnswer change_storm(StoreWriter& writer, const Rules& rules, Effects& effects, Chance chance,
                        const RotaCommand& command) {
  Desk desk{writer, rules, effects, chance.now, command};
  auto storm = load_storm(writer, desk.arg("id"));
  if (!storm) {
    RotaAnswer out = rota_refusal("not_found", "There is no such storm.");
    out.found = false;
    return out;
  }
  if (command.what == "storm_rename") return rename(desk, std::move(*storm));
  if (command.what == "storm_split") return split(desk, std::move(*storm));
  if (storm->ended_at) return rota_refusal("ended", "This storm is over.");
  if (command.what == "storm_join") return join(desk, std::move(*storm));
  if (command.what == "storm_end") {
    end_storm(writer, effects, *storm, command.who, chance.now);
    return done(*load_storm(writer, storm->id));
  }
  return rota_refusal("no_command", "There is no such command.");
}

}  // namespace earshot

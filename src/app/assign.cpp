#include "assign.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "availability.hpp"
#include "earshot/oncall/schedule.hpp"
#include "earshot/route/labels.hpp"
#include "earshot/web/live.hpp"
#include "effects.hpp"

namespace earshot {
namespace {

constexpr std::size_t kCasesLookedAt = 16;
constexpr Duration kCustomerMemory = hours{24 * 365};

const Team* team_of(const Rules& rules, const std::string& name) {
  const auto& teams = rules.config->teams;
  const auto found = std::ranges::find(teams, name, &Team::name);
  return found == teams.end() ? nullptr : &*found;
}

std::optional<Instant> last_given(StoreReader& reader, const std::string& team,
                                  const std::string& person) {
  const auto record = reader.record(kGiven, team + "/" + person);
  return record ? std::optional{record->updated_at} : std::nullopt;
}

std::string last_owner(StoreReader& reader, const Case& it, Instant now) {
  if (it.customer.empty()) return {};
  for (const CaseRecord& record :
       reader.cases_of(it.customer, "", now - kCustomerMemory, kCasesLookedAt)) {
    if (record.id != it.id && !record.owner.empty()) return record.owner;
  }
  return {};
}

}  // namespace

AssignPolicy assign_policy(const Rules& rules, const Case& it) {
  const Routing routing = resolve_route(rules.config->route, labels_of(it));
  if (routing.matches.front().assign) return *routing.matches.front().assign;
  const auto found = rules.config->assign.find(it.team);
  return found == rules.config->assign.end() ? AssignPolicy{} : found->second;
}

std::vector<Candidate> candidates_for(StoreReader& reader, const Rules& rules, const Case& it,
                                      Instant now) {
  std::vector<Candidate> out;
  const Team* team = team_of(rules, it.team);
  if (team == nullptr) return out;
  const LiveRota live = read_live(reader);
  std::vector<std::string> on_call;
  if (const auto schedule = rules.schedules.find(team->schedule); schedule != rules.schedules.end())
    on_call = people_on_call(merged(*schedule->second, live), now);
  for (const std::string& id : team->members) {
    Candidate one;
    one.person = id;
    one.on_call = std::ranges::find(on_call, id) != on_call.end();
    one.absent = is_absent(rules, live, id, now);
    CaseQuery owned;
    owned.owner = id;
    owned.limit = 1;
    one.open = static_cast<int>(reader.cases(owned).total);
    one.last_given = last_given(reader, team->name, id);
    if (const auto skills = rules.config->skills.find(id); skills != rules.config->skills.end())
      one.skills = skills->second;
    out.push_back(std::move(one));
  }
  return out;
}

Assignment assignment_for(StoreReader& reader, const Rules& rules, const Case& it, Instant now) {
  const AssignPolicy policy = assign_policy(rules, it);
  if (!policy.chooses()) return {};
  return choose_owner(it, policy, candidates_for(reader, rules, it, now),
                      last_owner(reader, it, now));
}

void remember_turn(StoreWriter& writer, const std::string& team, const std::string& person,
                   Instant now) {
  const std::string id = team + "/" + person;
  Record record = writer.record(kGiven, id).value_or(Record{});
  record.kind = kGiven;
  record.id = id;
  record.parent = team;
  record.owner = person;
  record.state = "given";
  if (record.version == 0) record.created_at = now;
  record.updated_at = now;
  record.body = "{}";
  writer.put_record(record);
}

void remember_waiting(StoreWriter& writer, const Case& it, Instant now) {
  Record record;
  record.kind = kWaiting;
  record.id = fmt::format("{}/{}/{}", it.team, to_rfc3339_ms(it.opened_at), it.id);
  if (writer.record(kWaiting, record.id)) return;
  record.parent = it.team;
  record.state = it.id;
  record.created_at = record.updated_at = now;
  record.body = "{}";
  writer.put_record(record);
}

std::vector<Record> waiting_of(StoreReader& reader, const std::string& team, std::size_t limit) {
  RecordQuery query;
  query.kind = kWaiting;
  query.parent = team;
  query.limit = limit;
  return reader.records(query);
}

}  // namespace earshot

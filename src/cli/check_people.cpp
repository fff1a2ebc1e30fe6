#include "check_people.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace earshot::cli {
namespace {

bool has_receiver(const Config& config, std::string_view type) {
  return std::ranges::any_of(config.receivers,
                             [&](const ReceiverConfig& it) { return it.type == type; });
}

const Team* team_named(const Config& config, std::string_view name) {
  const auto found = std::ranges::find(config.teams, name, &Team::name);
  return found == config.teams.end() ? nullptr : &*found;
}

bool reaches(const Config& config, const std::string& id) {
  const Person* person = find_person(config.people, id);
  return person != nullptr && can_be_told(*person, config);
}

/// False only where it is certain that this target reaches nobody.
bool may_reach(const Config& config, const std::string& target) {
  if (target.starts_with("person:")) return reaches(config, target.substr(7));
  if (target.starts_with("team:")) {
    const Team* team = team_named(config, target.substr(5));
    return team == nullptr || std::ranges::any_of(team->members, [&](const std::string& id) {
             return reaches(config, id);
           });
  }
  if (target == "manager")
    return std::ranges::any_of(config.people, [](const Person& it) { return !it.manager.empty(); });
  return true;
}

/// Who is named by a layer, a step or a team: pages may go to them.
std::set<std::string> people_paged(const Config& config) {
  std::set<std::string> out;
  for (const Schedule& schedule : config.schedules) {
    for (const Layer& layer : schedule.layers) out.insert(layer.people.begin(), layer.people.end());
  }
  for (const EscalationPolicy& policy : config.escalations) {
    for (const auto& step : policy.steps) {
      for (const std::string& target : step.notify) {
        if (target.starts_with("person:")) out.insert(target.substr(7));
      }
    }
  }
  return out;
}

void forecast_steps(const Config& config, std::vector<Forecast>& out) {
  for (std::size_t i = 0; i < config.escalations.size(); ++i) {
    const EscalationPolicy& policy = config.escalations[i];
    for (std::size_t k = 0; k < policy.steps.size(); ++k) {
      const std::vector<std::string>& targets = policy.steps[k].notify;
      const bool some = std::ranges::any_of(
          targets, [&](const std::string& target) { return may_reach(config, target); });
      if (some || targets.empty()) continue;
      out.push_back({fmt::format("escalations[{}]", i),
                     fmt::format("step {} of \"{}\" reaches nobody", k + 1, policy.name),
                     "it is passed over at once; name somebody with a contact that works"});
    }
  }
}

/// Policies that cases get and that end in silence.
void forecast_ends(const Config& config, std::vector<Forecast>& out) {
  std::set<std::string> used;
  for (const RouteMatch& node : all_routes(config.route)) used.insert(node.escalation);
  for (std::size_t i = 0; i < config.escalations.size(); ++i) {
    const EscalationPolicy& policy = config.escalations[i];
    if (!policy.last_resort.empty() || !used.contains(policy.name)) continue;
    out.push_back(
        {fmt::format("escalations[{}]", i),
         fmt::format("after the last round of \"{}\" nobody is told any more", policy.name),
         "write `last_resort: [receiver:NAME]` here, or once for all at the top"});
  }
}

void forecast_strategies(const Config& config, std::vector<Forecast>& out) {
  for (const RouteMatch& node : all_routes(config.route)) {
    const auto of_team = config.assign.find(node.team);
    const bool chooses = node.assign ? node.assign->chooses()
                                     : of_team != config.assign.end() && of_team->second.chooses();
    const Team* team = team_named(config, node.team);
    if (!chooses || (team != nullptr && !team->members.empty())) continue;
    out.push_back({node.path,
                   fmt::format("its strategies choose among the team \"{}\", which has no members",
                               node.team),
                   "add `members:` to the team, or leave `assign:` out"});
  }
}

}  // namespace

bool can_be_told(const Person& person, const Config& config) {
  return std::ranges::any_of(person.contact, [&](const Contact& it) {
    switch (it.kind) {
      case ContactKind::mail:
        return !config.mail.url.empty();
      case ContactKind::sms:
        return has_receiver(config, "sms");
      case ContactKind::call:
        return has_receiver(config, "voice");
      default:
        return true;  // a receiver that is not there is a mistake of its own
    }
  });
}

std::vector<Forecast> forecast_people(const Config& config) {
  std::vector<Forecast> out;
  const std::set<std::string> paged = people_paged(config);
  for (std::size_t i = 0; i < config.people.size(); ++i) {
    const Person& person = config.people[i];
    if (person.contact.empty() || !paged.contains(person.id) || can_be_told(person, config))
      continue;
    out.push_back({fmt::format("people[{}]", i),
                   fmt::format("pages go to {}, and none of their contacts works", person.id),
                   "give them a contact by a receiver that is declared"});
  }
  forecast_steps(config, out);
  forecast_ends(config, out);
  forecast_strategies(config, out);
  return out;
}

}  // namespace earshot::cli

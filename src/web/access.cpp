#include "access.hpp"

#include <algorithm>

#include "earshot/config/people.hpp"

namespace earshot {
namespace {

int rank(std::string_view role) {
  if (role == "viewer" || role == "auditor") return 1;
  if (role == "responder") return 2;
  if (role == "manager") return 3;
  if (role == "admin") return 4;
  return 0;
}

bool sees_all(std::string_view role) {
  return role == "manager" || role == "auditor" || role == "admin";
}

bool holds(const std::vector<std::string>& list, std::string_view item) {
  return std::ranges::find(list, item) != list.end();
}

}  // namespace

bool role_may(const std::string& role, const std::string& needed) {
  if (needed == "push") return role == "service" || rank(role) >= 2;
  if (needed == "audit") return role == "auditor" || rank(role) >= 3;
  return rank(role) >= rank(needed) && rank(needed) > 0;
}

bool is_operator(const Viewer& viewer) {
  return viewer.role == "manager" || viewer.role == "admin";
}

std::string role_for(Action action) {
  return action == Action::hold || action == Action::release ? "manager" : "responder";
}

Reach reach_of(const std::string& role, std::string_view method, std::string_view needed,
               Touches touches) {
  if (!role_may(role, std::string{needed})) return {};
  if (touches == Touches::nothing) return {true, true};
  if (touches == Touches::all) return {sees_all(role), sees_all(role)};
  return {true, method == "GET" ? sees_all(role) : role == "admin"};
}

std::vector<std::string> teams_of(const Config& config, std::string_view person) {
  std::vector<std::string> out;
  if (person.empty()) return out;
  for (const Team& team : config.teams) {
    const bool in = team.lead == person || holds(team.members, person) ||
                    std::ranges::any_of(team.members, [&](const std::string& member) {
                      return is_above(config.people, person, member);
                    });
    if (in) out.push_back(team.name);
  }
  return out;
}

CaseScope scope_of(const Config& config, const Viewer& viewer) {
  if (sees_all(viewer.role)) return {};
  CaseScope out;
  const std::vector<std::string> mine = teams_of(config, viewer.who);
  for (const Team& team : config.teams) {
    if (!holds(mine, team.name)) out.hidden_teams.push_back(team.name);
  }
  out.person = viewer.who;
  return out;
}

bool is_own(const Config& config, const Viewer& viewer, const CaseRecord& record, bool told) {
  const bool declared =
      std::ranges::any_of(config.teams, [&](const Team& team) { return team.name == record.team; });
  if (!declared || told) return true;
  if (!viewer.who.empty() && record.owner == viewer.who) return true;
  return holds(teams_of(config, viewer.who), record.team);
}

}  // namespace earshot

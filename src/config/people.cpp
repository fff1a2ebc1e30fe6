#include "earshot/config/people.hpp"

#include <algorithm>

namespace earshot {

bool is_above(const std::vector<Person>& people, std::string_view boss, const std::string& member) {
  const Person* at = find_person(people, member);
  for (std::size_t hops = 0; at != nullptr && hops < people.size(); ++hops) {
    if (at->manager == boss) return true;
    at = find_person(people, at->manager);
  }
  return false;
}

bool answers_for(const Config& config, std::string_view who, const std::string& member) {
  if (who.empty() || member.empty()) return false;
  if (is_above(config.people, who, member)) return true;
  return std::ranges::any_of(config.teams, [&](const Team& team) {
    return team.lead == who && std::ranges::find(team.members, member) != team.members.end();
  });
}

bool may_take_back(const Config& config, std::string_view who, bool operator_role,
                   const std::string& by, const std::string& person) {
  if (operator_role) return true;
  if (who.empty()) return false;
  return who == by || who == person || answers_for(config, who, by) ||
         answers_for(config, who, person);
}

}  // namespace earshot

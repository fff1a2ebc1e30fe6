#include "earshot/cases/assignment.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

using People = std::vector<const Candidate*>;

std::string primary(std::string_view tag) {
  return to_lower_ascii(tag.substr(0, tag.find('-')));
}

bool names(const std::vector<std::string>& list, std::string_view item) {
  return std::ranges::any_of(list,
                             [&](const std::string& it) { return equals_ignoring_case(it, item); });
}

/// Those who are there and have room; the others leave a reason.
People present(const AssignPolicy& policy, const std::vector<Candidate>& people,
               std::vector<std::string>& reasons) {
  People out;
  for (const Candidate& it : people) {
    if (it.absent) {
      reasons.push_back(fmt::format("{} is away.", it.person));
    } else if (policy.capacity > 0 && it.open >= policy.capacity) {
      reasons.push_back(fmt::format("{} has {} cases, the limit.", it.person, it.open));
    } else {
      out.push_back(&it);
    }
  }
  return out;
}

void narrow_to_on_call(People& left, std::vector<std::string>& reasons) {
  People there;
  std::ranges::copy_if(left, std::back_inserter(there),
                       [](const Candidate* it) { return it->on_call; });
  if (there.empty()) {
    reasons.emplace_back("Nobody of those who could is on call.");
    return;
  }
  left = std::move(there);
  reasons.emplace_back(left.size() == 1 ? left.front()->person + " is on call."
                                        : "Those on call come first.");
}

void narrow_to_skilled(People& left, const Case& it, std::vector<std::string>& reasons) {
  People able;
  std::string why;
  for (const Candidate* person : left) {
    const std::string skill = person->skills.empty() ? "" : skill_for(person->skills, it);
    if (skill.empty()) continue;
    able.push_back(person);
    why += (why.empty() ? "" : " ") + fmt::format("{} knows {}.", person->person, skill);
  }
  if (able.empty()) {
    reasons.emplace_back("Nobody there has just the skills it wants.");
    return;
  }
  left = std::move(able);
  reasons.push_back(why);
}

/// Who has waited longest for a case comes first; never given one: before all others.
bool waited_longer(const Candidate* a, const Candidate* b) {
  if (!a->last_given || !b->last_given) return !a->last_given && b->last_given.has_value();
  return *a->last_given < *b->last_given;
}

void narrow_to_least(People& left, std::vector<std::string>& reasons) {
  const int least =
      (*std::ranges::min_element(left, {}, [](const Candidate* it) { return it->open; }))->open;
  std::erase_if(left, [&](const Candidate* it) { return it->open != least; });
  reasons.push_back(
      left.size() == 1
          ? fmt::format("{} has the fewest open cases: {}.", left.front()->person, least)
          : fmt::format("{} people have the fewest open cases: {}.", left.size(), least));
}

}  // namespace

std::string skill_for(const Skills& skills, const Case& it) {
  std::string with;
  const auto need = [&](const std::vector<std::string>& list, const std::string& have,
                        bool tags) -> bool {
    if (list.empty()) return true;
    if (have.empty()) return false;
    for (const std::string& item : list) {
      const bool same = tags ? primary(item) == primary(have) : equals_ignoring_case(item, have);
      if (!same) continue;
      with += (with.empty() ? "" : ", ") + have;
      return true;
    }
    return false;
  };
  if (!need(skills.languages, it.language, true)) return {};
  if (!need(skills.products, it.product, false)) return {};
  if (!skills.topics.empty()) {
    const auto found = std::ranges::find_if(
        it.topics, [&](const std::string& topic) { return names(skills.topics, topic); });
    if (found == it.topics.end()) return {};
    with += (with.empty() ? "" : ", ") + *found;
  }
  return with.empty() ? "anything" : with;
}

Assignment choose_owner(const Case& it, const AssignPolicy& policy,
                        const std::vector<Candidate>& people, const std::string& last_owner) {
  Assignment out;
  if (!policy.chooses()) return out;
  People left = present(policy, people, out.reasons);
  if (left.empty()) {
    out.reasons.emplace_back("Nobody of the team is there and has room: it waits.");
    return out;
  }
  for (const AssignBy by : policy.by) {
    if (by == AssignBy::same_owner && !last_owner.empty()) {
      const auto same =
          std::ranges::find(left, last_owner, [](const Candidate* p) { return p->person; });
      if (same != left.end()) {
        out.person = last_owner;
        out.reasons.push_back(fmt::format("{} had this customer's case before.", last_owner));
        return out;
      }
    }
    if (by == AssignBy::on_call) narrow_to_on_call(left, out.reasons);
    if (by == AssignBy::skills) narrow_to_skilled(left, it, out.reasons);
    if (by == AssignBy::least_open) narrow_to_least(left, out.reasons);
    if (by == AssignBy::round_robin) break;
  }
  const Candidate* chosen = *std::ranges::min_element(left, waited_longer);
  out.person = chosen->person;
  if (left.size() > 1) out.reasons.push_back(fmt::format("It is {}'s turn.", out.person));
  return out;
}

}  // namespace earshot

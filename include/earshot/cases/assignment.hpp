#pragma once

/// Who shall own a case: the strategies of a team in order, over people who are there and have
/// room. The answer carries its reasons, and what kept the others from it; the caller records them.
/// Pure.

#include <optional>
#include <string>
#include <vector>

#include "earshot/cases/case.hpp"
#include "earshot/core/instant.hpp"
#include "earshot/core/words.hpp"

namespace earshot {

/// whoever_acks: nobody is chosen; who takes it owns it. The others narrow the people or order
/// them: on_call and skills narrow (and are passed over where nobody would be left), same_owner
/// picks the customer's last owner, least_open and round_robin order.
EARSHOT_ENUM(AssignBy, whoever_acks, same_owner, on_call, skills, least_open, round_robin);

/// `assign:` of a team.
struct AssignPolicy {
  std::vector<AssignBy> by{AssignBy::whoever_acks};
  int capacity = 0;     ///< cases one person may hold at once; 0 = no limit
  Duration unowned{0};  ///< a queued case without an owner climbs after this; 0 = never
  bool chooses() const { return !by.empty() && by.front() != AssignBy::whoever_acks; }
};

/// What somebody can deal with; an empty list means anything.
struct Skills {
  std::vector<std::string> languages;  ///< BCP 47
  std::vector<std::string> topics;
  std::vector<std::string> products;
  bool empty() const { return languages.empty() && topics.empty() && products.empty(); }
};

/// A person as the choice sees them at one instant.
struct Candidate {
  std::string person;
  bool on_call = false;
  bool absent = false;
  int open = 0;                         ///< cases they own now
  std::optional<Instant> last_given{};  ///< when a case was last given to them here
  Skills skills{};
};

struct Assignment {
  std::string person;                ///< "" where nobody can take it
  std::vector<std::string> reasons;  ///< sentences, in the order of the strategies
};

/// `last_owner`: of the customer's case before; "" where there is none. Ties go to who has waited
/// longest for a case, then to the order of the candidates.
Assignment choose_owner(const Case& it, const AssignPolicy& policy,
                        const std::vector<Candidate>& people, const std::string& last_owner);

/// Can this person deal with the case? The reason says with what; "" where they cannot.
std::string skill_for(const Skills& skills, const Case& it);

}  // namespace earshot

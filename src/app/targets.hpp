#pragma once

/// Whom an escalation step names, at an instant. Pure.

#include <string>
#include <vector>

#include "earshot/app/rules.hpp"
#include "earshot/cases/case.hpp"
#include "earshot/cases/policy.hpp"

namespace earshot {

struct StepTargets {
  std::vector<std::string> people;     ///< ids, without repeats, in the order of the step
  std::vector<std::string> receivers;  ///< named directly
};

StepTargets resolve_targets(const EscalationStep& step, const Case& it, const Rules& rules,
                            Instant now);

/// One way to reach a person: a receiver, and an address where it serves many.
struct Way {
  std::string receiver;
  std::string target;
  Duration after{};
};
/// How a person is told at this urgency, in order; ways without a working receiver are left out.
std::vector<Way> ways_of(const Person& person, std::string_view urgency, const Rules& rules);

/// Every contact of a person with a working receiver, in order: where the ways fail, they are tried
/// one after another.
std::vector<Way> contacts_of(const Person& person, const Rules& rules);

}  // namespace earshot

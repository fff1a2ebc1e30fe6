#pragma once

/// Whom an escalation step names, at an instant. Pure.

#include <string>
#include <vector>

#include "earshot/app/rules.hpp"
#include "earshot/cases/case.hpp"
#include "earshot/cases/policy.hpp"
#include "earshot/oncall/live.hpp"

namespace earshot {

struct StepTargets {
  std::vector<std::string> people;     ///< ids, without repeats, in the order of the step
  std::vector<std::string> receivers;  ///< named directly
  std::vector<std::string> empty;      ///< schedules that have nobody now
};

StepTargets resolve_targets(const EscalationStep& step, const Case& it, const Rules& rules,
                            Instant now, const LiveRota& live);

/// One way to reach a person: a receiver, and an address where it serves many.
struct Way {
  std::string receiver;
  std::string target;
  Duration after{};
};
/// How a person is told at this urgency, in order; ways without a working receiver are left out.
std::vector<Way> ways_of(const Person& person, std::string_view urgency, const Rules& rules);
/// The same for a page: where contacts must be proved, the others are left out and named in
/// `skipped`.
std::vector<Way> page_ways(const Person& person, const Rules& rules, const LiveRota& live,
                           std::vector<std::string>& skipped);
/// How one contact is reached; nullopt without a working receiver.
std::optional<Way> way_of(const Contact& contact, const Rules& rules);

/// Every contact of a person that takes pages and has a working receiver, in order: where the ways
/// fail, they are tried one after another. Where contacts must be proved, only those that are.
std::vector<Way> page_contacts(const Person& person, const Rules& rules, const LiveRota& live);

}  // namespace earshot

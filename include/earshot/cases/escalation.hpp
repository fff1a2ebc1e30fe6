#pragma once

/// Which step comes next and when. Pure; the tick asks it for everything that falls due.

#include <optional>

#include "earshot/cases/case.hpp"
#include "earshot/cases/policy.hpp"
#include "earshot/core/instant.hpp"

namespace earshot {

struct StepAt {
  int step = 0;
  int round = 0;
  Instant at{};
};

/// A step of the policy; the one after the last is its last resort, where it has one.
EscalationStep step_of(const EscalationPolicy& policy, int step);
/// How many steps a round has, the last resort included.
int step_count(const EscalationPolicy& policy);
/// The last resort is told again so long after it was told.
inline constexpr Duration kLastResortAgain = minutes{30};

/// Where a case begins: step `level` (a reopened case starts higher), at once.
StepAt first_step(const EscalationPolicy& policy, int level, Instant now);
/// The step after (step, round), reckoned from when that one was taken; nullopt at the end of the
/// chain. Where the policy has a last resort the chain does not end: it follows the last round, and
/// itself every half hour.
std::optional<StepAt> next_step(const EscalationPolicy& policy, int step, int round,
                                Instant taken_at);
/// After an outage: of the steps that are overdue only the current (latest) one is taken (P8).
StepAt current_step(const EscalationPolicy& policy, StepAt overdue, Instant now);

}  // namespace earshot

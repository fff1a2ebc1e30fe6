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

/// Where a case begins: step `level` (a reopened case starts higher), at once.
StepAt first_step(const EscalationPolicy& policy, int level, Instant now);
/// The step after (step, round), reckoned from when that one was taken; nullopt at the end of the
/// chain.
std::optional<StepAt> next_step(const EscalationPolicy& policy, int step, int round,
                                Instant taken_at);
/// After an outage: of the steps that are overdue only the current (latest) one is taken (P8).
StepAt current_step(const EscalationPolicy& policy, StepAt overdue, Instant now);

}  // namespace earshot

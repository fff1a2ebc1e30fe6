#pragma once

/// The clocks of a case, computed from what happened and the policy; nothing is stored that cannot
/// be computed again. Pure.

#include <optional>
#include <string>
#include <vector>

#include "earshot/cases/case.hpp"
#include "earshot/cases/policy.hpp"

namespace earshot {

EARSHOT_ENUM(ClockKind, first_answer, feedback, call_back, ack_decay);
EARSHOT_ENUM(ClockState, waiting, running, met, missed);

struct CaseClock {
  ClockKind kind = ClockKind::first_answer;
  ClockState state = ClockState::waiting;
  std::optional<Instant> due{}, started{}, met_at{};
  std::string why;
};

/// So long after the post the first answer is due: by the urgency, and sooner where a principal was
/// addressed. nullopt: no time is promised.
std::optional<Duration> first_answer_limit(const Case& now_case, const CasePolicy& policy);

std::vector<CaseClock> clocks(const Case& now_case, const CasePolicy& policy, Instant now);
/// The nearest due clock that runs; nullopt where none does.
std::optional<CaseClock> nearest_clock(const Case& now_case, const CasePolicy& policy, Instant now);

}  // namespace earshot

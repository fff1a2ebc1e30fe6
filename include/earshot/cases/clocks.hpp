#pragma once

/// The clocks of a case, computed from what happened and the policy; nothing is stored that cannot
/// be computed again. Pure.
///
/// What stops them:
///  - outside the business calendar of the case's urgency every clock but ack_decay stands still;
///  - while the customer is waited for (`wait`), solution and next_update stand still, for
///  waiting_most at a time; first_answer and call_back never do;
///  - reopening starts first_answer and solution anew.

#include <optional>
#include <string>
#include <vector>

#include "earshot/cases/case.hpp"
#include "earshot/cases/policy.hpp"

namespace earshot {

EARSHOT_ENUM(ClockKind, first_answer, next_update, solution, feedback, call_back, ack_decay);
/// waiting: nothing is due. paused: it stands still until `resumes`.
EARSHOT_ENUM(ClockState, waiting, running, paused, met, missed);

struct CaseClock {
  ClockKind kind = ClockKind::first_answer;
  ClockState state = ClockState::waiting;
  std::optional<Instant> due{}, started{}, met_at{};
  std::optional<Instant> warn_at{};  ///< the share of time that is left then wants a word
  std::optional<Instant> resumes{};  ///< of a paused one
  std::string why;
};

/// So long after the post the first answer is due: by the urgency, and sooner where a principal was
/// addressed. nullopt: no time is promised.
std::optional<Duration> first_answer_limit(const Case& it, const CasePolicy& policy);

std::vector<CaseClock> clocks(const Case& it, const CasePolicy& policy, Instant now);
/// The nearest due clock that runs; nullopt where none does.
std::optional<CaseClock> nearest_clock(const Case& it, const CasePolicy& policy, Instant now);
/// One of them; nullopt where the case has none of this kind.
std::optional<CaseClock> clock_of(const Case& it, const CasePolicy& policy, Instant now,
                                  ClockKind kind);
/// "first answer", for sentences.
std::string clock_words(ClockKind kind);

}  // namespace earshot

#include "earshot/cases/clocks.hpp"

#include <algorithm>

namespace earshot {
namespace {

ClockState state_of(const CaseClock& clock, Instant now) {
  if (clock.met_at)
    return clock.due && *clock.met_at > *clock.due ? ClockState::missed : ClockState::met;
  if (!clock.due) return ClockState::waiting;
  return *clock.due < now ? ClockState::missed : ClockState::running;
}

CaseClock first_answer(const Case& it, const CasePolicy& policy) {
  CaseClock clock{ClockKind::first_answer,    {}, {}, it.posted_at, it.answered_at,
                  "From the post's own time."};
  if (const auto limit = first_answer_limit(it, policy)) {
    clock.due = it.posted_at + *limit;
    if (!it.principal.empty()) clock.why = "From the post's own time; a principal was addressed.";
  } else {
    clock.why = "No time is promised for this urgency.";
  }
  return clock;
}

CaseClock call_back(const Case& it) {
  CaseClock clock{
      ClockKind::call_back, {}, it.call_due, {}, {}, "After the answer and the feedback."};
  if (it.feedback) clock.started = it.feedback->at;
  if (!it.hold.empty()) {
    clock.due.reset();
    clock.why = "A legal hold: nobody rings.";
  }
  if (!it.outcome.empty()) clock.met_at = it.ended_at;
  return clock;
}

}  // namespace

std::optional<Duration> first_answer_limit(const Case& it, const CasePolicy& policy) {
  std::optional<Duration> limit;
  if (const auto found = policy.first_answer.find(it.urgency); found != policy.first_answer.end())
    limit = found->second;
  if (it.principal.empty()) return limit;
  const Duration own = it.is_public ? policy.principal_public : policy.principal_private;
  return limit ? std::min(*limit, own) : own;
}

std::vector<CaseClock> clocks(const Case& it, const CasePolicy& policy, Instant now) {
  std::vector<CaseClock> out{first_answer(it, policy)};
  if (it.state == CaseState::acknowledged && it.decays_at) {
    out.push_back({ClockKind::ack_decay,
                   {},
                   it.decays_at,
                   it.acknowledged_at,
                   {},
                   "Without progress the case goes back, one step higher."});
  }
  if (it.verification_needed && (it.state == CaseState::verifying || !it.calls.empty()))
    out.push_back(call_back(it));
  for (CaseClock& clock : out) clock.state = state_of(clock, now);
  return out;
}

std::optional<CaseClock> nearest_clock(const Case& it, const CasePolicy& policy, Instant now) {
  std::optional<CaseClock> nearest;
  if (it.ended()) return nearest;
  for (const CaseClock& clock : clocks(it, policy, now)) {
    if (clock.met_at || !clock.due) continue;
    if (!nearest || *clock.due < *nearest->due) nearest = clock;
  }
  return nearest;
}

}  // namespace earshot

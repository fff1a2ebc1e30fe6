#include "earshot/cases/escalation.hpp"

#include <algorithm>

namespace earshot {
namespace {

constexpr Duration kLeastRoundGap = minutes{5};

int last_of(const EscalationPolicy& policy) {
  return static_cast<int>(policy.steps.size()) - 1;
}

Duration after(const EscalationPolicy& policy, int step) {
  return policy.steps[static_cast<std::size_t>(step)].after;
}

Duration round_gap(const EscalationPolicy& policy) {
  if (policy.repeat_after > Duration{0}) return policy.repeat_after;
  const int last = last_of(policy);
  return last > 0 ? std::max(kLeastRoundGap, after(policy, last) - after(policy, last - 1))
                  : kLeastRoundGap;
}

}  // namespace

EscalationStep step_of(const EscalationPolicy& policy, int step) {
  if (step > last_of(policy)) return {policy.last_resort, {}};
  return policy.steps[static_cast<std::size_t>(std::max(step, 0))];
}

int step_count(const EscalationPolicy& policy) {
  return static_cast<int>(policy.steps.size()) + (policy.last_resort.empty() ? 0 : 1);
}

StepAt first_step(const EscalationPolicy& policy, int level, Instant now) {
  return {std::clamp(level, 0, std::max(0, last_of(policy))), 0, now};
}

std::optional<StepAt> next_step(const EscalationPolicy& policy, int step, int round,
                                Instant taken_at) {
  if (policy.steps.empty()) return std::nullopt;
  if (step < last_of(policy)) {
    const Duration gap = after(policy, step + 1) - after(policy, std::max(step, 0));
    return StepAt{step + 1, round, taken_at + std::max(Duration{0}, gap)};
  }
  if (step > last_of(policy)) return StepAt{step, round, taken_at + kLastResortAgain};
  if (round < policy.repeat) return StepAt{0, round + 1, taken_at + round_gap(policy)};
  if (policy.last_resort.empty()) return std::nullopt;
  return StepAt{last_of(policy) + 1, round, taken_at + round_gap(policy)};
}

StepAt current_step(const EscalationPolicy& policy, StepAt overdue, Instant now) {
  // A chain has at most steps x (repeat + 1) links; the last resort repeats in one leap.
  if (overdue.step > last_of(policy) && now > overdue.at)
    overdue.at += (now - overdue.at) / kLastResortAgain * kLastResortAgain;
  for (auto next = next_step(policy, overdue.step, overdue.round, overdue.at);
       next && next->at <= now; next = next_step(policy, overdue.step, overdue.round, overdue.at)) {
    overdue = *next;
    if (overdue.step > last_of(policy))
      return {overdue.step, overdue.round,
              overdue.at + (now - overdue.at) / kLastResortAgain * kLastResortAgain};
  }
  return overdue;
}

}  // namespace earshot

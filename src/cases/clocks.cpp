#include "earshot/cases/clocks.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace earshot {
namespace {

using Limits = std::map<Urgency, Duration>;

/// What is asked of a clock besides its limit.
struct Terms {
  const CasePolicy& policy;
  const BusinessCalendar* calendar = nullptr;
  std::vector<OpenSpan> pauses{};  ///< the customer is waited for
  std::optional<Instant> waits_until{};
};

/// While the customer is waited for, each time for waiting_most at the longest.
Terms patient(const Case& it, const CasePolicy& policy) {
  Terms out{policy, policy.calendar_of(it.urgency)};
  const auto add = [&](Instant from, Instant to) {
    out.pauses.push_back({from, std::min(to, from + policy.waiting_most)});
  };
  for (const Wait& wait : it.waits) add(wait.from, wait.to);
  if (it.waiting_since) {
    out.waits_until = *it.waiting_since + policy.waiting_most;
    add(*it.waiting_since, *out.waits_until);
  }
  return out;
}

Terms strict(const Case& it, const CasePolicy& policy) {
  return {policy, policy.calendar_of(it.urgency)};
}

void describe(CaseClock& clock, const Terms& terms, Duration limit) {
  clock.why += fmt::format(" {} are promised", to_text(limit));
  clock.why += terms.calendar == nullptr
                   ? "."
                   : fmt::format(" within the hours of \"{}\".", terms.calendar->name);
  if (!terms.pauses.empty())
    clock.why += fmt::format(
        " It stood still for {} while the customer was waited for.",
        terms.pauses.size() == 1 ? "a time" : fmt::format("{} times", terms.pauses.size()));
}

/// Sets when it is due, when a word is said before, and why.
void wind(CaseClock& clock, const Terms& terms, Duration limit) {
  clock.due = after_working_time(terms.calendar, *clock.started, limit, terms.pauses);
  if (!clock.due) {
    clock.why += " The calendar never opens.";
    return;
  }
  const Duration spent{
      static_cast<Duration::rep>(static_cast<double>(limit.count()) * (1 - terms.policy.warn))};
  if (terms.policy.warn > 0)
    clock.warn_at = after_working_time(terms.calendar, *clock.started, spent, terms.pauses);
  describe(clock, terms, limit);
}

void judge(CaseClock& clock, const Terms& terms, Instant now) {
  if (clock.met_at) {
    const bool late = clock.due && *clock.met_at > *clock.due;
    clock.state = late ? ClockState::missed : ClockState::met;
  } else if (!clock.due) {
    clock.state = ClockState::waiting;
  } else if (*clock.due < now) {
    clock.state = ClockState::missed;
  } else {
    clock.resumes = terms.waits_until && now < *terms.waits_until ? terms.waits_until
                                                                  : opens_at(terms.calendar, now);
    clock.state = clock.resumes ? ClockState::paused : ClockState::running;
  }
}

/// By the urgency alone.
std::optional<Duration> answer_promised(const Case& it, const CasePolicy& policy) {
  const auto found = policy.first_answer.find(it.urgency);
  return found == policy.first_answer.end() ? std::nullopt : std::optional{found->second};
}

Duration principal_limit(const Case& it, const CasePolicy& policy) {
  return it.is_public ? policy.principal_public : policy.principal_private;
}

CaseClock answer_clock(const Case& it, const CasePolicy& policy, Instant now, Instant from,
                       std::optional<Instant> met_at, std::string why,
                       std::optional<Duration> limit) {
  CaseClock clock{ClockKind::first_answer, {}, {}, from, met_at, {}, {}, std::move(why)};
  const Terms terms = strict(it, policy);
  if (limit)
    wind(clock, terms, *limit);
  else
    clock.why = "No time is promised for this urgency.";
  judge(clock, terms, now);
  return clock;
}

CaseClock first_answer(const Case& it, const CasePolicy& policy, Instant now) {
  const Instant from = it.reopened_at.value_or(it.posted_at);
  std::string why = it.reopened_at ? "Since the case was reopened." : "From the post's own time.";
  const bool later = it.principal_at && *it.principal_at > from;
  if (!it.principal.empty() && !later) why += " A principal was addressed.";
  CaseClock clock =
      answer_clock(it, policy, now, from, it.answered_at, std::move(why),
                   later ? answer_promised(it, policy) : first_answer_limit(it, policy));
  if (!later) return clock;
  // Words to a principal want an answer of their own, whatever was answered before.
  const bool heard = it.last_answer_at && *it.last_answer_at > *it.principal_at;
  CaseClock own =
      answer_clock(it, policy, now, *it.principal_at, heard ? it.last_answer_at : std::nullopt,
                   "Since a principal was addressed.", principal_limit(it, policy));
  const bool sooner = !clock.met_at && clock.due && own.due && *clock.due < *own.due;
  return sooner ? clock : own;
}

void add_next_update(std::vector<CaseClock>& out, const Case& it, const CasePolicy& policy,
                     Instant now) {
  const auto limit = policy.next_update.find(it.urgency);
  const bool worked_on =
      it.state == CaseState::answered || (it.state == CaseState::acknowledged && it.answered_at);
  if (limit == policy.next_update.end() || !worked_on || !it.last_answer_at) return;
  CaseClock clock{ClockKind::next_update,
                  {},
                  {},
                  it.last_answer_at,
                  {},
                  {},
                  {},
                  "Since the customer last heard of us."};
  const Terms terms = patient(it, policy);
  wind(clock, terms, limit->second);
  judge(clock, terms, now);
  out.push_back(std::move(clock));
}

/// Met when the work is done: the call-back that follows has a clock of its own.
void add_solution(std::vector<CaseClock>& out, const Case& it, const CasePolicy& policy,
                  Instant now) {
  const auto limit = policy.solution.find(it.urgency);
  if (limit == policy.solution.end()) return;
  CaseClock clock{ClockKind::solution,
                  {},
                  {},
                  it.reopened_at.value_or(it.posted_at),
                  {},
                  {},
                  {},
                  it.reopened_at ? "Since the case was reopened." : "From the post's own time."};
  if (it.state == CaseState::verifying || it.state == CaseState::closed)
    clock.met_at =
        it.feedback ? std::optional{std::max(it.feedback->at, *clock.started)} : it.ended_at;
  const Terms terms = patient(it, policy);
  wind(clock, terms, limit->second);
  judge(clock, terms, now);
  out.push_back(std::move(clock));
}

CaseClock call_back(const Case& it, const CasePolicy& policy, Instant now) {
  CaseClock clock{ClockKind::call_back,
                  {},
                  it.call_due,
                  it.call_from,
                  {},
                  {},
                  {},
                  "After the answer and the feedback."};
  const Terms terms = strict(it, policy);
  if (!it.hold.empty()) {
    clock.due.reset();
    clock.why = "A legal hold: nobody rings.";
  } else if (clock.started) {
    const bool again = !it.calls.empty() && it.calls.back().at == *it.call_from;
    if (again) clock.why = "Since the customer was last not reached.";
    wind(clock, terms, again ? policy.call_spacing : policy.call_back);
  }
  if (!it.outcome.empty()) clock.met_at = it.ended_at;
  judge(clock, terms, now);
  return clock;
}

}  // namespace

std::optional<Duration> first_answer_limit(const Case& it, const CasePolicy& policy) {
  const auto limit = answer_promised(it, policy);
  if (it.principal.empty()) return limit;
  const Duration own = principal_limit(it, policy);
  return limit ? std::min(*limit, own) : own;
}

std::vector<CaseClock> clocks(const Case& it, const CasePolicy& policy, Instant now) {
  std::vector<CaseClock> out;
  if (it.kind == "customer") {  // nobody waits for an answer to an incident of our own
    out.push_back(first_answer(it, policy, now));
    add_next_update(out, it, policy, now);
    add_solution(out, it, policy, now);
  }
  if (it.state == CaseState::acknowledged && it.decays_at) {
    CaseClock clock{ClockKind::ack_decay,
                    {},
                    it.decays_at,
                    it.acknowledged_at,
                    {},
                    {},
                    {},
                    "Without progress the case goes back, one step higher."};
    judge(clock, {policy}, now);
    out.push_back(std::move(clock));
  }
  if (it.verification_needed && (it.state == CaseState::verifying || !it.calls.empty()))
    out.push_back(call_back(it, policy, now));
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

std::optional<CaseClock> clock_of(const Case& it, const CasePolicy& policy, Instant now,
                                  ClockKind kind) {
  for (CaseClock& clock : clocks(it, policy, now)) {
    if (clock.kind == kind) return std::move(clock);
  }
  return std::nullopt;
}

std::string clock_words(ClockKind kind) {
  std::string out{to_word(kind)};
  std::ranges::replace(out, '_', ' ');
  return out;
}

}  // namespace earshot

#include "earshot/cases/verification.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "earshot/cases/arguments.hpp"
#include "earshot/core/ids.hpp"
#include "earshot/core/utf8.hpp"
#include "follow.hpp"
#include "gate_rules.hpp"

namespace earshot {
namespace {

Applied refuse(std::string code, std::string text, std::string field = {}) {
  return {{}, Refusal{std::move(code), std::move(text), {}, std::move(field)}};
}

/// When so much working time will have passed.
std::string due_after(const Case& it, Instant now, const CasePolicy& policy, Duration length) {
  const auto* calendar = policy.calendar_of(it.urgency);
  return to_rfc3339(after_working_time(calendar, now, length).value_or(now + length));
}

/// Tries that did not reach the customer count once per spacing: three rings in a minute are one
/// try.
int spaced_misses(const Case& it, Instant now, const CasePolicy& policy) {
  int n = 0;
  std::optional<Instant> last;
  for (const CallTry& call : it.calls) {
    if (call.outcome != CallOutcome::not_reached) continue;
    if (last && call.at - *last < policy.call_spacing) continue;
    last = call.at;
    ++n;
  }
  if (!last || now - *last >= policy.call_spacing) ++n;
  return n;
}

/// Whoever has the case, or wrote down what was done.
bool did_the_work(const Case& it, std::string_view who) {
  return who == it.owner || (it.feedback && who == it.feedback->by);
}

/// They do not say that it is well done, where somebody else was named to ring.
bool rings_for_own_work(const Case& it, const Command& command, const CasePolicy& policy) {
  return it.caller_named && policy.verify_by != "owner" && did_the_work(it, command.who) &&
         it.caller != command.who;
}

}  // namespace

double verification_lot(const std::string& case_id) {
  return static_cast<double>(hash64(case_id) >> 11U) * 0x1p-53;
}

VerificationChoice choose_verification(const Case& it, const CasePolicy& policy) {
  const auto& always = policy.verify_always;
  if (std::ranges::find(always, it.urgency) != always.end())
    return {true, fmt::format("Every case of the urgency {} is called back.", to_word(it.urgency))};
  if (it.reopened > 0) return {true, "It was closed before and came back."};
  if (!it.failed.empty()) return {true, "It is a failed case: " + it.failed};
  const double lot = verification_lot(it.id);
  const bool drawn = lot < policy.verify_share;
  return {drawn, fmt::format("Its lot {:.4f} is {} the share {:.4f}.", lot,
                             drawn ? "below" : "not below", policy.verify_share)};
}

Caller choose_caller(const Case& it, const CasePolicy& policy, const Parties& parties,
                     const std::string& lead) {
  const std::string& by = policy.verify_by;
  if (by == "owner") return {it.owner, "The owner rings."};
  if (!it.principal.empty() && by == "principal")
    return {it.principal, fmt::format("{} was addressed.", it.principal)};
  if (!it.principal.empty() && by == "delegate") {
    const Party principal = parties(it.principal);
    if (!principal.hands.empty() && principal.hands.front() != it.owner)
      return {principal.hands.front(), fmt::format("Rings for {}.", it.principal)};
  }
  const std::string manager = parties(it.owner).manager;
  if (!manager.empty() && !did_the_work(it, manager))
    return {manager, fmt::format("Manager of {}, who has the case.", it.owner)};
  const std::string above = manager.empty() ? "" : parties(manager).manager;
  if (!above.empty() && !did_the_work(it, above))
    return {above, fmt::format("Above {}, who had a hand in it.", manager)};
  if (!lead.empty() && !did_the_work(it, lead))
    return {lead, fmt::format("Leads the team {}.", it.team)};
  return {it.owner, "Nobody else is there to ring."};
}

std::vector<std::string> call_script(const Case& it) {
  std::vector<std::string> out;
  const std::string whom = it.customer_name.empty() ? it.customer_handle : it.customer_name;
  out.push_back(fmt::format("Ring {}{}.", whom.empty() ? "the customer" : whom,
                            it.language.empty() ? "" : fmt::format(" (writes {})", it.language)));
  if (!it.excerpt.empty())
    out.push_back(fmt::format("They wrote: \"{}\"", cut_utf8(it.excerpt, 240)));
  if (it.feedback) {
    out.push_back("We said: " + it.feedback->said);
    out.push_back("We did: " + it.feedback->done);
  }
  if (it.reopened > 0)
    out.push_back(fmt::format("It came back {} before: say that you know.",
                              it.reopened == 1 ? "once" : fmt::format("{} times", it.reopened)));
  out.emplace_back("Ask: is it solved? What is still wrong? What should we have done sooner?");
  if (it.feedback && it.feedback->change_wanted)
    out.push_back("Ask whether they want to hear of it: " + it.feedback->change);
  out.emplace_back("Write down: satisfied; not satisfied, with their words; or not reached.");
  return out;
}

Event verification_due(const Case& it, const std::string& who, Instant now,
                       const CasePolicy& policy) {
  const VerificationChoice choice = choose_verification(it, policy);
  return {EventKind::verification_due,
          who,
          now,
          {{"needed", choice.needed ? "yes" : "no"},
           {"why", choice.why},
           {"by", policy.verify_by},
           {"due", choice.needed ? due_after(it, now, policy, policy.call_back) : ""}}};
}

void ask_after_all(const Case& it, Applied& out, const std::string& who, Instant now,
                   const CasePolicy& policy) {
  if (it.state != CaseState::verifying || it.verification_needed || out.events.empty()) return;
  Event due = verification_due(fold_all(it, out.events), who, now, policy);
  if (due.data.at("needed") == "yes") out.events.push_back(std::move(due));
}

Applied verify(const Case& it, const Command& command, Instant now, const CasePolicy& policy) {
  if (it.ended()) {
    return it.state == CaseState::merged
               ? refuse("merged", fmt::format("This case was merged into {}.", it.merged_into))
               : refuse("ended",
                        fmt::format("This case is {}. Reopen it first.", to_word(it.state)));
  }
  if (auto held = held_back(it)) return {{}, std::move(held)};
  if (it.state != CaseState::verifying)
    return {{}, gate_refusal(it, "A call-back comes after the answer and the feedback.")};
  const auto outcome = from_word<CallOutcome>(argument(command.args, "outcome"));
  if (!outcome)
    return refuse("outcome_missing", "Say the outcome: satisfied, not_satisfied or not_reached.",
                  "outcome");
  const std::string words = argument(command.args, "words");
  if (*outcome == CallOutcome::not_satisfied && words.empty())
    return refuse("words_missing", "Say in the customer's words what is still wrong.", "words");
  if (rings_for_own_work(it, command, policy))
    return refuse(
        "own_work",
        fmt::format("{} rings, not whoever has the case or wrote the feedback. Hand the call on if "
                    "need be.",
                    it.caller));
  Applied out;
  const auto add = [&](EventKind kind, Arguments data) {
    out.events.push_back({kind, command.who, now, std::move(data)});
  };
  add(EventKind::called, {{"outcome", std::string{to_word(*outcome)}},
                          {"words", words},
                          {"next", due_after(it, now, policy, policy.call_spacing)}});
  if (*outcome == CallOutcome::satisfied) add(EventKind::closed, {{"outcome", "satisfied"}});
  if (*outcome == CallOutcome::not_satisfied)
    add(EventKind::reopened,
        {{"reason", words}, {"level", std::to_string(it.level + 1)}, {"why", "not_satisfied"}});
  if (*outcome == CallOutcome::not_reached && spaced_misses(it, now, policy) >= policy.call_tries)
    add(EventKind::closed, {{"outcome", "not_reached"}});
  return out;
}

}  // namespace earshot

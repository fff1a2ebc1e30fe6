// Who rings, what is told when a case comes back or has failed, and grants.
#include <fmt/format.h>

#include <algorithm>

#include "earshot/cases/escalation.hpp"
#include "earshot/cases/failure.hpp"
#include "earshot/cases/verification.hpp"
#include "earshot/config/parties.hpp"
#include "effects.hpp"
#include "follow.hpp"
#include "targets.hpp"

namespace earshot {
namespace {

std::string lead_of(const Config& config, const std::string& team) {
  for (const Team& it : config.teams) {
    if (it.name == team) return it.lead;
  }
  return {};
}

std::string at(const Event& event, std::string_view name) {
  const auto found = event.data.find(name);
  return found == event.data.end() ? std::string{} : found->second;
}

}  // namespace

/// The policy says who rings; it is their task from now on.
Case Effects::name_caller(Case it) {
  if (!it.verification_needed || it.state != CaseState::verifying) return it;
  const Caller chosen = choose_caller(it, rules_.config->follow_through, parties_of(*rules_.config),
                                      lead_of(*rules_.config, it.team));
  if (chosen.person.empty()) return it;
  Applied applied =
      apply(it, {Action::call_to, "policy", {{"person", chosen.person}, {"reason", chosen.why}}},
            chance_.now, rules_.config->follow_through);
  if (!applied.ok() || applied.events.empty()) return it;
  Case after = fold_all(it, applied.events);
  return commit(it, std::move(after), std::move(applied.events));
}

void Effects::tell_caller(const Case& it, const Event& event) {
  Letter letter;
  letter.person = it.caller;
  letter.headline = fmt::format("Call back: case {}", it.number);
  letter.text = at(event, "reason");
  if (it.call_due) letter.text += fmt::format("\nDue {}.", to_rfc3339(*it.call_due));
  for (const std::string& line : call_script(it)) letter.text += "\n- " + line;
  letter.text += fmt::format("\nThen: earshot cases verify {} --outcome …", it.number);
  letter.key = fmt::format("call/{}/{}", it.id, it.version);
  letter.thread = "case-" + it.id;
  letter.case_id = it.id;
  send_letter(letter);
}

/// Those who had a hand in closing it hear that it was not solved.
void Effects::tell_closers(const Case& before, const Case& it, const Event& event) {
  std::vector<std::string> people;
  const auto add = [&](const std::string& id) {
    if (!id.empty() && id != event.who && std::ranges::find(people, id) == people.end())
      people.push_back(id);
  };
  for (const FormerOwner& former : it.former_owners) add(former.person);
  if (before.feedback) add(before.feedback->by);
  for (const CallTry& call : before.calls) add(call.by);
  for (const std::string& person : people)
    tell_person(it, person,
                fmt::format("Case {} was reopened: {}", it.number, at(event, "reason")));
}

/// One level up: the next step of the ladder, or the manager of whoever has it. A case that is new
/// begins at its first step, and those of the next one hear of it besides.
Case Effects::lift_failed(const Case& before, Case it, const Event& event) {
  if (it.grouped || it.ended()) return it;
  const bool fresh = before.id.empty();
  const bool climbs = it.climbs() && it.urgency == Urgency::page;
  // Raised by the same words, its ladder has just begun one level up.
  if (climbs && !fresh && before.urgency != Urgency::page) return it;
  if (climbs && !fresh) return go_on(std::move(it));
  const std::string text =
      fmt::format("Case {} is a failed case: {} Take it over if need be (with a reason).",
                  it.number, at(event, "reason"));
  EscalationStep step;
  const EscalationPolicy* policy = rules_.escalation(it.escalation);
  if (!it.owner.empty()) {
    step.notify = {"manager"};
  } else if (policy != nullptr && !policy->steps.empty()) {
    step = policy->steps[static_cast<std::size_t>(
        std::clamp(it.level + (fresh ? 1 : 0), 0, static_cast<int>(policy->steps.size()) - 1))];
  }
  StepTargets targets = resolve_targets(step, it, rules_, chance_.now, live());
  if (!it.owner.empty()) targets.people.push_back(it.owner);
  const std::string about = fmt::format("failed/{}/{}", it.id, at(event, "kind"));
  if (quiet(it) && !speaks_anyway(it)) return it;
  for (const std::string& id : targets.people) tell_of_case(it, id, text, about, true);
  return it;
}

/// So many clocks have run out since it opened, or was opened again.
void Effects::fail_for_clocks(const std::string& case_id) {
  const auto record = writer_.case_by_id(case_id);
  if (!record || record->ended) return;
  const Case before = load_case(*record);
  LedgerQuery query;
  query.case_id = case_id;
  query.kind = "clock_missed";
  query.from = before.reopened_at.value_or(before.opened_at);
  const int missed = static_cast<int>(writer_.ledger(query).size());
  const auto failure = failure_of_clocks(before, missed, rules_.config->follow_through);
  if (!failure) return;
  Applied applied =
      apply(before, fail_command(*failure, "tick"), chance_.now, rules_.config->follow_through);
  if (!applied.ok() || applied.events.empty()) return;
  Case after = fold_all(before, applied.events);
  commit(before, std::move(after), std::move(applied.events));
}

/// The manager of who asks, or grants beyond what they may, hears of it.
void Effects::tell_grant(const Case& it, const Event& event) {
  const bool beyond = event.kind == EventKind::granted && at(event, "beyond") == "yes";
  const bool asked = event.kind == EventKind::grant_asked && at(event, "allowed") != "yes";
  const Person* person = rules_.person(event.who);
  if (event.kind == EventKind::grant_asked && !asked)
    return tell_person(it, event.who,
                       fmt::format("You may grant a {} of {} without asking.", at(event, "kind"),
                                   at(event, "amount")));
  if ((!beyond && !asked) || person == nullptr || person->manager.empty()) return;
  tell_person(it, person->manager, fmt::format("Case {}: {}", it.number, sentence_of(event)));
}

}  // namespace earshot

// The ladder: who is told at each step, and what follows.

#include <fmt/format.h>

#include <algorithm>

#include "effects.hpp"
#include "targets.hpp"

namespace earshot {
namespace {

std::string short_time(Instant at) {
  return to_rfc3339(at).substr(11, 5) + " UTC";
}

std::string people_text(const std::vector<std::string>& people) {
  std::string out;
  for (const std::string& id : people) out += (out.empty() ? "" : ",") + id;
  return out;
}

}  // namespace

Case Effects::begin_escalation(Case it) {
  const EscalationPolicy* policy = rules_.escalation(it.escalation);
  if (policy == nullptr || policy->steps.empty()) {
    tell_ops(fmt::format("Nobody is told of case {}", it.number),
             "Its route names no escalation policy.", "no-escalation/" + it.id);
    return it;
  }
  const StepAt first = first_step(*policy, it.level, chance_.now);
  return take_step(std::move(it), first);
}

/// One step up from where the case stands; from the top it begins again.
Case Effects::go_on(Case it) {
  const EscalationPolicy* policy = rules_.escalation(it.escalation);
  if (policy == nullptr || policy->steps.empty()) return begin_escalation(std::move(it));
  auto next = next_step(*policy, it.step, it.round, chance_.now);
  StepAt step =
      next.value_or(StepAt{static_cast<int>(policy->steps.size()) - 1, it.round + 1, chance_.now});
  step.at = chance_.now;
  return take_step(std::move(it), step);
}

Case Effects::take_step(Case it, StepAt step) {
  const EscalationPolicy* policy = rules_.escalation(it.escalation);
  if (policy == nullptr || policy->steps.empty()) return begin_escalation(std::move(it));
  if (withheld(it)) return it;
  for (;;) {
    step.step = std::clamp(step.step, 0, step_count(*policy) - 1);
    const StepTargets targets =
        resolve_targets(step_of(*policy, step.step), it, rules_, chance_.now, live());
    auto next = next_step(*policy, step.step, step.round, chance_.now);
    const bool nobody = targets.people.empty() && targets.receivers.empty();
    const bool last_resort = step.step >= static_cast<int>(policy->steps.size());
    if (nobody && next && !last_resort) next->at = chance_.now;
    const Command escalate{Action::escalate,
                           "tick",
                           {{"step", std::to_string(step.step)},
                            {"round", std::to_string(step.round)},
                            {"next_at", next ? to_rfc3339_ms(next->at) : ""},
                            {"told", people_text(targets.people)}}};
    Applied applied = apply(it, escalate, chance_.now, rules_.config->follow_through);
    if (!applied.ok()) return it;
    it = store(fold_all(std::move(it), applied.events), applied.events);
    tell_of(it, CaseChange::escalated, "", sentence_of(applied.events.front()));
    std::string text;
    if (next && !nobody)
      text = fmt::format("If nobody takes it, the next step follows at {}.", short_time(next->at));
    nobody_there(it, targets.empty, step);
    for (const std::string& person : targets.people) page(it, person, step, text);
    for (const std::string& receiver : targets.receivers) page_receiver(it, receiver, step, text);
    if (!nobody || !next || last_resort) {
      if (next)
        writer_.arm({case_timer(it, kEscalate), it.id, std::string{kEscalate}, next->at, "{}"});
      else
        writer_.disarm(case_timer(it, kEscalate));
      if (nobody) {
        tell_ops(fmt::format("Nobody could be told of case {}", it.number),
                 fmt::format("No step of the escalation \"{}\" names anybody who is there now.",
                             it.escalation),
                 fmt::format("nobody/{}/{}", it.id, it.version));
      }
      return it;
    }
    step = *next;  // nobody is there: climb at once, and the ledger says so
  }
}

/// A queued case: the people of the first step hear of it by their own rules, without escalation.
void Effects::tell_people(const Case& it) {
  const EscalationPolicy* policy = rules_.escalation(it.escalation);
  if (policy == nullptr || policy->steps.empty() || withheld(it)) return;
  const StepTargets targets =
      resolve_targets(policy->steps.front(), it, rules_, chance_.now, live());
  for (const std::string& id : targets.people) tell_person(it, id, "");
}

void Effects::page(const Case& it, const std::string& person, StepAt step,
                   const std::string& next) {
  const Person* who = rules_.person(person);
  if (who == nullptr) return;
  std::vector<std::string> skipped;
  std::vector<Way> ways = page_ways(*who, rules_, live(), skipped);
  note_skipped(it, person, skipped);
  const EscalationPolicy* policy = rules_.escalation(it.escalation);
  const bool last_resort = policy != nullptr && step.step >= static_cast<int>(policy->steps.size());
  if (last_resort) {
    for (Way& way : ways) way.after = {};  // the last resort is loud
  }
  if (ways.empty()) {
    tell_ops(fmt::format("{} cannot be paged", person),
             skipped.empty() ? "No contact of theirs has a working receiver."
                             : "They have not proved any of their contacts.",
             fmt::format("unreachable/{}/{}", it.id, person));
  }
  if (!last_resort && bundle(it, person, step)) return;
  for (const Way& way : ways) {
    OutboxRow row;
    row.key = fmt::format("page/{}/{}/{}/{}/{}/{}/{}", it.id, it.version, step.round, step.step,
                          person, way.receiver, way.target);
    row.case_id = it.id;
    row.lane = Lane::page;
    row.receiver = way.receiver;
    row.person = person;
    row.target = way.target;
    row.step = step.step;
    row.not_before = chance_.now + way.after;
    supersede(row);
    page_by(std::move(row), it, step, next);
  }
}

void Effects::page_receiver(const Case& it, const std::string& receiver, StepAt step,
                            const std::string& next) {
  const ReceiverConfig* config = rules_.receiver(receiver);
  if (config == nullptr) return;
  OutboxRow row;
  row.key = fmt::format("page/{}/{}/{}/{}//{}", it.id, it.version, step.round, step.step, receiver);
  row.case_id = it.id;
  row.lane = Lane::page;
  row.receiver = receiver;
  row.step = step.step;
  row.not_before = chance_.now;
  Message message = message_of(MessageKind::page, it);
  message.headline += all_the_same(it);
  message.step = step.step;
  message.round = step.round;
  message.next = next;
  enqueue(std::move(row), *config, message);
}

}  // namespace earshot

// Cases are given to people by their team's strategies; a queued case that nobody takes climbs.
#include <fmt/format.h>

#include "assign.hpp"
#include "effects.hpp"
#include "targets.hpp"

namespace earshot {
namespace {

constexpr int kMostAtOnce = 10;  // cases given when somebody frees up

std::string joined(const std::vector<std::string>& reasons) {
  std::string out;
  for (const std::string& it : reasons) out += (out.empty() ? "" : " ") + it;
  return out;
}

}  // namespace

/// A queued case: the strategies choose who is told, or the people of the first step are.
Case Effects::give_or_tell(Case it) {
  if (withheld(it)) return it;
  const AssignPolicy& policy = assign_policy(rules_, it);
  if (policy.unowned > Duration{0})
    writer_.arm({fmt::format("{}/{}", it.id, kUnowned), it.id, std::string{kUnowned},
                 chance_.now + policy.unowned, "{}"});
  if (!policy.chooses()) {
    tell_people(it);
    return it;
  }
  const Assignment chosen = assignment_for(writer_, rules_, it, chance_.now);
  return give(std::move(it), chosen);
}

/// Records whom the case is given to, or why it waits, and tells them.
Case Effects::give(Case it, const Assignment& chosen) {
  const bool somebody = !chosen.person.empty();
  const Arguments args =
      somebody ? Arguments{{"person", chosen.person}, {"reason", joined(chosen.reasons)}}
               : Arguments{{"text", joined(chosen.reasons)}};
  const Command command{somebody ? Action::assign : Action::note, "assign", args};
  Applied applied = apply(it, command, chance_.now, rules_.config->follow_through);
  if (!applied.ok() || applied.events.empty()) return it;
  if (somebody) remember_turn(writer_, it.team, chosen.person, chance_.now);
  Case after = fold_all(it, applied.events);
  return commit(it, std::move(after), std::move(applied.events));
}

/// Somebody of the team has room again: the oldest case that waits is theirs.
void Effects::give_waiting(const std::string& team) {
  Case of_team;
  of_team.team = team;
  if (!assign_policy(rules_, of_team).chooses()) return;
  for (int i = 0; i < kMostAtOnce; ++i) {
    const auto record = oldest_waiting(writer_, team);
    if (!record) return;
    Case it = load_case(*record);
    const Assignment chosen = assignment_for(writer_, rules_, it, chance_.now);
    if (chosen.person.empty()) return;
    give(std::move(it), chosen);
  }
}

void Effects::climb_unowned(const TimerRecord& timer) {
  const auto record = writer_.case_by_id(timer.case_id);
  if (!record || record->ended) return;
  Case it = load_case(*record);
  if (it.state != CaseState::open || !it.owner.empty()) return;
  const Duration limit = assign_policy(rules_, it).unowned;
  const Command note{
      Action::note,
      "tick",
      {{"text", fmt::format("Nobody has had it for {}: it climbs.", to_text(limit))}}};
  Applied applied = apply(it, note, chance_.now, rules_.config->follow_through);
  Case after = fold_all(it, applied.events);
  it = store(std::move(after), std::move(applied.events));
  begin_escalation(std::move(it));
}

void Effects::answer_person(const Case& it, const std::string& person, const std::string& text,
                            const std::string& about) {
  const Person* who = rules_.person(person);
  if (who == nullptr || text.empty()) return;
  for (const Way& way : ways_of(*who, "queue", rules_)) {
    OutboxRow row;
    row.key = fmt::format("answer/{}/{}/{}/{}/{}/{}", it.id, it.version, about, person,
                          way.receiver, way.target);
    row.case_id = it.id;
    row.receiver = way.receiver;
    row.person = person;
    row.target = way.target;
    row.not_before = chance_.now;
    Message message = message_of(MessageKind::update, it);
    message.person = person;
    message.text = text;
    enqueue(std::move(row), *rules_.receiver(way.receiver), message);
  }
}

}  // namespace earshot

// Cases are given to people by their team's strategies; a queued case that nobody takes climbs.
#include <fmt/format.h>

#include <algorithm>

#include "assign.hpp"
#include "effects.hpp"
#include "targets.hpp"

namespace earshot {
namespace {

constexpr int kMostAtOnce = 10;              // cases given when somebody frees up
constexpr std::size_t kMostLookedAt = 50;    // of those that wait
constexpr Duration kLookAgain = minutes{5};  // somebody may have come back meanwhile

std::string joined(const std::vector<std::string>& reasons) {
  std::string out;
  for (const std::string& it : reasons) out += (out.empty() ? "" : " ") + it;
  return out;
}

}  // namespace

/// A queued case: the strategies choose who is told, or the people of the first step are.
Case Effects::give_or_tell(Case it) {
  if (withheld(it)) return it;
  const AssignPolicy policy = assign_policy(rules_, it);
  if (policy.unowned > Duration{0})
    writer_.arm({case_timer(it, kUnowned), it.id, std::string{kUnowned},
                 chance_.now + policy.unowned, "{}"});
  const bool team =
      std::ranges::find(rules_.config->teams, it.team, &Team::name) != rules_.config->teams.end();
  if (!policy.chooses() || !team) {
    tell_people(it);
    return it;
  }
  const Assignment chosen = assignment_for(writer_, rules_, it, chance_.now);
  if (chosen.person.empty()) {
    remember_waiting(writer_, it, chance_.now);
    look_again(it.team);
  }
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

/// Cases of the team wait: whether somebody is there or has room is looked at again. What frees
/// somebody up does so at once; this is for who comes back from an absence, or comes on call.
void Effects::look_again(const std::string& team) {
  writer_.arm({std::string{kGive} + "/" + team, std::string{kGive} + "/" + team, std::string{kGive},
               chance_.now + kLookAgain, "{}"});
}

/// Does this case still wait for somebody? One that is kept quiet is given when it may be told.
bool Effects::waits_for_somebody(const Case& it) {
  if (it.ended() || !it.owner.empty() || !it.told.empty() || it.grouped) return false;
  return it.step < 0 && !withheld(it);
}

/// Somebody of the team has room again: the oldest case that waits is theirs. One for which nobody
/// has the skills or the room lets younger ones pass.
void Effects::give_waiting(const std::string& team) {
  const std::vector<Record> all = waiting_of(writer_, team, kMostLookedAt);
  int given = 0;
  bool left = all.size() == kMostLookedAt;
  for (const Record& waiting : all) {
    const auto record = writer_.case_by_id(waiting.state);
    Case it = record ? load_case(*record) : Case{};
    const bool still = record && it.team == team && waits_for_somebody(it);
    const AssignPolicy policy = still ? assign_policy(rules_, it) : AssignPolicy{};
    if (still && policy.chooses()) {
      const Assignment chosen =
          given < kMostAtOnce ? assignment_for(writer_, rules_, it, chance_.now) : Assignment{};
      if (chosen.person.empty()) {
        left = true;
        continue;
      }
      give(std::move(it), chosen);
      ++given;
    } else if (still) {
      tell_people(it);  // a reload: nobody is chosen any more
    }
    writer_.remove_record(kWaiting, waiting.id);
  }
  if (left) look_again(team);
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

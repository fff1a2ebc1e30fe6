// What of the effects belongs to storms and floods: which case stands for a storm, who hears of it,
// and an owner who is told once that their customer writes and writes.
#include <fmt/format.h>

#include <algorithm>

#include "effects.hpp"
#include "storms.hpp"
#include "targets.hpp"

namespace earshot {
namespace {

constexpr Duration kAgain = minutes{10};
constexpr std::size_t kLookedAt = 200;  // for the next one that stands for a storm

std::string_view state_in_storm(const Case& it) {
  if (it.ended()) return "ended";
  if (it.grouped) return "grouped";
  return it.owner.empty() ? "own" : "owned";
}

}  // namespace

/// Keeps the record by which the cases of a storm are found.
void Effects::note_storm_case(const Case& before, const Case& after) {
  if (before.storm.empty() && after.storm.empty()) return;
  if (before.storm == after.storm && state_in_storm(before) == state_in_storm(after)) return;
  if (after.storm.empty()) return writer_.remove_record(kStormCase, after.id);
  Record record = writer_.record(kStormCase, after.id).value_or(Record{});
  if (record.version == 0) record.created_at = chance_.now;
  record.kind = kStormCase;
  record.id = after.id;
  record.parent = after.storm;
  record.owner = after.owner;
  record.state = state_in_storm(after);
  record.updated_at = chance_.now;
  record.body = "{}";
  writer_.put_record(record);
}

/// It entered or left a storm. What is grouped falls silent, what is told by itself again begins.
Case Effects::storm_changed(const Case& before, Case it) {
  if (!before.storm.empty() && before.storm != it.storm) next_lead(before.storm, it);
  if (before.id.empty() || before.grouped == it.grouped) return it;
  if (it.grouped) {
    writer_.cancel_outbox(it.id, Lane::page);
    writer_.disarm(case_timer(it, kEscalate));
    writer_.disarm(case_timer(it, kUnowned));
    return it;
  }
  if (it.ended() || !it.owner.empty()) return it;
  notify_routes(it);
  if (it.urgency == Urgency::page) return begin_escalation(std::move(it));
  return it.urgency == Urgency::queue ? give_or_tell(std::move(it)) : it;
}

/// The case that stood for a storm has ended or left it: the most urgent of those nobody has, and
/// of these the oldest, is told now. So there is one page at a time, and never none.
void Effects::next_lead(const std::string& id, const Case& gone) {
  auto storm = load_storm(writer_, id);
  if (!storm || storm->lead != gone.id) return;
  RecordQuery query;
  query.kind = kStormCase;
  query.parent = id;
  query.states = {"grouped"};
  query.limit = kLookedAt;
  std::optional<Case> next;
  for (const Record& record : writer_.records(query)) {
    const auto found = writer_.case_by_id(record.id);
    if (!found || found->ended || record.id == gone.id) continue;
    Case it = load_case(*found);
    if (it.grouped && (!next || it.urgency > next->urgency)) next = std::move(it);
  }
  storm->lead = next ? next->id : "";
  store_storm(writer_, *storm, chance_.now);
  if (next)
    lead(*storm, *next,
         fmt::format("Case {} stood for the storm and is out of it; now this one does.",
                     gone.number));
}

void Effects::lead(const Storm& storm, const Case& it, const std::string& reason) {
  const Command command{
      Action::enter_storm, "storm", {{"storm", storm.id}, {"grouped", "no"}, {"reason", reason}}};
  Applied applied = apply(it, command, chance_.now, rules_.config->follow_through);
  if (applied.events.empty()) return;
  Case after = fold_all(it, applied.events);
  commit(it, std::move(after), std::move(applied.events));
}

void Effects::ungroup(const Case& it, const std::string& reason) {
  Storm storm;
  storm.id = it.storm;
  lead(storm, it, reason);
}

void Effects::raise_lead(const Storm& storm, const Case& louder) {
  const auto record = writer_.case_by_id(storm.lead);
  if (!record || record->ended) return;
  const Case before = load_case(*record);
  if (before.urgency >= louder.urgency) return;
  const Command raise{Action::raise,
                      "storm",
                      {{"urgency", std::string{to_word(louder.urgency)}},
                       {"reason", fmt::format("Case {} of the storm is a {}.", louder.number,
                                              to_word(louder.urgency))}}};
  Applied applied = apply(before, raise, chance_.now, rules_.config->follow_through);
  Case after = fold_all(before, applied.events);
  if (!applied.events.empty()) commit(before, std::move(after), std::move(applied.events));
}

/// The owner of the case that stands for it, or whoever is being told of it, and its rooms.
void Effects::tell_storm(const Storm& storm, const std::string& text, const std::string& about) {
  const auto record = writer_.case_by_id(storm.lead);
  if (!record) return;
  const Case it = load_case(*record);
  std::vector<Way> ways;
  std::vector<std::string> whom;
  const auto add = [&](const std::string& person) {
    const Person* who = rules_.person(person);
    if (who == nullptr) return;
    for (Way& way : ways_of(*who, "queue", rules_)) {
      ways.push_back(std::move(way));
      whom.push_back(person);
    }
  };
  if (!it.owner.empty())
    add(it.owner);
  else
    std::ranges::for_each(it.told, add);
  for (const std::string& room : it.receivers) {
    ways.push_back({room, "", {}});
    whom.emplace_back();
  }
  for (std::size_t i = 0; i < ways.size(); ++i) {
    const ReceiverConfig* receiver = rules_.receiver(ways[i].receiver);
    if (receiver == nullptr) continue;
    OutboxRow row;
    row.key = fmt::format("storm/{}/{}/{}/{}", storm.id, about, ways[i].receiver, ways[i].target);
    row.case_id = it.id;
    row.receiver = ways[i].receiver;
    row.person = whom[i];
    row.target = ways[i].target;
    row.not_before = chance_.now;
    Message message = message_of(MessageKind::update, it);
    message.headline = fmt::format("Storm: {}", storm.name);
    message.person = whom[i];
    message.text = text;
    enqueue(std::move(row), *receiver, message);
  }
}

/// The first time at once; whatever follows within ten minutes is one message at their end.
void Effects::wrote_again(const Case& it) {
  if (it.owner.empty()) return;
  const std::string id = case_timer(it, kAgainTimer);
  for (TimerRecord timer : writer_.timers_of(it.id)) {
    if (timer.id != id) continue;
    const auto document = parse_json(timer.data);
    const std::int64_t n = document ? integer_at(*document, "n").value_or(0) : 0;
    timer.data = fmt::format("{{\"n\":{}}}", n + 1);
    return writer_.arm(timer);
  }
  tell_person(it, it.owner, fmt::format("The customer of case {} wrote again.", it.number));
  writer_.arm({id, it.id, std::string{kAgainTimer}, chance_.now + kAgain, "{\"n\":0}"});
}

void Effects::say_how_often(const TimerRecord& timer) {
  const auto record = writer_.case_by_id(timer.case_id);
  const auto document = parse_json(timer.data);
  const std::int64_t n = document ? integer_at(*document, "n").value_or(0) : 0;
  if (!record || record->ended || n == 0) return;
  const Case it = load_case(*record);
  if (it.owner.empty()) return;
  tell_person(it, it.owner,
              fmt::format("The customer of case {} wrote {} more times.", it.number, n));
  writer_.arm({timer.id, it.id, timer.kind, chance_.now + kAgain, "{\"n\":0}"});
}

}  // namespace earshot

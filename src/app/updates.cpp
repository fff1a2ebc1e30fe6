// Status updates: who was told of a case hears what became of it.
#include "earshot/config/updates.hpp"

#include <fmt/format.h>

#include <set>

#include "earshot/receivers/outbox.hpp"
#include "effects.hpp"

namespace earshot {
namespace {

std::optional<CaseChange> change_of(const Event& event) {
  switch (event.kind) {
    case EventKind::acknowledged:
    case EventKind::taken_over:
      return CaseChange::taken;
    case EventKind::answered:
      return CaseChange::answered;
    case EventKind::closed:
    case EventKind::dismissed:
    case EventKind::merged:
      return CaseChange::closed;
    default:
      return std::nullopt;
  }
}

/// Somebody has read it, or may have. What was refused or surely not sent told nobody.
bool was_told(const OutboxRow& row) {
  const bool arrived = row.state == OutboxState::ok || row.state == OutboxState::started ||
                       row.state == OutboxState::uncertain || row.possible_repeats > 0;
  return arrived && !row.key.starts_with(kUpdatePrefix) && !row.key.starts_with("self/");
}

}  // namespace

void Effects::tell_of_change(const Case& it, const Event& event) {
  std::optional<CaseChange> change = change_of(event);
  if (event.kind == EventKind::assigned && !it.owner.empty()) change = CaseChange::taken;
  if (change) tell_of(it, *change, event.who, sentence_of(event));
}

void Effects::tell_of(const Case& it, CaseChange change, const std::string& who,
                      const std::string& sentence) {
  std::set<std::pair<std::string, std::string>> told;
  for (const OutboxRow& first : writer_.outbox_of(it.id)) {
    if (!was_told(first) || !told.emplace(first.receiver, first.target).second) continue;
    const ReceiverConfig* receiver = rules_.receiver(first.receiver);
    if (receiver == nullptr || !wants_update(*receiver, change)) continue;
    if (first.person == who && !who.empty() && !tells_doer(receiver->type)) continue;
    Message message = message_of(MessageKind::update, it);
    message.change = to_word(change);
    message.doer = rules_.person(who) == nullptr ? "" : who;
    message.person = first.person;
    message.text = sentence;
    OutboxRow row;
    row.key = fmt::format("{}{}/{}/{}/{}/{}", kUpdatePrefix, it.id, it.version, to_word(change),
                          first.receiver, first.target);
    row.case_id = it.id;
    row.receiver = first.receiver;
    row.person = first.person;
    row.target = first.target;
    row.not_before = chance_.now;
    enqueue(std::move(row), *receiver, message, first.message_id);
  }
}

}  // namespace earshot

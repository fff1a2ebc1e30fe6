// What of the effects belongs to the rota: its records, notices without a case, nobody on call.
#include <fmt/format.h>

#include "earshot/web/live.hpp"
#include "effects.hpp"
#include "targets.hpp"

namespace earshot {

const LiveRota& Effects::live() {
  if (!live_) live_ = read_live(writer_);
  return *live_;
}

void Effects::tell_by(const std::string& person, const Way& way, const std::string& headline,
                      const std::string& text, const std::string& key) {
  const ReceiverConfig* receiver = rules_.receiver(way.receiver);
  if (receiver == nullptr) return;
  OutboxRow row;
  row.key = fmt::format("tell/{}/{}/{}/{}", key, person, way.receiver, way.target);
  row.receiver = way.receiver;
  row.person = person;
  row.target = way.target;
  row.not_before = chance_.now + way.after;
  Message message;
  message.kind = MessageKind::notice;
  message.headline = headline;
  message.text = text;
  message.person = person;
  message.at = chance_.now;
  enqueue(std::move(row), *receiver, message);
}

void Effects::tell(const std::string& person, const std::string& headline, const std::string& text,
                   const std::string& key) {
  const Person* who = rules_.person(person);
  if (who == nullptr) return;
  for (const Way& way : ways_of(*who, "queue", rules_)) tell_by(person, way, headline, text, key);
}

/// A step named schedules that have nobody now: the ledger says so, and the house hears of it once
/// an hour.
void Effects::nobody_there(const Case& it, const std::vector<std::string>& schedules, StepAt step) {
  for (const std::string& name : schedules) {
    JsonWriter data;
    data.object();
    data.field("schedule", name);
    data.field("step", step.step);
    data.field("round", step.round);
    data.end();
    writer_.append_ledger({0, chance_.now, "tick", "nobody_on_call", it.id, data.take(), ""});
    tell_ops(fmt::format("Nobody is on call for {}", name),
             fmt::format("Case {} climbs at once.", it.number),
             fmt::format("nobody-on-call/{}/{}", name, to_rfc3339(chance_.now).substr(0, 13)));
  }
}

/// Ways that do not count because nobody has proved them.
void Effects::note_skipped(const Case& it, const std::string& person,
                           const std::vector<std::string>& ways) {
  if (ways.empty()) return;
  JsonWriter data;
  data.object();
  data.field("person", person);
  data.field("ways", ways);
  data.field("why", "not proved by a code");
  data.end();
  writer_.append_ledger({0, chance_.now, "tick", "contact_skipped", it.id, data.take(), ""});
}

/// One of several who must acknowledge has: their own pages stop.
void Effects::cancel_pages_of(const Case& it, const std::string& person) {
  for (OutboxRow row : writer_.outbox_of(it.id)) {
    const bool ended = row.state == OutboxState::ok || row.state == OutboxState::dead ||
                       row.state == OutboxState::cancelled;
    if (ended || row.lane != Lane::page || row.person != person) continue;
    row.state = OutboxState::cancelled;
    row.ended_at = chance_.now;
    writer_.update_outbox(row);
  }
}

}  // namespace earshot

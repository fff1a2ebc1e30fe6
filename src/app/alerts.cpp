// Alertmanager keeps states, not messages: whoever fired an alert owes it the news that it changed
// or ended, and repeats it, because Alertmanager forgets its alerts when it starts again. Which
// receivers have an alert of a case stands in a timer of the case.
#include <fmt/format.h>

#include <algorithm>

#include "earshot/receivers/outbox.hpp"
#include "effects.hpp"

namespace earshot {
namespace {

constexpr Duration kRefresh = minutes{30};  // an alert lives for four hours without it

std::string alert_timer(const std::string& case_id) {
  return case_id + "/" + std::string{kAlert};
}

std::vector<std::string> receivers_in(const std::string& data) {
  const auto document = parse_json(data);
  return document ? strings_at(*document, "receivers") : std::vector<std::string>{};
}

std::string write_receivers(const std::vector<std::string>& receivers) {
  JsonWriter out;
  out.object();
  out.field("receivers", receivers);
  out.end();
  return out.take();
}

bool waits(const OutboxRow& row) {
  return row.state == OutboxState::pending || row.state == OutboxState::uncertain;
}

}  // namespace

/// The receivers that have an alert of this case.
std::vector<std::string> Effects::alerts_of(const std::string& case_id) {
  std::vector<std::string> none;
  if (case_id.empty()) return none;
  for (const TimerRecord& timer : writer_.timers_of(case_id)) {
    if (timer.kind == kAlert) return receivers_in(timer.data);
  }
  return none;
}

void Effects::remember_alerts(const std::string& receiver, const Message& message) {
  for (const MessageCase& it : message.cases) {
    const auto record = writer_.case_by_id(it.id);
    if (!record || record->ended) continue;
    std::vector<std::string> known = alerts_of(it.id);
    if (std::ranges::find(known, receiver) == known.end()) known.push_back(receiver);
    writer_.arm({alert_timer(it.id), it.id, std::string{kAlert}, chance_.now + kRefresh,
                 write_receivers(known)});
  }
}

/// What waits for this receiver is older than what follows and would undo it. What is on its way
/// may still arrive: the outbox sends the new state behind it.
void Effects::supersede(const Case& it, const ReceiverConfig& receiver) {
  if (it.state == CaseState::open) return;
  for (OutboxRow row : writer_.outbox_to(it.id, receiver.name)) {
    if (!waits(row)) continue;
    row.state = OutboxState::cancelled;
    row.ended_at = chance_.now;
    row.result = "a later state of the case is sent instead";
    writer_.update_outbox(row);
  }
}

void Effects::send_alert(const Case& it, const ReceiverConfig& receiver) {
  OutboxRow row;
  row.key = fmt::format("{}{}/{}/{}/{}", kAlertPrefix, it.id, it.version, to_unix_ms(chance_.now),
                        receiver.name);
  row.case_id = it.id;
  row.receiver = receiver.name;
  row.not_before = chance_.now;
  enqueue(std::move(row), receiver, message_of(MessageKind::update, it));
}

void Effects::update_alerts(const Case& before, const Case& after,
                            const std::vector<std::string>& receivers) {
  if (before.state == after.state && before.owner == after.owner) return;
  for (const std::string& name : receivers) {
    const ReceiverConfig* receiver = rules_.receiver(name);
    if (receiver == nullptr || receiver->type != "alertmanager") continue;
    supersede(after, *receiver);
    send_alert(after, *receiver);
  }
}

void Effects::refresh_alerts(const TimerRecord& timer) {
  const auto record = writer_.case_by_id(timer.case_id);
  if (!record || record->ended) return;
  const Case it = load_case(*record);
  const std::vector<OutboxRow> rows = writer_.outbox_of(it.id);
  std::vector<std::string> known;
  for (const std::string& name : receivers_in(timer.data)) {
    const ReceiverConfig* receiver = rules_.receiver(name);
    if (receiver == nullptr || receiver->type != "alertmanager") continue;
    known.push_back(name);
    // What is on its way says the same.
    const bool under_way = std::ranges::any_of(rows, [&](const OutboxRow& row) {
      return row.receiver == name && (waits(row) || row.state == OutboxState::started);
    });
    if (!under_way) send_alert(it, *receiver);
  }
  if (known.empty()) return;
  writer_.arm(
      {timer.id, it.id, std::string{kAlert}, chance_.now + kRefresh, write_receivers(known)});
}

}  // namespace earshot

// What follows a delivery that failed: the person's next channel speaks at once, the operators hear
// of it, and the ledger keeps it.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "effects.hpp"
#include "targets.hpp"

namespace earshot {
namespace {

/// "page/CASE/VERSION/ROUND/STEP/PERSON/": what the rows of one person in one step share.
std::string place_of(const OutboxRow& row) {
  std::size_t at = 0;
  for (int parts = 0; parts < 6 && at != std::string::npos; ++parts)
    at = row.key.find('/', at == 0 ? 0 : at + 1);
  return at == std::string::npos ? std::string{} : row.key.substr(0, at + 1);
}

int round_of(const OutboxRow& row) {
  std::size_t at = 0;
  for (int parts = 0; parts < 3; ++parts) at = row.key.find('/', at) + 1;
  int round = 0;
  std::from_chars(row.key.data() + at, row.key.data() + row.key.size(), round);
  return round;
}

}  // namespace

void Effects::page_by(OutboxRow row, const Case& it, StepAt step, const std::string& next) {
  Message message = message_of(MessageKind::page, it);
  message.headline += all_the_same(it);
  message.person = row.person;
  message.step = step.step;
  message.round = step.round;
  message.next = next;
  message.ack_url = ack_url(it, row.person, step.step);
  message.label_url = label_url(it, row.person, step.step);
  help_reader(message, it, row.person);
  const ReceiverConfig* receiver = rules_.receiver(row.receiver);
  enqueue(std::move(row), *receiver, message);
}

bool page_is_needless(StoreReader& reader, const OutboxRow& page) {
  if (page.key.starts_with("bundle/")) return bundle_is_needless(reader, page);
  if (!page.key.starts_with("page/") && !page.key.starts_with("group/")) return false;
  const auto record = reader.case_by_id(page.case_id);
  return record && !load_case(*record).climbs();
}

/// A page that still waits to reach this person on this way has been overtaken: one is enough,
/// above all after an outage.
void Effects::supersede(const OutboxRow& row) {
  for (OutboxRow other : writer_.outbox_to(row.case_id, row.receiver)) {
    if (other.lane != Lane::page || other.state != OutboxState::pending ||
        other.person != row.person || other.target != row.target)
      continue;
    other.state = OutboxState::cancelled;
    other.ended_at = chance_.now;
    other.result = "a later page says the same";
    writer_.update_outbox(other);
  }
}

/// The person's later ways speak now instead of at their time; where none is left, their next
/// contact that has not been tried.
void Effects::speak_elsewhere(const OutboxRow& row) {
  const std::string place = place_of(row);
  const std::vector<OutboxRow> all = writer_.outbox_of(row.case_id);
  bool speaks = false;
  for (OutboxRow other : all) {
    if (other.id == row.id || other.lane != Lane::page || other.person != row.person ||
        other.step != row.step || other.state != OutboxState::pending || other.attempts != 0)
      continue;
    speaks = true;
    if (other.not_before <= chance_.now) continue;
    other.not_before = chance_.now;
    writer_.update_outbox(other);
  }
  const auto record = writer_.case_by_id(row.case_id);
  const Person* who = rules_.person(row.person);
  if (speaks || place.empty() || !record || record->ended || who == nullptr) return;
  const Case it = load_case(*record);
  if (!it.owner.empty()) return;
  for (const Way& way : page_contacts(*who, rules_, live())) {
    OutboxRow next;
    next.key = place + way.receiver + "/" + way.target;
    if (std::ranges::any_of(all, [&](const OutboxRow& used) { return used.key == next.key; }))
      continue;
    next.case_id = row.case_id;
    next.lane = Lane::page;
    next.receiver = way.receiver;
    next.person = row.person;
    next.target = way.target;
    next.step = row.step;
    next.not_before = chance_.now;
    page_by(std::move(next), it, {row.step, round_of(row), chance_.now}, "");
    return;
  }
}

void Effects::trouble(const OutboxRow& row, const std::string& why) {
  if (row.lane == Lane::page && !row.person.empty()) speak_elsewhere(row);
  JsonWriter data;
  data.object();
  data.field("receiver", row.receiver);
  data.field("row", row.id);
  data.field("why", why);
  data.end();
  writer_.append_ledger(
      {0, chance_.now, "outbox", "delivery_trouble", row.case_id, data.take(), ""});
  if (row.case_id.empty() && row.lane == Lane::notice && row.person.empty() &&
      row.key.starts_with("self/"))
    return;  // no alarm about an alarm
  const std::string hour = to_rfc3339(chance_.now).substr(0, 13);
  tell_ops(fmt::format("The receiver {} fails", row.receiver), why,
           fmt::format("trouble/{}/{}", row.receiver, hour));
}

}  // namespace earshot

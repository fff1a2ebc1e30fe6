// Grouped notices: Alertmanager's group_wait, group_interval and repeat_interval, as rows of the
// timer table.
#include <fmt/format.h>

#include <algorithm>

#include "earshot/core/ids.hpp"
#include "effects.hpp"

namespace earshot {
namespace {

/// What a group remembers between its messages.
struct Group {
  std::string receiver;
  std::string labels;  ///< group key, for people
  Duration interval = minutes{5};
  Duration repeat = hours{4};
  std::vector<std::string> waiting;  ///< cases that have not been told yet
  std::vector<std::string> told;
  std::optional<Instant> last{};
};

std::string to_json(const Group& it) {
  JsonWriter out;
  out.object();
  out.field("receiver", it.receiver);
  out.field("labels", it.labels);
  out.field("interval", static_cast<std::int64_t>(it.interval.count()));
  out.field("repeat", static_cast<std::int64_t>(it.repeat.count()));
  out.field("waiting", it.waiting);
  out.field("told", it.told);
  out.field("last", it.last);
  out.end();
  return out.take();
}

Group group_from_json(const std::string& json) {
  const auto document = parse_json(json);
  if (!document) throw StoreError("a group timer cannot be read: " + document.error().message);
  Group out;
  out.receiver = string_at(*document, "receiver");
  out.labels = string_at(*document, "labels");
  out.interval = Duration{integer_at(*document, "interval").value_or(300'000)};
  out.repeat = Duration{integer_at(*document, "repeat").value_or(14'400'000)};
  out.waiting = strings_at(*document, "waiting");
  out.told = strings_at(*document, "told");
  out.last = parse_rfc3339(string_at(*document, "last"));
  return out;
}

constexpr std::size_t kMostInAGroup = 500;
constexpr Duration kUrgentLife = hours{72};  // then a receiver that never answers is given up

}  // namespace

void Effects::notify_routes(const Case& it) {
  if (it.urgency < Urgency::queue) return;  // the digest tells of the rest
  std::vector<std::string> seen;
  for (const RouteMatch& match : resolve_route(rules_.config->route, labels_of(it)).matches) {
    for (const std::string& receiver : match.receivers) {
      if (std::ranges::find(seen, receiver) != seen.end()) continue;
      seen.push_back(receiver);
      gather(it, receiver, match);
    }
  }
}

void Effects::gather(const Case& it, const std::string& receiver, const RouteMatch& match) {
  const std::string key = group_key(match, labels_of(it));
  const std::string id = fmt::format("group/{}/{}", receiver, hash128_hex(key));
  const Duration wait = group_wait_of(match, it.urgency == Urgency::page);
  TimerRecord timer{id, id, std::string{kGroup}, chance_.now + wait, ""};
  Group group{receiver, key, match.group_interval, match.repeat_interval, {}, {}, {}};
  if (const auto armed = writer_.timers_of(id); !armed.empty()) {
    group = group_from_json(armed.front().data);
    // A page waits for nobody; anything else comes with the group's next message.
    const Instant next =
        group.last ? std::max(chance_.now, *group.last + group.interval) : armed.front().due;
    timer.due =
        it.urgency == Urgency::page ? chance_.now + wait : std::min(armed.front().due, next);
  }
  if (std::ranges::find(group.waiting, it.id) == group.waiting.end() &&
      group.waiting.size() < kMostInAGroup)
    group.waiting.push_back(it.id);
  timer.data = to_json(group);
  if (timer.due <= chance_.now)
    flush_group(timer);
  else
    writer_.arm(timer);
}

void Effects::flush_group(const TimerRecord& timer) {
  Group group = group_from_json(timer.data);
  const ReceiverConfig* receiver = rules_.receiver(group.receiver);
  const bool repeats = group.waiting.empty();
  std::vector<std::string>& which = repeats ? group.told : group.waiting;
  Message message;
  bool urgent = false;
  std::vector<std::string> open;
  for (const std::string& id : which) {
    const auto record = writer_.case_by_id(id);
    if (!record || record->ended) continue;
    if (repeats && !record->owner.empty()) continue;  // somebody has it: no need to say it again
    const Case it = load_case(*record);
    open.push_back(id);
    urgent = urgent || (it.urgency == Urgency::page && !repeats);
    Message one = message_of(MessageKind::notice, it);
    if (message.cases.empty())
      message = one;
    else
      message.cases.push_back(std::move(one.cases.front()));
  }
  if (!repeats) {
    for (const std::string& id : open) group.told.push_back(id);
    group.waiting.clear();
  } else {
    group.told = open;
  }
  if (receiver != nullptr && !message.cases.empty()) {
    if (message.cases.size() > 1) {
      message.headline =
          fmt::format("{} {} cases", message.cases.size(), repeats ? "still open" : "new");
      message.case_url = base_url();
    } else if (repeats) {
      message.headline = "Still open: " + message.headline;
    }
    OutboxRow row;
    row.key = fmt::format("{}/{}/{}", timer.id, to_unix_ms(chance_.now), hash64(to_json(group)));
    row.case_id = message.cases.size() == 1 ? message.cases.front().id : "";
    if (urgent) {
      row.lane = Lane::page;  // no flood of notices delays it
      row.give_up_at = chance_.now + kUrgentLife;
    }
    row.receiver = group.receiver;
    row.not_before = chance_.now;
    enqueue(std::move(row), *receiver, message);
    group.last = chance_.now;
  }
  if (group.told.size() > kMostInAGroup)
    group.told.erase(group.told.begin(), group.told.end() - kMostInAGroup);
  if (group.told.empty() || receiver == nullptr) {
    writer_.disarm(timer.id);
    return;
  }
  TimerRecord next = timer;
  next.due = chance_.now + group.repeat;
  next.data = to_json(group);
  writer_.arm(next);
}

}  // namespace earshot

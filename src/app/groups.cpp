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
  std::vector<std::string> mute{};  ///< names of time intervals of its route
  std::vector<std::string> active{};
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
  out.field("mute", it.mute);
  out.field("active", it.active);
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
  out.mute = strings_at(*document, "mute");
  out.active = strings_at(*document, "active");
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
    group.interval = match.group_interval;  // a reload may have changed them
    group.repeat = match.repeat_interval;
    // A page waits for nobody; anything else comes with the group's next message.
    const Instant next =
        group.last ? std::max(chance_.now, *group.last + group.interval) : armed.front().due;
    timer.due =
        it.urgency == Urgency::page ? chance_.now + wait : std::min(armed.front().due, next);
  }
  group.mute = match.mute_time_intervals;
  group.active = match.active_time_intervals;
  if (std::ranges::find(group.waiting, it.id) == group.waiting.end() &&
      group.waiting.size() < kMostInAGroup)
    group.waiting.push_back(it.id);
  timer.data = to_json(group);
  if (timer.due <= chance_.now)
    flush_group(timer);
  else
    writer_.arm(timer);
}

/// Sorts cases of a group into those that are told now and those that are kept quiet; ended ones,
/// and when it is said again those that somebody has, are in neither.
GroupTelling Effects::sort_group(const std::vector<std::string>& ids,
                                 const std::optional<Quiet>& route, bool again) {
  GroupTelling out;
  for (const std::string& id : ids) {
    const auto record = writer_.case_by_id(id);
    if (!record || record->ended || (again && !record->owner.empty())) continue;
    const Case it = load_case(*record);
    auto why = quiet_case(it);
    if (!why) why = route;
    if (why && !speaks_anyway(it)) {
      out.quiet.push_back(id);
      continue;
    }
    out.told.push_back(id);
    const bool waking = it.urgency == Urgency::page && record->owner.empty();
    out.urgent = out.urgent || (waking && !again);
    Message one = message_of(MessageKind::notice, it);
    if (out.message.cases.empty())
      out.message = std::move(one);
    else
      out.message.cases.push_back(std::move(one.cases.front()));
    if (why) out.marks += fmt::format(" (case {} is {}; sent all the same)", it.number, why->text);
  }
  return out;
}

void Effects::send_group(const std::string& id, const std::string& receiver, GroupTelling telling,
                         bool again, std::uint64_t mark) {
  Message& message = telling.message;
  if (message.cases.size() > 1) {
    message.headline =
        fmt::format("{} {} cases", message.cases.size(), again ? "still open" : "new");
    message.case_url = base_url();
  } else if (again) {
    message.headline = "Still open: " + message.headline;
  }
  message.headline += telling.marks;
  OutboxRow row;
  row.key = fmt::format("{}/{}/{}", id, to_unix_ms(chance_.now), mark);
  row.case_id = message.cases.size() == 1 ? message.cases.front().id : "";
  if (telling.urgent) {
    row.lane = Lane::page;  // no flood of notices delays it
    row.give_up_at = chance_.now + kUrgentLife;
  }
  row.receiver = receiver;
  row.not_before = chance_.now;
  enqueue(std::move(row), *rules_.receiver(receiver), message);
}

/// New cases first; where there are none that may be told, what is still open is said again at its
/// time. What is kept quiet waits in the group and is looked at again with its next message.
void Effects::flush_group(const TimerRecord& timer) {
  Group group = group_from_json(timer.data);
  const auto route = quiet_route(group.mute, group.active);
  GroupTelling fresh = sort_group(group.waiting, route, false);
  group.waiting = std::move(fresh.quiet);
  const bool there = rules_.receiver(group.receiver) != nullptr;
  if (!fresh.told.empty()) {
    for (const std::string& id : fresh.told) group.told.push_back(id);
    if (there)
      send_group(timer.id, group.receiver, std::move(fresh), false, hash64(to_json(group)));
    group.last = chance_.now;
  } else if (!group.told.empty() && (!group.last || chance_.now >= *group.last + group.repeat)) {
    GroupTelling again = sort_group(group.told, route, true);
    group.told = again.told;
    group.told.insert(group.told.end(), again.quiet.begin(), again.quiet.end());
    if (there && !again.told.empty())
      send_group(timer.id, group.receiver, std::move(again), true, hash64(to_json(group)));
    group.last = chance_.now;
  }
  if (group.told.size() > kMostInAGroup)
    group.told.erase(group.told.begin(), group.told.end() - kMostInAGroup);
  if ((group.told.empty() && group.waiting.empty()) || !there) {
    writer_.disarm(timer.id);
    return;
  }
  TimerRecord next = timer;
  next.due = group.last ? *group.last + group.repeat : chance_.now + group.repeat;
  if (!group.waiting.empty()) next.due = std::min(next.due, chance_.now + group.interval);
  next.due = std::max(next.due, chance_.now + seconds{1});
  next.data = to_json(group);
  writer_.arm(next);
}

}  // namespace earshot

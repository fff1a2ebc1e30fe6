// Hand-offs: a timer stands at the next change of every schedule.
#include <fmt/format.h>

#include <algorithm>

#include "rota.hpp"

namespace earshot {
namespace {

constexpr Duration kAhead = hours{24 * 60};  // a quieter schedule is looked at again then

std::string list(const std::vector<std::string>& people) {
  std::string out;
  for (const std::string& id : people) out += (out.empty() ? "" : ", ") + id;
  return out.empty() ? "nobody" : out;
}

bool among(const std::vector<std::string>& people, const std::string& id) {
  return std::ranges::find(people, id) != people.end();
}

std::string data_of(const std::string& schedule, const std::vector<std::string>& people) {
  JsonWriter out;
  out.object();
  out.field("schedule", schedule);
  out.field("people", people);
  out.end();
  return out.take();
}

void arm_one(StoreWriter& writer, const Schedule& schedule, const LiveRota& live, Instant now) {
  const auto ahead = shifts(merged(schedule, live), now, now + kAhead);
  writer.arm({fmt::format("handoff/{}", schedule.name), "", std::string{kHandoff},
              ahead.front().end, data_of(schedule.name, ahead.front().people)});
}

}  // namespace

void arm_handoffs(StoreWriter& writer, const Rules& rules, Instant now) {
  if (rules.schedules.empty()) return;
  const LiveRota live = read_live(writer);
  for (const auto& [name, schedule] : rules.schedules) arm_one(writer, *schedule, live, now);
}

void hand_off(StoreWriter& writer, const Rules& rules, Effects& effects, const TimerRecord& timer,
              Instant now) {
  const auto data = parse_json(timer.data);
  const auto found =
      data ? rules.schedules.find(string_at(*data, "schedule")) : rules.schedules.end();
  if (found == rules.schedules.end()) return;
  const Schedule& schedule = *found->second;
  const LiveRota live = read_live(writer);
  const Shift shift = shifts(merged(schedule, live), now, now + kAhead).front();
  const std::vector<std::string> before = strings_at(*data, "people");
  arm_one(writer, schedule, live, now);
  const auto same = [&] {
    return before.size() == shift.people.size() &&
           std::is_permutation(before.begin(), before.end(), shift.people.begin());
  };
  if (same()) return;
  const std::string until = local_text(shift.end, schedule.zone);
  writer.append_ledger(
      {0, now, "tick", "handed_over", "", data_of(schedule.name, shift.people), ""});
  if (shift.people.empty()) {
    writer.append_ledger({0, now, "tick", "nobody_on_call", "", data_of(schedule.name, {}), ""});
    effects.tell_ops(fmt::format("Nobody is on call for {}", schedule.name),
                     fmt::format("Until {}. Pages climb at once.", until),
                     fmt::format("nobody-on-call/{}/{}", schedule.name, to_rfc3339(timer.due)));
  }
  if (!schedule.tell_handoff) return;
  const std::string key = fmt::format("handoff/{}/{}", schedule.name, to_rfc3339(timer.due));
  for (const std::string& id : shift.people) {
    if (!among(before, id))
      effects.tell(id, fmt::format("You are on call for {}", schedule.name),
                   fmt::format("Until {}. Before you: {}.", until, list(before)), key);
  }
  for (const std::string& id : before) {
    if (!among(shift.people, id))
      effects.tell(id, fmt::format("Your turn for {} has ended", schedule.name),
                   fmt::format("On call now: {}.", list(shift.people)), key);
  }
}

}  // namespace earshot

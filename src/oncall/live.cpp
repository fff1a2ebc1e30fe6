#include "earshot/oncall/live.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "earshot/core/json.hpp"

namespace earshot {
namespace {

constexpr Duration kLongest = hours{24 * 366};
constexpr std::size_t kMostReason = 1'000;

CivilTime utc(Instant at) {
  return CivilTime{std::chrono::floor<seconds>(at).time_since_epoch()};
}

template <class T>
std::optional<RotaRefusal> check_span(const T& it, Instant now) {
  if (it.end <= it.start) return RotaRefusal{"span", "It ends after it begins.", "to"};
  if (it.end <= now) return RotaRefusal{"past", "That is past: nothing would change.", "to"};
  if (it.end - it.start > kLongest) return RotaRefusal{"span", "At most a year.", "to"};
  if (it.reason.size() > kMostReason)
    return RotaRefusal{"reason", "The reason is longer than 1000 characters.", "reason"};
  return std::nullopt;
}

RotaRefusal stranger(const std::string& id, std::string field) {
  return {"no_person", fmt::format("Nobody has the id \"{}\".", id), std::move(field)};
}

/// The same schedule before anybody's absence: whose turn it is.
Schedule nominal(const Schedule& schedule, const LiveRota& live) {
  Schedule out = merged(schedule, live);
  out.absences.clear();
  return out;
}

bool among(const std::vector<std::string>& people, const std::string& id) {
  return std::find(people.begin(), people.end(), id) != people.end();
}

template <class T>
std::optional<T> cut(T it, Instant now) {
  if (it.start >= now) return std::nullopt;
  it.end = std::min(it.end, now);
  return it;
}

std::string text_at(const JsonValue& object, std::string_view name) {
  return std::string{string_at(object, name)};
}

Instant time_at(const JsonValue& object, std::string_view name) {
  return parse_rfc3339(string_at(object, name)).value_or(Instant{});
}

}  // namespace

std::string to_json(const LiveOverride& it) {
  JsonWriter out;
  out.object();
  out.field("id", it.id);
  out.field("schedule", it.schedule);
  out.field("from", to_rfc3339_ms(it.start));
  out.field("to", to_rfc3339_ms(it.end));
  out.field("add", it.add);
  out.field("remove", it.remove);
  out.field("reason", it.reason);
  out.field("by", it.by);
  out.field("made_at", to_rfc3339_ms(it.made_at));
  out.end();
  return out.take();
}

Result<LiveOverride> override_from_json(std::string_view json) {
  const auto read = parse_json(json);
  if (!read) return read.error().in("override");
  return LiveOverride{
      text_at(*read, "id"),     text_at(*read, "schedule"), time_at(*read, "from"),
      time_at(*read, "to"),     strings_at(*read, "add"),   strings_at(*read, "remove"),
      text_at(*read, "reason"), text_at(*read, "by"),       time_at(*read, "made_at")};
}

std::string to_json(const LiveAbsence& it) {
  JsonWriter out;
  out.object();
  out.field("id", it.id);
  out.field("person", it.person);
  out.field("from", to_rfc3339_ms(it.start));
  out.field("to", to_rfc3339_ms(it.end));
  out.field("substitute", it.substitute);
  out.field("reason", it.reason);
  out.field("by", it.by);
  out.end();
  return out.take();
}

Result<LiveAbsence> absence_from_json(std::string_view json) {
  const auto read = parse_json(json);
  if (!read) return read.error().in("absence");
  return LiveAbsence{text_at(*read, "id"), text_at(*read, "person"),     time_at(*read, "from"),
                     time_at(*read, "to"), text_at(*read, "substitute"), text_at(*read, "reason"),
                     text_at(*read, "by")};
}

std::string to_json(const Swap& it) {
  JsonWriter out;
  out.object();
  out.field("id", it.id);
  out.field("schedule", it.schedule);
  out.field("person", it.from);
  out.field("with", it.with);
  out.field("from", to_rfc3339_ms(it.start));
  out.field("to", to_rfc3339_ms(it.end));
  out.field("reason", it.reason);
  out.field("state", it.state);
  out.end();
  return out.take();
}

Result<Swap> swap_from_json(std::string_view json) {
  const auto read = parse_json(json);
  if (!read) return read.error().in("swap");
  return Swap{text_at(*read, "id"),     text_at(*read, "schedule"), text_at(*read, "person"),
              text_at(*read, "with"),   time_at(*read, "from"),     time_at(*read, "to"),
              text_at(*read, "reason"), text_at(*read, "state")};
}

Schedule merged(const Schedule& schedule, const LiveRota& live) {
  Schedule out = schedule;
  for (const LiveOverride& it : live.overrides) {
    if (it.schedule == schedule.name)
      out.overrides.push_back({utc(it.start), utc(it.end), it.add, it.remove, "UTC"});
  }
  std::vector<Absence> absences;
  for (const LiveAbsence& it : live.absences)
    absences.push_back({it.person, utc(it.start), utc(it.end), "UTC", it.substitute});
  out.absences.insert(out.absences.begin(), absences.begin(), absences.end());
  return out;
}

std::optional<RotaRefusal> check(const LiveOverride& it, const Known& person, Instant now) {
  if (it.add.empty() && it.remove.empty())
    return RotaRefusal{"nobody", "An override adds or removes somebody.", "add"};
  for (const std::string& id : it.add) {
    if (!person(id)) return stranger(id, "add");
  }
  for (const std::string& id : it.remove) {
    if (!person(id)) return stranger(id, "remove");
  }
  return check_span(it, now);
}

std::optional<RotaRefusal> check(const LiveAbsence& it, const Schedule& any, const LiveRota& live,
                                 const Known& person, Instant now) {
  if (!person(it.person)) return stranger(it.person, "person");
  if (!it.substitute.empty() && !person(it.substitute))
    return stranger(it.substitute, "substitute");
  if (it.substitute == it.person)
    return RotaRefusal{"substitute", "Nobody stands in for themselves.", "substitute"};
  if (auto refusal = check_span(it, now)) return refusal;
  LiveRota with = live;
  with.absences.push_back(it);
  const Schedule all = merged(any, with);
  for (const Absence& absence : all.absences) {
    const auto circle = substitute_circle(all.absences, absence);
    if (circle.empty() || !among(circle, it.person)) continue;
    std::string text;
    for (const std::string& id : circle) text += (text.empty() ? "" : " → ") + id;
    return RotaRefusal{"circle", "Those who stand in for each other are away together: " + text,
                       "substitute"};
  }
  return std::nullopt;
}

std::optional<RotaRefusal> check(const Swap& it, const Schedule& schedule, const LiveRota& live,
                                 const Known& person, Instant now) {
  if (!person(it.with) || it.with == it.from) return stranger(it.with, "with");
  if (auto refusal = check_span(it, now)) return refusal;
  if (it.start < now) return RotaRefusal{"past", "It has begun. Make an override instead.", "from"};
  if (overrides_of(it, schedule, live, now).empty())
    return RotaRefusal{"not_on", fmt::format("{} has no turn in that time.", it.from), "from"};
  return std::nullopt;
}

std::vector<LiveOverride> overrides_of(const Swap& it, const Schedule& schedule,
                                       const LiveRota& live, Instant now) {
  std::vector<LiveOverride> out;
  for (const Shift& shift : shifts(nominal(schedule, live), it.start, it.end)) {
    if (!among(shift.people, it.from)) continue;
    if (!out.empty() && out.back().end == shift.start) {
      out.back().end = shift.end;
      continue;
    }
    out.push_back({fmt::format("{}.{}", it.id, out.size() + 1),
                   schedule.name,
                   shift.start,
                   shift.end,
                   {it.with},
                   {it.from},
                   it.reason,
                   it.with,
                   now});
  }
  return out;
}

std::optional<LiveOverride> cut_at(LiveOverride it, Instant now) {
  return cut(std::move(it), now);
}

std::optional<LiveAbsence> cut_at(LiveAbsence it, Instant now) {
  return cut(std::move(it), now);
}

}  // namespace earshot

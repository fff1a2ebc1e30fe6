#include "rota.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "earshot/cases/arguments.hpp"
#include "earshot/config/people.hpp"
#include "earshot/core/ids.hpp"
#include "earshot/core/utf8.hpp"
#include "quiet.hpp"

namespace earshot {
namespace {

/// One command while it is carried out.
struct RotaDesk {
  StoreWriter& writer;
  const Rules& rules;
  Effects& effects;
  Chance chance;
  const RotaCommand& command;

  std::string arg(std::string_view name) const { return argument(command.args, name); }
  Known known() const {
    return [this](std::string_view id) { return rules.person(id) != nullptr; };
  }
  const Schedule* schedule() const {
    const auto found = rules.schedules.find(arg("schedule"));
    return found == rules.schedules.end() ? nullptr : found->second;
  }
  std::string fresh_id() const {
    return hash128_hex(fmt::format("rota/{}/{}", to_unix_ms(chance.now), chance.seed))
        .substr(0, 12);
  }
  void note(const std::string& kind, const std::string& data) {
    writer.append_ledger({0, chance.now, command.who, kind, "", data, ""});
  }
};

std::vector<std::string> ids_of(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find(',', start), text.size());
    std::string id{trim(std::string_view{text}.substr(start, end - start))};
    if (!id.empty() && std::ranges::find(out, id) == out.end()) out.push_back(std::move(id));
    start = end + 1;
  }
  return out;
}

RotaAnswer refused(const RotaRefusal& why) {
  return rota_refusal(why.code, why.text, why.field);
}
RotaAnswer done(std::string body) {
  RotaAnswer out;
  out.done = true;
  out.body = std::move(body);
  return out;
}
RotaAnswer missing(const std::string& what) {
  RotaAnswer out = rota_refusal("not_found", what);
  out.found = false;
  return out;
}

/// From and to of a command, or from and for; a missing `from` is now.
std::optional<RotaRefusal> read_span(const RotaDesk& desk, Instant& start, Instant& end) {
  const std::string from = desk.arg("from");
  const auto first = from.empty() ? desk.chance.now : parse_rfc3339(from);
  std::optional<Instant> last = parse_rfc3339(desk.arg("to"));
  if (const auto span = parse_duration(desk.arg("for")); span && first && desk.arg("to").empty())
    last = *first + *span;
  if (!first) return RotaRefusal{"from", "from must be an RFC 3339 time.", "from"};
  if (!last)
    return RotaRefusal{"to", "Say until when (an RFC 3339 time) or for how long (2h).", "to"};
  start = std::chrono::floor<seconds>(*first);
  end = std::chrono::floor<seconds>(*last);
  return std::nullopt;
}

void put(RotaDesk& desk, std::string_view kind, const std::string& id, const std::string& parent,
         const std::string& owner, const std::string& state, Instant due, const std::string& body) {
  Record record;
  if (auto before = desk.writer.record(kind, id)) record = std::move(*before);
  record.kind = kind;
  record.id = id;
  record.parent = parent;
  record.owner = owner;
  record.state = state;
  record.due = due;
  if (record.version == 0) record.created_at = desk.chance.now;
  record.updated_at = desk.chance.now;
  record.body = body;
  desk.writer.put_record(record);
}

bool among(const std::vector<std::string>& people, const std::string& id) {
  return std::ranges::find(people, id) != people.end();
}
std::string about(const LiveOverride&) {
  return {};
}
std::string about(const LiveAbsence& it) {
  return it.person;
}

/// Those whom it concerns hear of it, but for who did it.
void tell(RotaDesk& desk, const std::vector<std::string>& people, const std::string& headline,
          const std::string& text, const std::string& key) {
  for (const std::string& id : people) {
    if (id != desk.command.who) desk.effects.tell(id, headline, text, key);
  }
}

void store(RotaDesk& desk, const LiveOverride& it, const std::string& zone) {
  put(desk, kOverride, it.id, it.schedule, it.by, "active", it.end, to_json(it));
  desk.note("override_added", to_json(it));
  const std::string span =
      fmt::format("{} to {}. {}", local_text(it.start, zone), local_text(it.end, zone), it.reason);
  tell(desk, it.add, fmt::format("You are on call for {}", it.schedule), span,
       "override/" + it.id + "/add");
  tell(desk, it.remove, fmt::format("You are not on call for {}", it.schedule), span,
       "override/" + it.id + "/remove");
}

RotaAnswer override_add(RotaDesk& desk) {
  const Schedule* schedule = desk.schedule();
  if (schedule == nullptr)
    return rota_refusal("no_schedule", "No schedule has this name.", "schedule");
  LiveOverride it;
  it.id = desk.fresh_id();
  it.schedule = schedule->name;
  if (const auto why = read_span(desk, it.start, it.end)) return refused(*why);
  it.add = ids_of(desk.arg("add"));
  it.remove = ids_of(desk.arg("remove"));
  it.reason = desk.arg("reason");
  it.by = desk.command.who;
  it.made_at = desk.chance.now;
  if (const auto why = check(it, desk.known(), desk.chance.now)) return refused(*why);
  store(desk, it, schedule->zone);
  arm_handoffs(desk.writer, desk.rules, desk.chance.now);
  return done(to_json(it));
}

/// Ending what somebody has set is theirs, or of whoever answers for them.
std::optional<RotaAnswer> not_theirs(const RotaDesk& desk, const std::string& by,
                                     const std::string& person) {
  const RotaCommand& command = desk.command;
  if (may_take_back(*desk.rules.config, command.who, command.manager, by, person))
    return std::nullopt;
  return rota_refusal("not_yours",
                      fmt::format("{} has set this; they end it, or whoever answers for them.",
                                  by.empty() ? "Somebody else" : by));
}

/// Takes an override or an absence back; what has been stays. `read` gives it from its record.
template <class T>
RotaAnswer end_it(RotaDesk& desk, std::string_view kind, Result<T> (*read)(std::string_view),
                  std::optional<T>& ended) {
  const auto record = desk.writer.record(kind, desk.arg("id"));
  if (!record) return missing("There is no such " + std::string{kind} + ".");
  auto it = read(record->body);
  if (!it) return rota_refusal("unreadable", it.error().message);
  if (auto why = not_theirs(desk, it->by, about(*it))) return std::move(*why);
  if (record->state != "active" || it->end <= desk.chance.now)
    return rota_refusal("ended", "It has ended already.");
  const auto rest = cut_at(*it, std::chrono::ceil<seconds>(desk.chance.now));
  const std::string body = rest ? to_json(*rest) : record->body;
  put(desk, kind, record->id, record->parent, record->owner, rest ? "active" : "withdrawn",
      rest ? rest->end : desk.chance.now, body);
  desk.note(std::string{kind} + "_ended", body);
  arm_handoffs(desk.writer, desk.rules, desk.chance.now);
  ended = std::move(*it);
  return done(body);
}

RotaAnswer override_end(RotaDesk& desk) {
  std::optional<LiveOverride> it;
  RotaAnswer out = end_it<LiveOverride>(desk, kOverride, &override_from_json, it);
  if (!it) return out;
  const auto found = desk.rules.schedules.find(it->schedule);
  const std::string zone = found == desk.rules.schedules.end() ? "UTC" : found->second->zone;
  const std::string span =
      fmt::format("It was for {} to {}. Taken back by {}.", local_text(it->start, zone),
                  local_text(it->end, zone), desk.command.who);
  const std::string key = "override/" + it->id + "/ended";
  tell(desk, it->add,
       fmt::format("The override that put you on call for {} is taken back", it->schedule), span,
       key);
  tell(desk, it->remove,
       fmt::format("The override that took you off call for {} is taken back", it->schedule), span,
       key);
  if (!among(it->add, it->by) && !among(it->remove, it->by))
    tell(desk, {it->by}, fmt::format("Your override for {} is taken back", it->schedule), span,
         key);
  return out;
}

RotaAnswer absence_end(RotaDesk& desk) {
  std::optional<LiveAbsence> it;
  RotaAnswer out = end_it<LiveAbsence>(desk, kAbsence, &absence_from_json, it);
  if (!it) return out;
  const std::string key = "absence/" + it->id + "/ended";
  const std::string by = fmt::format("Said by {}.", desk.command.who);
  tell(desk, {it->person}, "You count as back", by, key);
  if (!it->substitute.empty())
    tell(desk, {it->substitute}, fmt::format("You stand in for {} no more", it->person), by, key);
  return out;
}

/// Their author hears who ended it.
RotaAnswer silence_end(RotaDesk& desk) {
  std::optional<Silence> it;
  if (const auto record = desk.writer.record(kSilence, desk.arg("id"))) {
    if (auto read = silence_from_json(record->body)) it = std::move(*read);
  }
  if (it) {
    if (auto why = not_theirs(desk, it->by, "")) return std::move(*why);
  }
  RotaAnswer out = change_silence(desk.writer, desk.chance, desk.command);
  if (out.done && it)
    tell(desk, {it->by}, "Your silence is ended",
         fmt::format("By {}. {}", desk.command.who, it->reason), "silence/" + it->id + "/ended");
  return out;
}

RotaAnswer absence_add(RotaDesk& desk) {
  LiveAbsence it;
  it.id = desk.fresh_id();
  it.person = desk.arg("person").empty() ? desk.command.who : desk.arg("person");
  if (const auto why = read_span(desk, it.start, it.end)) return refused(*why);
  it.substitute = desk.arg("substitute");
  it.reason = desk.arg("reason");
  it.by = desk.command.who;
  const Schedule any =
      desk.rules.config->schedules.empty() ? Schedule{} : desk.rules.config->schedules.front();
  if (const auto why = check(it, any, read_live(desk.writer), desk.known(), desk.chance.now))
    return refused(*why);
  put(desk, kAbsence, it.id, "", it.person, "active", it.end, to_json(it));
  desk.note("absence_added", to_json(it));
  const std::string span = fmt::format("{} to {}. {}", local_text(it.start, any.zone),
                                       local_text(it.end, any.zone), it.reason);
  tell(desk, {it.person}, fmt::format("{} says that you are away", it.by),
       fmt::format("{} If you are not: earshot absence end {}", span, it.id),
       "absence/" + it.id + "/away");
  if (!it.substitute.empty())
    tell(desk, {it.substitute}, fmt::format("You stand in for {}", it.person), span,
         "absence/" + it.id);
  arm_handoffs(desk.writer, desk.rules, desk.chance.now);
  return done(to_json(it));
}

RotaAnswer swap_ask(RotaDesk& desk) {
  const Schedule* schedule = desk.schedule();
  if (schedule == nullptr)
    return rota_refusal("no_schedule", "No schedule has this name.", "schedule");
  Swap it;
  it.id = desk.fresh_id();
  it.schedule = schedule->name;
  it.from = desk.command.who;
  it.with = desk.arg("with");
  it.reason = desk.arg("reason");
  if (const auto why = read_span(desk, it.start, it.end)) return refused(*why);
  if (const auto why = check(it, *schedule, read_live(desk.writer), desk.known(), desk.chance.now))
    return refused(*why);
  put(desk, kSwap, it.id, it.schedule, it.with, it.state, it.start, to_json(it));
  desk.note("swap_asked", to_json(it));
  tell(desk, {it.with}, fmt::format("{} asks you to take their turn for {}", it.from, it.schedule),
       fmt::format("{} to {}. {} Answer: earshot swap accept {}",
                   local_text(it.start, schedule->zone), local_text(it.end, schedule->zone),
                   it.reason, it.id),
       "swap/" + it.id + "/asked");
  return done(to_json(it));
}

/// Accept and decline are of who was asked, withdraw of who asked; managers may do all.
RotaAnswer swap_answer(RotaDesk& desk, const std::string& state) {
  const auto record = desk.writer.record(kSwap, desk.arg("id"));
  if (!record) return missing("There is no such swap.");
  auto it = swap_from_json(record->body);
  if (!it) return rota_refusal("unreadable", it.error().message);
  const std::string& whose = state == "withdrawn" ? it->from : it->with;
  if (desk.command.who != whose && !desk.command.manager)
    return rota_refusal("not_yours", fmt::format("It is {} who says so.", whose));
  if (it->state != "asked")
    return rota_refusal("ended", fmt::format("It is {} already.", it->state));
  if (state == "accepted") {
    const auto schedule = desk.rules.schedules.find(it->schedule);
    if (schedule == desk.rules.schedules.end())
      return rota_refusal("no_schedule", "The schedule is gone.");
    const LiveRota live = read_live(desk.writer);
    if (const auto why = check(*it, *schedule->second, live, desk.known(), desk.chance.now))
      return refused(*why);
    for (const LiveOverride& part : overrides_of(*it, *schedule->second, live, desk.chance.now)) {
      put(desk, kOverride, part.id, part.schedule, part.by, "active", part.end, to_json(part));
      desk.note("override_added", to_json(part));
    }
  }
  it->state = state;
  put(desk, kSwap, it->id, it->schedule, it->with, state, it->start, to_json(*it));
  desk.note("swap_" + state, to_json(*it));
  tell(desk, {state == "withdrawn" ? it->with : it->from},
       fmt::format("The swap for {} is {}", it->schedule, state), it->reason,
       "swap/" + it->id + "/" + state);
  arm_handoffs(desk.writer, desk.rules, desk.chance.now);
  return done(to_json(*it));
}

}  // namespace

RotaAnswer rota_refusal(std::string code, std::string text, std::string field) {
  RotaAnswer out;
  out.code = std::move(code);
  out.text = std::move(text);
  out.field = std::move(field);
  return out;
}

std::string local_text(Instant at, const std::string& zone) {
  static constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  const CivilTime local = to_civil(at, zone);
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const std::string text = to_rfc3339(Instant{local.time_since_epoch()});
  return fmt::format("{} {} {} ({})", kDays[std::chrono::weekday{day}.c_encoding()],
                     text.substr(0, 10), text.substr(11, 5), zone);
}

RotaAnswer change_rota(StoreWriter& writer, const Rules& rules, const AckKey& key, Chance chance,
                       const RotaCommand& command) {
  Effects effects{writer, rules, key, chance};
  RotaDesk desk{writer, rules, effects, chance, command};
  if (command.who.empty()) return rota_refusal("who_missing", "It must be known who does this.");
  if (command.what == "override_add") return override_add(desk);
  if (command.what == "override_end") return override_end(desk);
  if (command.what == "absence_add") return absence_add(desk);
  if (command.what == "absence_end") return absence_end(desk);
  if (command.what == "swap_ask") return swap_ask(desk);
  if (command.what == "swap_accept") return swap_answer(desk, "accepted");
  if (command.what == "swap_decline") return swap_answer(desk, "declined");
  if (command.what == "swap_withdraw") return swap_answer(desk, "withdrawn");
  if (command.what == "silence_expire") return silence_end(desk);
  if (command.what.starts_with("silence_")) return change_silence(writer, chance, command);
  if (command.what == "contact_code") return send_code(writer, rules, effects, chance, command);
  if (command.what == "contact_prove") return prove_contact(writer, rules, chance, command);
  if (command.what.starts_with("storm_"))
    return change_storm(writer, rules, effects, chance, command);
  return rota_refusal("no_command", "There is no such command.");
}

}  // namespace earshot

// Silences while the daemon runs: people's commands, each one transaction with its ledger entry.
#include <fmt/format.h>

#include "earshot/cases/arguments.hpp"
#include "earshot/core/ids.hpp"
#include "earshot/core/utf8.hpp"
#include "quiet.hpp"
#include "rota.hpp"

namespace earshot {
namespace {

std::string end_timer(const std::string& id) {
  return fmt::format("silence/{}", id);
}

RotaAnswer done(std::string body) {
  RotaAnswer out;
  out.done = true;
  out.body = std::move(body);
  return out;
}

void put(StoreWriter& writer, const Silence& it, const std::string& state, Instant now) {
  Record record = writer.record(kSilence, it.id).value_or(Record{});
  record.kind = kSilence;
  record.id = it.id;
  record.owner = it.by;
  record.state = state;
  record.due = it.to;
  if (record.version == 0) record.created_at = now;
  record.updated_at = now;
  record.body = to_json(it);
  writer.put_record(record);
}

RotaAnswer add(StoreWriter& writer, Chance chance, const RotaCommand& command) {
  Silence it;
  it.id =
      hash128_hex(fmt::format("silence/{}/{}", to_unix_ms(chance.now), chance.seed)).substr(0, 12);
  const std::string text = argument(command.args, "matchers");
  if (!text.empty()) {
    ParsedMatchers parsed = parse_matchers(text);
    if (parsed.problem)
      return rota_refusal("matchers_wrong", printable(parsed.problem->problem) + ".", "matchers");
    it.matchers = std::move(parsed.matchers);
  }
  it.by = command.who;
  it.reason = argument(command.args, "reason");
  it.made_at = chance.now;
  const auto from = argument(command.args, "from").empty()
                        ? chance.now
                        : parse_rfc3339(argument(command.args, "from"));
  if (!from) return rota_refusal("from", "from must be an RFC 3339 time.", "from");
  it.from = *from;
  if (const auto span = parse_duration(argument(command.args, "for"))) {
    it.to = it.from + *span;
  } else if (const auto to = parse_rfc3339(argument(command.args, "to"))) {
    it.to = *to;
  } else {
    return rota_refusal("to", "Say until when (an RFC 3339 time) or for how long (2h).", "to");
  }
  if (const auto why = check(it, chance.now)) return rota_refusal(why->code, why->text, why->field);
  put(writer, it, "active", chance.now);
  writer.arm({end_timer(it.id), "", std::string{kSilenceEnd}, it.to, it.id});
  writer.append_ledger({0, chance.now, command.who, "silence_added", "", to_json(it), ""});
  return done(to_json(it));
}

RotaAnswer expire(StoreWriter& writer, Chance chance, const RotaCommand& command) {
  const auto record = writer.record(kSilence, argument(command.args, "id"));
  if (!record) {
    RotaAnswer out = rota_refusal("not_found", "There is no such silence.");
    out.found = false;
    return out;
  }
  auto it = silence_from_json(record->body);
  if (!it) return rota_refusal("unreadable", it.error().message);
  if (record->state != "active" || it->to <= chance.now)
    return rota_refusal("ended", "It has ended already.");
  it->to = chance.now;
  it->expired_by = command.who;
  put(writer, *it, "ended", chance.now);
  writer.disarm(end_timer(it->id));
  writer.append_ledger({0, chance.now, command.who, "silence_expired", "", to_json(*it), ""});
  wake_quieted(writer, "silence/" + it->id, chance.now);
  return done(to_json(*it));
}

}  // namespace

RotaAnswer change_silence(StoreWriter& writer, Chance chance, const RotaCommand& command) {
  if (command.what == "silence_add") return add(writer, chance, command);
  if (command.what == "silence_expire") return expire(writer, chance, command);
  return rota_refusal("no_command", "There is no such command.");
}

void end_silence(StoreWriter& writer, const TimerRecord& timer, Instant now) {
  const auto record = writer.record(kSilence, timer.data);
  if (!record || record->state != "active") return;
  const auto it = silence_from_json(record->body);
  if (!it) return;
  put(writer, *it, "ended", now);
  writer.append_ledger({0, now, "tick", "silence_ended", "", record->body, ""});
  wake_quieted(writer, "silence/" + it->id, now);
}

}  // namespace earshot

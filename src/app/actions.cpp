// Corrective actions in the store: records, ledger, timers and letters.
#include <fmt/format.h>

#include "drafts.hpp"
#include "earshot/config/parties.hpp"
#include "earshot/core/ids.hpp"
#include "earshot/core/utf8.hpp"
#include "follow.hpp"
#include "letters.hpp"
#include "rota.hpp"

namespace earshot {
namespace {

std::string ledger_data(const Corrective& it, const CorrectiveWords& words) {
  JsonWriter out;
  out.object();
  out.field("action", it.id);
  out.field("cause", it.cause);
  out.field("department", it.department);
  out.field("owner", it.owner);
  out.field("state", to_word(it.state));
  out.field("text", words.text);
  out.end();
  return out.take();
}

void send(Effects& effects, const Corrective& it, const QuestionLetter& in, std::uint64_t mark) {
  Letter letter;
  letter.person = in.person;
  letter.headline = in.headline;
  letter.text = in.text;
  letter.key = fmt::format("{}/{:016x}", it.id, mark);
  letter.thread = "action-" + it.id;
  effects.send_letter(letter);
}

std::optional<Corrective> load(const std::optional<Record>& record) {
  if (!record) return std::nullopt;
  Result<Corrective> read = corrective_from_json(record->body);
  if (!read) throw StoreError("action " + record->id + " cannot be read: " + read.error().message);
  return std::move(*read);
}

std::string place_of(const std::string& cause, const std::string& department) {
  return department + "/" + cause;
}

/// The newest action of a cause.
std::optional<Corrective> newest(StoreReader& reader, const Feedback& feedback) {
  RecordQuery query;
  query.kind = kAction;
  query.parent = place_of(feedback.cause, feedback.department);
  std::optional<Corrective> out;
  for (const Record& record : reader.records(query)) {
    auto it = load(record);
    if (!out || it->opened_at > out->opened_at) out = std::move(it);
  }
  return out;
}

void store_action(StoreWriter& writer, const Rules& rules, Effects& effects,
                  const CorrectiveDone& done) {
  if (!done.changed) return;
  const Corrective& it = done.after;
  const Instant now = effects.chance().now;
  Record record = writer.record(kAction, it.id).value_or(Record{});
  record.kind = kAction;
  record.id = it.id;
  record.parent = place_of(it.cause, it.department);
  record.owner = it.owner;
  record.state = to_word(it.state);
  record.due = it.owed() ? std::optional{it.due} : std::nullopt;
  if (record.version == 0) record.created_at = now;
  record.updated_at = now;
  record.body = to_json(it);
  const std::int64_t version = writer.put_record(record);
  const std::string timer = fmt::format("{}/{}", kAction, it.id);
  if (const auto next = next_of(it, rules.config->follow_through.root_causes))
    writer.arm({timer, "", std::string{kAction}, *next, "{}"});
  else
    writer.disarm(timer);
  for (const CorrectiveWords& words : done.entries)
    writer.append_ledger({0, now, words.who.empty() ? "tick" : words.who,
                          fmt::format("action_{}", to_word(words.kind)), words.case_id,
                          ledger_data(it, words), ""});
  for (std::size_t n = 0; n < done.letters.size(); ++n)
    send(effects, it, done.letters[n], hash64(fmt::format("{}/{}/{}", it.id, version, n)));
}

}  // namespace

void owe_action(StoreWriter& writer, const Rules& rules, Effects& effects, const Case& it) {
  const CauseRules& causes = rules.config->follow_through.root_causes;
  if (!it.feedback || causes.department(it.feedback->department) == nullptr) return;
  const Chance& chance = effects.chance();
  const std::string id =
      "a" + hash128_hex(fmt::format("action/{}/{}/{}", to_unix_ms(chance.now), chance.seed, it.id))
                .substr(0, 8);
  store_action(writer, rules, effects,
               cause_named(newest(writer, *it.feedback), it, id, chance.now, causes,
                           parties_of(*rules.config)));
}

DeskAnswer change_action(StoreWriter& writer, const Rules& rules, const AckKey& key, Chance chance,
                         const DeskCommand& command) {
  Effects effects{writer, rules, key, chance};
  if (command.who.empty()) return rota_refusal("who_missing", "It must be known who does this.");
  const auto id = command.args.find("id");
  const auto before =
      id == command.args.end() ? std::nullopt : load(writer.record(kAction, id->second));
  if (!before) {
    DeskAnswer none = rota_refusal("no_action", "There is no such corrective action.");
    none.found = false;
    return none;
  }
  const CorrectiveDone done = apply_corrective(
      *before, {command.what, command.who, command.args, command.manager}, chance.now,
      rules.config->follow_through.root_causes, parties_of(*rules.config));
  if (done.refusal)
    return rota_refusal(done.refusal->code, done.refusal->text, done.refusal->field);
  store_action(writer, rules, effects, done);
  DeskAnswer out;
  out.done = true;
  out.body = to_json(done.after);
  return out;
}

DeskAnswer change_desk(StoreWriter& writer, const Rules& rules, const AckKey& key, Chance chance,
                       const std::string& kind, const DeskCommand& command) {
  if (kind == kAction) return change_action(writer, rules, key, chance, command);
  if (kind == "customer") return change_customer(writer, command, chance.now);
  Effects effects{writer, rules, key, chance};
  if (kind == kLetter) return change_letter(writer, rules, effects, command);
  if (kind == kDraft) return change_draft(writer, rules, effects, command);
  DeskAnswer none = rota_refusal("not_found", "There is nothing of this kind.");
  none.found = false;
  return none;
}

void action_falls_due(StoreWriter& writer, const Rules& rules, Effects& effects,
                      const TimerRecord& timer, Instant now) {
  const auto before = load(writer.record(kAction, timer.id.substr(kAction.size() + 1)));
  if (!before || !before->owed()) return;
  const CauseRules& causes = rules.config->follow_through.root_causes;
  // The timer says that it is due; the wall clock may have been set back since.
  const CorrectiveDone done =
      corrective_due(*before, std::max(now, timer.due), causes, parties_of(*rules.config));
  if (done.changed) return store_action(writer, rules, effects, done);
  if (const auto next = next_of(*before, causes))  // a reload may have moved it
    writer.arm({timer.id, "", std::string{kAction}, std::max(*next, now + seconds{1}), "{}"});
}

}  // namespace earshot

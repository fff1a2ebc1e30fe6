#include "question.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "earshot/cases/arguments.hpp"
#include "earshot/core/ids.hpp"
#include "earshot/core/utf8.hpp"
#include "rota.hpp"

namespace earshot {
namespace {

std::string ledger_data(const Question& it, const QuestionWords& words) {
  JsonWriter out;
  out.object();
  out.field("question", it.id);
  out.field("from", it.from);
  out.field("to", it.to);
  out.field("state", to_word(it.state));
  out.field("text", words.text);
  out.field("via", words.via);
  out.end();
  return out.take();
}

/// ask@house.example -> ask+q1a2b3c4d-9f8e7d6c@house.example
std::string plus_address(const QuestionPolicy& policy, const std::string& tag) {
  if (policy.addresses.empty()) return {};
  const std::string& address = policy.addresses.front();
  const std::size_t at = address.rfind('@');
  if (!policy.plus || tag.empty() || at == std::string::npos) return address;
  return address.substr(0, at) + "+" + tag + address.substr(at);
}

void send(const Rules& rules, Effects& effects, const Question& it, const QuestionLetter& in,
          std::size_t n) {
  Letter letter;
  letter.person = in.person;
  if (in.person == it.from) letter.address = it.from_mail;
  letter.headline = in.headline;
  letter.text = in.text;
  letter.key = fmt::format("{}/{}/{}/{}", it.id, it.round, it.talk.size(), n);
  letter.thread = "question-" + it.id;
  if (in.person == it.from) letter.answers = it.asked_by_mail;
  std::string tag;
  if (!effects.key().secret.empty())
    tag = fmt::format("{}-{}", it.id, reply_tag(effects.key(), letter.thread, in.person));
  letter.reply_to = plus_address(rules.config->questions, tag);
  if (!tag.empty()) letter.tag = "?" + tag;
  letter.case_id = it.case_id;
  effects.send_letter(letter);
}

DeskAnswer refused(const Refusal& why) {
  return rota_refusal(why.code, why.text, why.field);
}

DeskAnswer stored(StoreWriter& writer, const Rules& rules, Effects& effects,
                  const QuestionDone& done) {
  if (done.refusal) return refused(*done.refusal);
  store_question(writer, rules, effects, done);
  DeskAnswer out;
  out.done = true;
  out.body = to_json(done.after);
  return out;
}

DeskAnswer ask(StoreWriter& writer, const Rules& rules, Effects& effects,
               const DeskCommand& command) {
  Question draft;
  draft.from = command.who;
  draft.text = argument(command.args, "text");
  draft.item = argument(command.args, "item");
  draft.subject = argument(command.args, "subject");
  draft.to = argument(command.args, "to");
  std::optional<Case> about;
  if (const std::string id = argument(command.args, "case"); !id.empty()) {
    const auto record = writer.case_by_id(id);
    if (!record) {
      DeskAnswer none = rota_refusal("no_case", "There is no such case.", "case");
      none.found = false;
      return none;
    }
    about = load_case(*record);
    draft.case_id = about->id;
    draft.case_number = about->number;
    if (draft.subject.empty()) draft.subject = about->title;
    if (draft.item.empty()) draft.item = about->excerpt;
  }
  if (!draft.to.empty() && rules.person(draft.to) == nullptr)
    return rota_refusal("no_person", "Nobody has this id.", "to");
  if (draft.to.empty()) draft.to = whom_to_ask(rules, about, nullptr, draft.from);
  draft.id = fresh_question_id(writer, effects.chance());
  return stored(writer, rules, effects,
                ask_question(std::move(draft), "api", effects.chance().now, rules.config->questions,
                             parties_of(*rules.config)));
}

}  // namespace

std::string fresh_question_id(StoreReader& reader, const Chance& chance) {
  for (int n = 0;; ++n) {
    std::string id =
        "q" + hash128_hex(fmt::format("question/{}/{}/{}", to_unix_ms(chance.now), chance.seed, n))
                  .substr(0, 8);
    if (!reader.record(kQuestion, id)) return id;
  }
}

std::optional<Question> load_question(StoreReader& reader, std::string_view id) {
  const auto record = reader.record(kQuestion, id);
  if (!record) return std::nullopt;
  Result<Question> read = question_from_json(record->body);
  if (!read)
    throw StoreError("question " + record->id + " cannot be read: " + read.error().message);
  return std::move(*read);
}

void store_question(StoreWriter& writer, const Rules& rules, Effects& effects,
                    const QuestionDone& done) {
  if (!done.changed) return;
  const Question& it = done.after;
  const Instant now = effects.chance().now;
  Record record = writer.record(kQuestion, it.id).value_or(Record{});
  record.kind = kQuestion;
  record.id = it.id;
  record.parent = it.case_id;
  record.owner = it.to;
  record.state = to_word(it.state);
  record.due = it.owed() ? std::optional{it.due} : std::nullopt;
  if (record.version == 0) record.created_at = now;
  record.updated_at = now;
  record.body = to_json(it);
  writer.put_record(record);
  const std::string timer = fmt::format("{}/{}", kQuestion, it.id);
  if (const auto next = next_of(it, rules.config->questions))
    writer.arm({timer, "", std::string{kQuestion}, *next, "{}"});
  else
    writer.disarm(timer);
  for (const QuestionWords& words : done.entries) {
    writer.append_ledger({0, now, words.who.empty() ? "tick" : words.who,
                          fmt::format("question_{}", to_word(words.kind)), it.case_id,
                          ledger_data(it, words), ""});
  }
  for (std::size_t n = 0; n < done.letters.size(); ++n)
    send(rules, effects, it, done.letters[n], n);
}

std::string whom_to_ask(const Rules& rules, const std::optional<Case>& it, const Post* item,
                        const std::string& asker) {
  const Parties parties = parties_of(*rules.config);
  Question probe;
  probe.from = asker;
  const auto may = [&](const std::string& id) {
    return rules.person(id) != nullptr && !speaks_for_asker(probe, id, parties);
  };
  std::string team;
  if (it) {
    if (may(it->owner)) return it->owner;
    for (const std::string& id : it->told) {
      if (may(id)) return id;
    }
    team = it->team;
  } else if (item != nullptr) {
    const Assessment assessment = rules.classifier->assess(*item);
    Case shape;
    shape.urgency = Urgency::queue;
    shape.channel = item->channel;
    shape.source = item->source;
    shape.language = assessment.language;
    shape.product = assessment.product;
    shape.topics = assessment.topics;
    for (const Cue cue : assessment.cues) shape.cues.emplace_back(to_word(cue));
    team = resolve_route(rules.config->route, labels_of(shape)).team;
  } else {
    team = resolve_route(rules.config->route, Labels{{"kind", {"question"}}}).team;
  }
  for (const Team& found : rules.config->teams) {
    if (found.name != team) continue;
    if (may(found.lead)) return found.lead;
  }
  return may(rules.config->questions.to) ? rules.config->questions.to : "";
}

DeskAnswer change_question(StoreWriter& writer, const Rules& rules, const AckKey& key,
                           Chance chance, const DeskCommand& command) {
  Effects effects{writer, rules, key, chance};
  if (command.who.empty()) return rota_refusal("who_missing", "It must be known who does this.");
  if (command.what == "ask") return ask(writer, rules, effects, command);
  const auto action = from_word<QuestionAction>(command.what);
  const bool of_people = action && *action != QuestionAction::ask &&
                         *action != QuestionAction::held && *action != QuestionAction::fall_due;
  const auto before = load_question(writer, argument(command.args, "id"));
  if (!of_people || !before) {
    DeskAnswer none = of_people ? rota_refusal("no_question", "There is no such question.")
                                : rota_refusal("no_action", "There is no such action.");
    none.found = false;
    return none;
  }
  const QuestionCommand in{*action, command.who, argument(command.args, "text"), "api",
                           command.manager};
  return stored(
      writer, rules, effects,
      apply_question(*before, in, chance.now, rules.config->questions, parties_of(*rules.config)));
}

void question_falls_due(StoreWriter& writer, const Rules& rules, Effects& effects,
                        const TimerRecord& timer, Instant now) {
  const auto before = load_question(writer, timer.id.substr(kQuestion.size() + 1));
  if (!before || !before->owed()) return;
  const QuestionCommand due{QuestionAction::fall_due, "tick", "", "tick", false};
  // The timer says that it is due; the wall clock may have been set back since.
  const QuestionDone done = apply_question(*before, due, std::max(now, timer.due),
                                           rules.config->questions, parties_of(*rules.config));
  if (done.changed) return store_question(writer, rules, effects, done);
  // A reload may have moved it.
  if (const auto next = next_of(*before, rules.config->questions))
    writer.arm({timer.id, "", std::string{kQuestion}, std::max(*next, now + seconds{1}), "{}"});
}

}  // namespace earshot

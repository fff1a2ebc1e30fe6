// What makes a page bearable: the runbook beside it, the cues in the reader's language, a code to
// answer with, a colleague's help, and one tap that says "not worth waking me".
#include <fmt/format.h>

#include <algorithm>

#include "earshot/cases/cue_words.hpp"
#include "earshot/core/ids.hpp"
#include "effects.hpp"
#include "targets.hpp"

namespace earshot {
namespace {

const std::string kDismissedLabel = "dismissed";
const std::string kWithdrawnLabel = "withdrawn";

std::string primary(const std::string& tag) {
  return tag.substr(0, tag.find('-'));
}

}  // namespace

void Effects::help_reader(Message& message, const Case& it, const std::string& person) {
  const std::vector<std::string> cues = told_and_heard(it);
  for (const Runbook& book : rules_.config->runbooks) {
    if (std::ranges::find(cues, book.cue) != cues.end())
      message.runbooks.push_back({book.cue, book.text, book.url});
  }
  const Person* who = rules_.person(person);
  if (who == nullptr) return;
  if (!key_.secret.empty()) {
    message.ack_code = ack_code(key_, it.id, person);
    message.reply_tag = fmt::format("#{}-{}", it.number, reply_tag(key_, it.id, person));
  }
  if (who->language.empty() || it.language.empty() ||
      primary(who->language) == primary(it.language))
    return;
  for (const std::string& cue : cues) {
    const std::string words = cue_words(cue, who->language);
    if (!words.empty()) message.cue_words.push_back(words);
  }
}

std::string Effects::label_url(const Case& it, const std::string& person, int step) {
  if (base_url().empty() || key_.secret.empty()) return {};
  const AckGrant grant{it.id,  person,
                       step,   chance_.now + rules_.config->web.ack_link_life,
                       draw(), LinkPurpose::not_worth};
  return base_url() + "/ack/" + sign_ack(grant, key_);
}

/// A label for training, one a case and person: the words of the posts stay where they are.
void Effects::remember_label(const Case& it, const Event& event) {
  const std::string id = it.id + "/" + event.who;
  Record record = writer_.record("label", id).value_or(Record{});
  record.kind = "label";
  record.id = id;
  record.parent = it.id;
  record.owner = event.who;
  record.state = event.data.at("label");
  if (record.version == 0) record.created_at = chance_.now;
  record.updated_at = chance_.now;
  record.body = to_json(event);
  writer_.put_record(record);
}

/// "Not a complaint", said when a case is dismissed, is a label as well, unless the same person
/// taught another one.
void Effects::learn_dismissal(const Case& it, const Event& event) {
  const auto why = from_word<Dismissal>(event.data.at("reason"));
  if (why != Dismissal::not_a_complaint && why != Dismissal::not_about_us && why != Dismissal::spam)
    return;
  const auto known = writer_.record("label", it.id + "/" + event.who);
  if (known && known->state != kDismissedLabel && known->state != kWithdrawnLabel) return;
  const auto note = event.data.find("note");
  remember_label(it, {EventKind::taught,
                      event.who,
                      event.at,
                      {{"label", kDismissedLabel},
                       {"complaint", "no"},
                       {"urgent", "no"},
                       {"note", note == event.data.end() ? "" : note->second}}});
}

/// It was something after all.
void Effects::forget_dismissal(const Case& it) {
  RecordQuery query;
  query.kind = "label";
  query.parent = it.id;
  query.states = {kDismissedLabel};
  for (Record& record : writer_.records(query)) {
    record.state = kWithdrawnLabel;
    record.updated_at = chance_.now;
    writer_.put_record(record);
  }
}

void Effects::ask_helper(const Case& it, const Event& event) {
  const std::string& person = event.data.at("person");
  const std::string text =
      fmt::format("{} asks for your help with case {}{}{}", event.who, it.number,
                  event.data.at("reason").empty() ? "" : ": ", event.data.at("reason"));
  const Person* who = rules_.person(person);
  if (who == nullptr) return;
  // A page by its way of telling, but nothing to acknowledge: the owner stays.
  const std::string urgency = it.urgency == Urgency::page ? "page" : "queue";
  for (const Way& way : ways_of(*who, urgency, rules_)) {
    OutboxRow row;
    row.key =
        fmt::format("help/{}/{}/{}/{}/{}", it.id, it.version, person, way.receiver, way.target);
    row.case_id = it.id;
    row.receiver = way.receiver;
    row.person = person;
    row.target = way.target;
    row.not_before = chance_.now + way.after;
    Message message = message_of(MessageKind::update, it);
    message.person = person;
    message.text = text;
    enqueue(std::move(row), *rules_.receiver(way.receiver), message);
  }
}

void Effects::remind(const TimerRecord& timer) {
  const auto record = writer_.case_by_id(timer.case_id);
  if (!record || record->ended) return;
  const Case it = load_case(*record);
  if (it.state != CaseState::acknowledged || !it.decays_at || it.owner.empty()) return;
  const auto left = std::chrono::ceil<minutes>(*it.decays_at - chance_.now);
  if (left <= minutes{0}) return;
  answer_person(
      it, it.owner,
      fmt::format("Case {} goes back and one step up in {} min unless you answer, note or "
                  "snooze it.",
                  it.number, left.count()),
      "remind");
}

}  // namespace earshot

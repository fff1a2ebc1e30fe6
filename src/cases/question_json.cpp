#include <fmt/format.h>

#include "earshot/cases/question.hpp"
#include "earshot/core/json.hpp"
#include "earshot/core/json_time.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

std::optional<Instant> instant_at(const JsonValue& object, std::string_view key) {
  return parse_rfc3339(string_at(object, key));
}

std::string text_at(const JsonValue& object, std::string_view key) {
  return std::string{string_at(object, key)};
}

}  // namespace

std::string to_json(const Question& it) {
  JsonWriter out;
  out.object();
  out.field("id", it.id);
  out.field("case", it.case_id);
  out.field("case_number", it.case_number);
  out.field("from", it.from);
  out.field("from_mail", it.from_mail);
  out.field("to", it.to);
  out.field("subject", it.subject);
  out.field("text", it.text);
  out.field("item", it.item);
  out.field("state", to_word(it.state));
  instant_or_null(out, "asked_at", it.asked_at);
  instant_or_null(out, "due", it.due);
  out.field("line", it.line);
  out.field("reminders", it.reminders);
  instant_or_null(out, "reminded_at", it.reminded_at);
  instant_or_null(out, "climbed_at", it.climbed_at);
  instant_or_null(out, "seen_at", it.seen_at);
  instant_or_null(out, "answered_at", it.answered_at);
  instant_or_null(out, "ended_at", it.ended_at);
  out.field("round", it.round);
  out.field("asked_by_mail", it.asked_by_mail);
  out.key("talk");
  out.array();
  for (const QuestionWords& words : it.talk) {
    out.object();
    instant_or_null(out, "at", words.at);
    out.field("who", words.who);
    out.field("kind", to_word(words.kind));
    out.field("text", words.text);
    out.field("via", words.via);
    out.end();
  }
  out.end_array();
  out.end();
  return out.take();
}

Result<Question> question_from_json(std::string_view json) {
  auto document = parse_json(json);
  if (!document) return document.error();
  if (!document->IsObject()) return permanent("a question is a JSON object");
  const JsonValue& in = *document;
  Question it;
  it.id = text_at(in, "id");
  it.case_id = text_at(in, "case");
  it.case_number = integer_at(in, "case_number").value_or(0);
  it.from = text_at(in, "from");
  it.from_mail = text_at(in, "from_mail");
  it.to = text_at(in, "to");
  it.subject = text_at(in, "subject");
  it.text = text_at(in, "text");
  it.item = text_at(in, "item");
  it.state = from_word<QuestionState>(string_at(in, "state")).value_or(QuestionState::open);
  it.asked_at = instant_at(in, "asked_at").value_or(Instant{});
  it.due = instant_at(in, "due").value_or(Instant{});
  it.line = strings_at(in, "line");
  it.reminders = static_cast<int>(integer_at(in, "reminders").value_or(0));
  it.reminded_at = instant_at(in, "reminded_at");
  it.climbed_at = instant_at(in, "climbed_at");
  it.seen_at = instant_at(in, "seen_at");
  it.answered_at = instant_at(in, "answered_at");
  it.ended_at = instant_at(in, "ended_at");
  it.round = static_cast<int>(integer_at(in, "round").value_or(1));
  it.asked_by_mail = text_at(in, "asked_by_mail");
  if (const JsonValue* talk = find(in, "talk"); talk != nullptr && talk->IsArray()) {
    for (const JsonValue& item : talk->GetArray()) {
      QuestionWords words;
      words.at = instant_at(item, "at").value_or(Instant{});
      words.who = text_at(item, "who");
      words.kind = from_word<QuestionAction>(string_at(item, "kind")).value_or(QuestionAction::add);
      words.text = text_at(item, "text");
      words.via = text_at(item, "via");
      it.talk.push_back(std::move(words));
    }
  }
  return it;
}

std::string question_sentence(std::string_view ledger_kind, std::string_view who,
                              std::string_view data) {
  constexpr std::string_view kPrefix = "question_";
  if (!ledger_kind.starts_with(kPrefix)) return {};
  const auto kind = from_word<QuestionAction>(ledger_kind.substr(kPrefix.size()));
  const auto document = parse_json(data);
  if (!kind || !document || !document->IsObject()) return {};
  const std::string to = text_at(*document, "to");
  const std::string from = text_at(*document, "from");
  const std::string text = text_at(*document, "text");
  switch (*kind) {
    case QuestionAction::ask:
      return fmt::format("{} asked {}: {}", who, to, text);
    case QuestionAction::answer:
      return fmt::format("{} answered {}: {}", who, from, text);
    case QuestionAction::add:
      return fmt::format("{} added to the question of {}: {}", who, from, text);
    case QuestionAction::seen:
      return fmt::format("{} has seen the question of {}.", who, from);
    case QuestionAction::held:
      return fmt::format("A mail on the question of {} was kept and told nobody: {}", from, text);
    case QuestionAction::remind:
      return fmt::format("{} was reminded of the question of {}.", to, from);
    case QuestionAction::withdraw:
      return fmt::format("{} withdrew the question to {}.", who, to);
    case QuestionAction::accept:
      return fmt::format("{} accepted the answer of {}.", who, to);
    case QuestionAction::again:
      return fmt::format("{} asked {} again: {}", who, to, text);
    case QuestionAction::fall_due:
      return text.empty()
                 ? fmt::format("The answer of {} to {} is late.", to, from)
                 : fmt::format("The answer of {} to {} is late: {} was told.", to, from, text);
  }
  return {};
}

}  // namespace earshot

#include "earshot/cases/corrective.hpp"

namespace earshot {
namespace {

void write_words(JsonWriter& out, const CorrectiveWords& it) {
  out.object();
  out.field("at", to_rfc3339_ms(it.at));
  out.field("who", it.who);
  out.field("kind", to_word(it.kind));
  out.field("text", it.text);
  out.text_or_null("case", it.case_id);
  out.end();
}

void write_wanted(JsonWriter& out, const ChangeWanted& it) {
  out.object();
  out.field("case", it.case_id);
  out.field("case_number", it.case_number);
  out.field("by", it.by);
  out.field("text", it.text);
  out.end();
}

template <class T>
void list(JsonWriter& out, std::string_view name, const std::vector<T>& items,
          void (*write)(JsonWriter&, const T&)) {
  out.key(name);
  out.array();
  for (const T& it : items) write(out, it);
  out.end_array();
}

void each(const JsonValue& object, std::string_view name, const auto& read) {
  const JsonValue* items = find(object, name);
  if (items == nullptr || !items->IsArray()) return;
  for (const JsonValue& item : items->GetArray()) read(item);
}

}  // namespace

std::string to_json(const Corrective& it) {
  JsonWriter out;
  out.object();
  out.field("id", it.id);
  out.field("cause", it.cause);
  out.field("department", it.department);
  out.field("owner", it.owner);
  out.field("line", it.line);
  out.field("state", to_word(it.state));
  out.field("opened_at", to_rfc3339_ms(it.opened_at));
  out.field("due", to_rfc3339_ms(it.due));
  out.field("reminded_at", it.reminded_at);
  out.field("climbed_at", it.climbed_at);
  out.field("ended_at", it.ended_at);
  out.field("recurrences", it.recurrences);
  out.text_or_null("answer", it.answer);
  out.field("cases", it.cases);
  out.field("counted", it.counted);
  list(out, "wanted", it.wanted, write_wanted);
  list(out, "talk", it.talk, write_words);
  out.end();
  return out.take();
}

Result<Corrective> corrective_from_json(std::string_view json) {
  const auto document = parse_json(json);
  if (!document) return document.error().in("corrective action");
  if (!document->IsObject()) return permanent("corrective action: not an object");
  const JsonValue& in = *document;
  const auto at = [&](std::string_view name) { return parse_rfc3339(string_at(in, name)); };
  Corrective out;
  out.id = string_at(in, "id");
  out.cause = string_at(in, "cause");
  out.department = string_at(in, "department");
  out.owner = string_at(in, "owner");
  out.line = strings_at(in, "line");
  out.state = from_word<CorrectiveState>(string_at(in, "state")).value_or(out.state);
  out.opened_at = at("opened_at").value_or(Instant{});
  out.due = at("due").value_or(Instant{});
  out.reminded_at = at("reminded_at");
  out.climbed_at = at("climbed_at");
  out.ended_at = at("ended_at");
  out.recurrences = static_cast<int>(integer_at(in, "recurrences").value_or(0));
  out.answer = string_at(in, "answer");
  out.cases = strings_at(in, "cases");
  out.counted = static_cast<std::uint64_t>(integer_at(in, "counted").value_or(0));
  each(in, "wanted", [&](const JsonValue& it) {
    out.wanted.push_back({std::string{string_at(it, "case")},
                          integer_at(it, "case_number").value_or(0),
                          std::string{string_at(it, "by")}, std::string{string_at(it, "text")}});
  });
  each(in, "talk", [&](const JsonValue& it) {
    out.talk.push_back(
        {parse_rfc3339(string_at(it, "at")).value_or(Instant{}), std::string{string_at(it, "who")},
         from_word<CorrectiveDeed>(string_at(it, "kind")).value_or(CorrectiveDeed::noted),
         std::string{string_at(it, "text")}, std::string{string_at(it, "case")}});
  });
  return out;
}

}  // namespace earshot

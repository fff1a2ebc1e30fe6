#include "earshot/core/json.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/receivers/payload.hpp"

namespace earshot {
namespace {

constexpr std::size_t kGroupedExcerpt = 400;  // Standard Webhooks advises less than 20 kB a body

void write_case(JsonWriter& out, const MessageCase& it, bool alone) {
  out.object();
  out.field("id", it.id);
  out.field("number", it.number);
  out.field("state", it.state);
  out.field("urgency", it.urgency);
  out.field("severity", it.severity);
  out.field("customer", it.customer);
  out.field("reach", it.reach);
  out.field("source", it.source);
  out.field("public", it.is_public);
  out.text_or_null("title", it.title);
  out.field("excerpt",
            alone ? std::string_view{it.excerpt} : cut_utf8(it.excerpt, kGroupedExcerpt));
  out.text_or_null("language", it.language);
  out.text_or_null("url", it.url);
  out.text_or_null("principal", it.principal);
  out.text_or_null("product", it.product);
  out.text_or_null("team", it.team);
  out.text_or_null("owner", it.owner);
  out.field("cues", it.cues);
  out.field("reasons", it.reasons);
  out.field("posted_at", to_rfc3339_ms(it.posted_at));
  out.key("answer_due");
  if (it.answer_due)
    out.value(to_rfc3339_ms(*it.answer_due));
  else
    out.null();
  out.end();
}

}  // namespace

std::string render_webhook(const Message& message, const Envelope& envelope) {
  JsonWriter out;
  out.object();
  out.field("type", "earshot." + std::string{to_word(message.kind)});
  out.field("id", envelope.message_id);
  out.field("timestamp", to_rfc3339_ms(message.at));
  out.field("sequence", message.sequence);
  out.field("headline", message.headline);
  out.text_or_null("text", message.text);
  out.text_or_null("person", message.person);
  out.field("step", message.step);
  out.field("round", message.round);
  out.key("cases");
  out.array();
  for (const MessageCase& it : message.cases) write_case(out, it, message.cases.size() == 1);
  out.end_array();
  out.key("labels");
  out.object();
  for (const auto& [name, value] : message.labels) out.field(name, value);
  out.end();
  out.text_or_null("next", message.next);
  out.text_or_null("ack_url", message.ack_url);
  out.text_or_null("ack_code", message.ack_code);
  out.text_or_null("label_url", message.label_url);
  out.key("runbooks");
  out.array();
  for (const MessageRunbook& book : message.runbooks) {
    out.object();
    out.field("cue", book.cue);
    out.text_or_null("text", book.text);
    out.text_or_null("url", book.url);
    out.end();
  }
  out.end_array();
  out.field("cue_words", message.cue_words);
  out.text_or_null("case_url", message.case_url);
  out.end();
  return out.take();
}

}  // namespace earshot

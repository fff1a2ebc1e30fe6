#include "earshot/core/json.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/receivers/payload.hpp"

namespace earshot {
namespace {

// Standard Webhooks advises less than 20 kB a body.
constexpr std::size_t kGroupedExcerpt = 400;
constexpr std::size_t kExcerpt = 6000;
constexpr std::size_t kLine = 1000;  // names, titles, addresses, the headline

std::vector<std::string> cut_all(const std::vector<std::string>& list) {
  std::vector<std::string> out;
  out.reserve(list.size());
  for (const std::string& it : list) out.emplace_back(cut_utf8(it, kLine));
  return out;
}

void write_case(JsonWriter& out, const MessageCase& it, bool alone) {
  out.object();
  out.field("id", it.id);
  out.field("number", it.number);
  out.field("state", it.state);
  out.field("urgency", it.urgency);
  out.field("severity", it.severity);
  out.field("customer", cut_utf8(it.customer, kLine));
  out.field("reach", it.reach);
  out.field("source", it.source);
  out.field("public", it.is_public);
  out.text_or_null("title", cut_utf8(it.title, kLine));
  out.field("excerpt", cut_utf8(it.excerpt, alone ? kExcerpt : kGroupedExcerpt));
  out.text_or_null("language", it.language);
  out.text_or_null("url",
                   it.url.size() > 2 * kLine ? std::string_view{} : std::string_view{it.url});
  out.text_or_null("principal", it.principal);
  out.text_or_null("product", it.product);
  out.text_or_null("team", it.team);
  out.text_or_null("owner", it.owner);
  out.field("cues", it.cues);
  out.field("reasons", cut_all(it.reasons));
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
  out.field("headline", cut_utf8(message.headline, kLine));
  out.text_or_null("text", cut_utf8(message.text, kExcerpt));
  out.text_or_null("change", message.change);
  out.text_or_null("by", message.doer);
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

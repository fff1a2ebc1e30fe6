#include <fmt/format.h>

#include "earshot/core/utf8.hpp"
#include "earshot/receivers/payload.hpp"
#include "parts.hpp"

// Workflows' "when a Teams webhook request is received": an Adaptive Card 1.4 of at most 28 KB. All
// that people wrote stands in TextRuns, which know no Markdown.
// https://adaptivecards.io/explorer/TextRun.html
namespace earshot {
namespace {

constexpr std::size_t kMost = 26'000;

/// TextRuns read neither Markdown nor HTML; `<at>` and template functions come apart all the same.
std::string defuse(std::string_view text) {
  std::string out;
  for (const char c : payload::defuse_mentions(text)) {
    out += c;
    if (c == '<' || c == '{') out += payload::kBreak;
  }
  return out;
}

void paragraph(JsonWriter& out, std::string_view text, bool strong, bool quiet = false) {
  out.object();
  out.field("type", "RichTextBlock");
  out.key("inlines");
  out.array();
  out.object();
  out.field("type", "TextRun");
  out.field("text", defuse(text));
  if (strong) out.field("weight", "Bolder");
  if (quiet) out.field("isSubtle", true);
  out.end();
  out.end_array();
  out.end();
}

void action(JsonWriter& out, std::string_view title, const std::string& url) {
  if (url.empty()) return;
  out.object();
  out.field("type", "Action.OpenUrl");
  out.field("title", title);
  out.field("url", url);
  out.end();
}

void write_case(JsonWriter& out, const MessageCase& it, const payload::Sizes& size) {
  paragraph(out,
            fmt::format("Case {} ({}), {} on {}", it.number, it.urgency,
                        payload::one_line(it.customer, 120), it.source),
            true);
  for (const std::string& line : payload::lines_of(cut_utf8(it.excerpt, size.excerpt)))
    paragraph(out, line, false);
  for (std::size_t i = 0; i < it.reasons.size() && i < size.reasons; ++i)
    paragraph(out, "- " + payload::one_line(it.reasons[i], 200), false, true);
  if (!it.owner.empty()) paragraph(out, "Owner: " + it.owner, false, true);
  if (it.answer_due) paragraph(out, "First answer due " + to_rfc3339(*it.answer_due), false, true);
}

void write_body(JsonWriter& out, const Message& message, const payload::Sizes& size) {
  paragraph(out, payload::one_line(message.headline, size.headline), true);
  const std::string& said = message.said_text.empty() ? message.text : message.said_text;
  for (const std::string& line : payload::lines_of(cut_utf8(said, size.text)))
    paragraph(out, line, false);
  std::size_t shown = 0;
  for (const MessageCase& it : message.cases) {
    if (shown == size.cases || !message.said_text.empty()) break;
    write_case(out, it, size);
    ++shown;
  }
  if (shown > 0 && shown < message.cases.size())
    paragraph(out, fmt::format("and {} more", message.cases.size() - shown), false);
  for (const std::string& note : payload::notes_of(message)) paragraph(out, note, false);
}

std::string card(const Message& message, const payload::Sizes& size) {
  JsonWriter out;
  out.object();
  out.field("type", "message");
  out.key("attachments");
  out.array();
  out.object();
  out.field("contentType", "application/vnd.microsoft.card.adaptive");
  out.key("contentUrl");
  out.null();
  out.key("content");
  out.object();
  out.field("$schema", "http://adaptivecards.io/schemas/adaptive-card.json");
  out.field("type", "AdaptiveCard");
  out.field("version", "1.4");
  out.key("body");
  out.array();
  write_body(out, message, size);
  out.end_array();
  out.key("actions");
  out.array();
  action(out, "Take it", payload::safe_url(message.ack_url));
  action(out, "Not worth waking me", payload::safe_url(message.label_url));
  action(out, "See the case", payload::safe_url(message.case_url));
  if (message.cases.size() == 1)
    action(out, "Open the post", payload::safe_url(message.cases.front().url));
  out.end_array();
  out.end();
  out.end();
  out.end_array();
  out.end();
  return out.take();
}

}  // namespace

std::string render_teams(const Message& message) {
  std::string out;
  for (const payload::Sizes& size : payload::sizes()) {
    out = card(message, size);
    if (out.size() <= kMost) break;
  }
  return out;
}

/// 202: accepted by the flow, not shown yet; nothing tells whether it was.
Delivery read_teams(const ServiceAnswer& answer) {
  Delivery out = read_status(answer);
  if (out.outcome == DeliveryOutcome::ok) out.detail += ", accepted by the flow";
  return out;
}

}  // namespace earshot

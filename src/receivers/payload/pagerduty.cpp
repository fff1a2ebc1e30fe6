#include <fmt/format.h>

#include "earshot/core/utf8.hpp"
#include "earshot/receivers/payload.hpp"
#include "parts.hpp"

// https://developer.pagerduty.com/docs/events-api-v2/trigger-events/: summary 1,024 characters,
// dedup_key 255, 512 KB. The routing key is added at the attempt.
namespace earshot {
namespace {

constexpr std::size_t kMostSummary = 1000;

std::string_view severity_of(const Message& message) {
  if (payload::rings(message)) return "critical";
  if (message.kind == MessageKind::self) return "error";
  if (message.kind == MessageKind::test) return "info";
  for (const MessageCase& it : message.cases) {
    if (it.urgency == "page") return "critical";
  }
  return "warning";
}

void write_payload(JsonWriter& out, const Message& message) {
  out.object();
  out.field("summary", payload::one_line(message.headline, kMostSummary));
  out.field("source", message.cases.empty() ? "earshot" : message.cases.front().source);
  out.field("severity", severity_of(message));
  out.field("timestamp", to_rfc3339_ms(message.at));
  if (!message.cases.empty() && !message.cases.front().team.empty())
    out.field("group", message.cases.front().team);
  out.field("class", "complaint");
  out.key("custom_details");
  out.object();
  out.field("text", cut_utf8(render_text(message), 20'000));
  out.end();
  out.end();
}

void write_link(JsonWriter& out, const std::string& url, std::string_view words) {
  if (url.empty()) return;
  out.object();
  out.field("href", url);
  out.field("text", words);
  out.end();
}

}  // namespace

std::string render_pagerduty(const Message& message, const Envelope& envelope) {
  const std::string action = message.change == "taken"    ? "acknowledge"
                             : message.change == "closed" ? "resolve"
                                                          : "trigger";
  JsonWriter out;
  out.object();
  out.field("event_action", action);
  // One incident a case: a repeat and a later step meet the same one.
  out.field("dedup_key", message.cases.size() == 1 ? "earshot-" + message.cases.front().id
                                                   : envelope.message_id);
  if (action == "trigger") {
    out.key("payload");
    write_payload(out, message);
    out.field("client", "Earshot");
    if (const std::string url = payload::safe_url(message.case_url); !url.empty())
      out.field("client_url", url);
    out.key("links");
    out.array();
    write_link(out, payload::safe_url(message.ack_url), "Take it");
    if (message.cases.size() == 1)
      write_link(out, payload::safe_url(message.cases.front().url), "The post");
    out.end_array();
  }
  out.end();
  return out.take();
}

Delivery read_pagerduty(const ServiceAnswer& answer) {
  Delivery out = read_status(answer);
  const auto body = payload::body_of(answer);
  if (out.outcome == DeliveryOutcome::ok) {
    if (!body || string_at(*body, "status") != "success")
      return {DeliveryOutcome::refused, out.detail + ", but not PagerDuty's answer"};
    out.id = payload::id_word(string_at(*body, "dedup_key"));
  }
  return out;
}

}  // namespace earshot

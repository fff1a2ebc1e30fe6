#include <fmt/format.h>

#include "earshot/core/utf8.hpp"
#include "earshot/receivers/payload.hpp"
#include "parts.hpp"

// https://docs.opsgenie.com/docs/alert-api: message 130, alias 512, description 15,000. Answers are
// asynchronous. The stored bytes begin with the path of the request, because taking and closing are
// requests of their own.
namespace earshot {
namespace {

std::string_view priority_of(const Message& message) {
  if (payload::rings(message)) return "P1";
  if (message.kind == MessageKind::self) return "P2";
  if (message.kind == MessageKind::test) return "P5";
  for (const MessageCase& it : message.cases) {
    if (it.urgency == "page") return "P1";
  }
  return "P3";
}

std::string create_body(const Message& message, const std::string& alias) {
  JsonWriter out;
  out.object();
  out.field("message", cut_utf8(payload::one_line(message.headline, 130), 130));
  out.field("alias", alias);
  out.field("description", cut_utf8(render_text(message), 14'000));
  out.field("priority", priority_of(message));
  out.field("source", "Earshot");
  if (message.cases.size() == 1) {
    const MessageCase& it = message.cases.front();
    out.field("entity", fmt::format("case {}", it.number));
    out.field("tags", it.cues);
    out.key("details");
    out.object();
    if (!it.team.empty()) out.field("team", it.team);
    out.field("source", it.source);
    if (const std::string url = payload::safe_url(it.url); !url.empty()) out.field("post", url);
    if (const std::string url = payload::safe_url(message.ack_url); !url.empty())
      out.field("take_it", url);
    out.end();
  }
  out.end();
  return out.take();
}

std::string note_body(const Message& message) {
  JsonWriter out;
  out.object();
  out.field("source", "Earshot");
  if (!message.doer.empty()) out.field("user", cut_utf8(message.doer, 100));
  out.field("note", cut_utf8(render_text(message), 14'000));
  out.end();
  return out.take();
}

}  // namespace

std::string render_opsgenie(const Message& message, const Envelope& envelope) {
  const std::string alias =
      message.cases.size() == 1 ? "earshot-" + message.cases.front().id : envelope.message_id;
  if (message.change.empty()) return "/v2/alerts\n" + create_body(message, alias);
  const std::string_view verb = message.change == "taken"    ? "acknowledge"
                                : message.change == "closed" ? "close"
                                                             : "notes";
  return fmt::format("/v2/alerts/{}/{}?identifierType=alias\n{}", alias, verb, note_body(message));
}

Delivery read_opsgenie(const ServiceAnswer& answer) {
  Delivery out = read_status(answer);
  if (out.outcome != DeliveryOutcome::ok) return out;
  const auto body = payload::body_of(answer);
  if (body) out.id = payload::id_word(string_at(*body, "requestId"));
  if (out.id.empty()) return {DeliveryOutcome::refused, out.detail + ", but not Opsgenie's answer"};
  return out;
}

std::optional<Delivery> read_opsgenie_request(const ServiceAnswer& answer, bool needed) {
  const auto body = payload::body_of(answer);
  const JsonValue* data = body ? find(*body, "data") : nullptr;
  if (answer.status != 200 || data == nullptr || !data->IsObject()) return std::nullopt;
  if (flag_at(*data, "success") || flag_at(*data, "isSuccess"))
    return Delivery{DeliveryOutcome::ok, "processed"};
  if (find(*data, "success") == nullptr && find(*data, "isSuccess") == nullptr) return std::nullopt;
  const std::string_view why = string_at(*data, "status");
  if (!needed && why.find("not exist") != std::string_view::npos)
    return Delivery{DeliveryOutcome::ok, "there is no such alert any more"};
  return Delivery{DeliveryOutcome::refused, "accepted, then not processed"};
}

}  // namespace earshot

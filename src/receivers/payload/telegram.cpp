#include <fmt/format.h>

#include "earshot/receivers/payload.hpp"
#include "parts.hpp"

// https://core.telegram.org/bots/api#sendmessage: 4,096 characters after entities; HTML mode needs
// `& < >` escaped and nothing else.
namespace earshot {
namespace {

constexpr std::size_t kMost = 4000;

}  // namespace

std::string render_telegram(const Message& message) {
  payload::ChatStyle style;
  style.escape = payload::escape_html;
  style.link = [](const std::string& url, std::string_view words) {
    return fmt::format("<a href=\"{}\">{}</a>", payload::attribute_url(url), words);
  };
  style.bold_open = "<b>";
  style.bold_close = "</b>";
  style.quote_open = "<blockquote>";
  style.quote_close = "</blockquote>";
  style.most = kMost;
  JsonWriter out;
  out.object();
  out.field("text", payload::chat_text(message, style));
  out.field("parse_mode", "HTML");
  out.key("link_preview_options");
  out.object();
  out.field("is_disabled", true);
  out.end();
  if (message.kind != MessageKind::page && message.kind != MessageKind::self)
    out.field("disable_notification", message.kind == MessageKind::update);
  out.end();
  return out.take();
}

Delivery read_telegram(const ServiceAnswer& answer) {
  Delivery out = read_status(answer);
  const auto body = payload::body_of(answer);
  if (out.outcome == DeliveryOutcome::ok) {
    if (!body || !flag_at(*body, "ok"))
      return {DeliveryOutcome::refused, "HTTP 200, but not Telegram's answer"};
    const JsonValue* result = find(*body, "result");
    if (result != nullptr && result->IsObject()) {
      if (const auto id = integer_at(*result, "message_id")) out.id = fmt::format("{}", *id);
    }
    return out;
  }
  if (!body) return out;
  const JsonValue* parameters = find(*body, "parameters");
  if (parameters == nullptr || !parameters->IsObject()) return out;
  if (const auto wait = number_at(*parameters, "retry_after"); wait && answer.status == 429)
    out.retry_after = payload::seconds_to_wait(*wait);
  if (const auto chat = integer_at(*parameters, "migrate_to_chat_id");
      chat && answer.status == 400) {
    out.outcome = DeliveryOutcome::again;
    out.retry_after = Duration{0};
    out.moved_to = fmt::format("{}", *chat);
    out.detail = "the group has become a supergroup";
  }
  return out;
}

}  // namespace earshot

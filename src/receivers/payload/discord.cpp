#include <fmt/format.h>

#include "earshot/receivers/payload.hpp"
#include "parts.hpp"

// https://discord.com/developers/docs/resources/webhook#execute-webhook: content 2,000 characters.
// allowed_mentions without a type pings nobody, whatever the text says; flag 4 shows no previews of
// links in a customer's words.
namespace earshot {
namespace {

constexpr std::size_t kMost = 2000;
constexpr int kNoPreviews = 4;
constexpr std::int64_t kUnknownMessage = 10008;
constexpr std::int64_t kUnknownWebhook = 10015;

}  // namespace

std::string render_discord(const Message& message) {
  payload::ChatStyle style;
  style.escape = payload::escape_markdown;
  style.link = [](const std::string& url, std::string_view words) {
    return fmt::format("[{}](<{}>)", words, url);
  };
  style.bold_open = style.bold_close = "**";
  style.quote_line = "> ";
  style.most = kMost;
  JsonWriter out;
  out.object();
  out.field("content", payload::chat_text(message, style));
  out.key("allowed_mentions");
  out.object();
  out.key("parse");
  out.array();
  out.end_array();
  out.end();
  out.field("flags", kNoPreviews);
  out.end();
  return out.take();
}

Delivery read_discord(const ServiceAnswer& answer) {
  Delivery out = read_status(answer);
  const auto body = payload::body_of(answer);
  if (!body) return out;
  if (out.outcome == DeliveryOutcome::ok) out.id = payload::id_word(string_at(*body, "id"));
  if (const auto wait = number_at(*body, "retry_after"); wait && answer.status == 429)
    out.retry_after = payload::seconds_to_wait(*wait);
  const auto code = integer_at(*body, "code");
  if (out.outcome != DeliveryOutcome::ok && code) out.detail += fmt::format(" code {}", *code);
  if (answer.status == 404 && code == kUnknownWebhook) out.outcome = DeliveryOutcome::gone;
  return out;
}

bool discord_message_is_missing(const ServiceAnswer& answer) {
  const auto body = payload::body_of(answer);
  return answer.status == 404 && body && integer_at(*body, "code") == kUnknownMessage;
}

}  // namespace earshot

#include "earshot/receivers/payload.hpp"
#include "parts.hpp"

// https://developers.mattermost.com/integrate/webhooks/incoming/ (text 16,383 characters) and
// POST /api/v4/posts, which gives an id and takes root_id.
namespace earshot {
namespace {

constexpr std::size_t kMost = 15'000;

}  // namespace

std::string render_mattermost(const ReceiverConfig& receiver, const Message& message) {
  payload::ChatStyle style;
  style.escape = payload::escape_markdown;
  style.link = [](const std::string& url, std::string_view words) {
    return "[" + std::string{words} + "](" + url + ")";
  };
  style.bold_open = style.bold_close = "**";
  style.quote_line = "> ";
  style.quote_close = "\n";
  style.most = kMost;
  const std::string text = payload::chat_text(message, style);
  JsonWriter out;
  out.object();
  if (receiver.token_file.empty()) {
    out.field("text", text);
    out.field("username", "Earshot");
    if (!receiver.channel.empty()) out.field("channel", receiver.channel);
  } else {
    out.field("message", text);
    out.field("channel_id", receiver.channel);
  }
  out.end();
  return out.take();
}

Delivery read_mattermost(const ServiceAnswer& answer) {
  Delivery out = read_status(answer);
  const auto body = payload::body_of(answer);
  if (!body) return out;
  if (out.outcome == DeliveryOutcome::ok)
    out.id = payload::id_word(string_at(*body, "id"));
  else if (const std::string word = payload::error_word(string_at(*body, "id")); !word.empty())
    out.detail += ": " + word;
  return out;
}

}  // namespace earshot

#include <fmt/format.h>

#include "earshot/receivers/payload.hpp"
#include "parts.hpp"

// https://docs.ntfy.sh/publish/#publish-as-json: title 1 KB, message 4,096 bytes (longer ones turn
// into attachments), priority 1 to 5. The text is plain. The topic is added at the attempt: whoever
// knows it can read along.
namespace earshot {
namespace {

constexpr std::size_t kMost = 3900;
constexpr std::size_t kMostTitle = 250;

int priority_of(const Message& message) {
  if (payload::rings(message)) return 5;
  switch (message.kind) {
    case MessageKind::page:
      return 5;
    case MessageKind::self:
      return 4;
    case MessageKind::update:
      return 2;
    case MessageKind::notice:
    case MessageKind::test:
      break;
  }
  return 3;
}

}  // namespace

std::string render_ntfy(const Message& message) {
  payload::ChatStyle style;
  style.escape = [](std::string_view text) { return std::string{text}; };
  style.link = [](const std::string& url, std::string_view words) {
    return std::string{words} + ": " + url;
  };
  style.most = kMost;
  style.headline = false;
  JsonWriter out;
  out.object();
  out.field("title", payload::one_line(message.headline, kMostTitle));
  const std::string text = payload::chat_text(message, style);
  out.field("message", text.empty() ? payload::one_line(message.headline, kMostTitle) : text);
  out.field("priority", priority_of(message));
  out.field("tags", std::vector<std::string>{message.kind == MessageKind::page ? "rotating_light"
                                             : message.change == "closed"      ? "white_check_mark"
                                                                               : "speech_balloon"});
  if (const std::string url = payload::safe_url(message.case_url); !url.empty())
    out.field("click", url);
  if (const std::string url = payload::safe_url(message.ack_url); !url.empty()) {
    out.key("actions");
    out.array();
    out.object();
    out.field("action", "view");
    out.field("label", "Take it");
    out.field("url", url);
    out.end();
    out.end_array();
  }
  out.end();
  return out.take();
}

Delivery read_ntfy(const ServiceAnswer& answer) {
  Delivery out = read_status(answer);
  const auto body = payload::body_of(answer);
  if (out.outcome == DeliveryOutcome::ok) {
    if (!body) return {DeliveryOutcome::refused, out.detail + ", but not ntfy's answer"};
    out.id = payload::id_word(string_at(*body, "id"));
    return out;
  }
  if (!body) return out;
  if (const auto code = integer_at(*body, "code")) out.detail += fmt::format(" code {}", *code);
  return out;
}

}  // namespace earshot

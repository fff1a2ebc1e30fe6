#include <fmt/format.h>

#include "earshot/receivers/payload.hpp"
#include "parts.hpp"

// https://spec.matrix.org/v1.8/client-server-api/#put_matrixclientv3roomsroomidsendeventtypetxnid.
// An event holds 64 KiB; `m.mentions: {}` says that nobody is meant, "@room" included.
namespace earshot {
namespace {

constexpr std::size_t kMostPlain = 14'000;
constexpr std::size_t kMostHtml = 28'000;

payload::ChatStyle plain_style() {
  payload::ChatStyle style;
  style.escape = payload::defuse_mentions;
  style.link = [](const std::string& url, std::string_view words) {
    return std::string{words} + ": " + url;
  };
  style.quote_line = "> ";
  style.most = kMostPlain;
  return style;
}

payload::ChatStyle html_style() {
  payload::ChatStyle style;
  style.escape = payload::escape_html;
  style.link = [](const std::string& url, std::string_view words) {
    return fmt::format("<a href=\"{}\">{}</a>", payload::attribute_url(url), words);
  };
  style.bold_open = "<strong>";
  style.bold_close = "</strong>";
  style.line = "<br/>";
  style.quote_open = "<blockquote>";
  style.quote_close = "</blockquote>";
  style.most = kMostHtml;
  return style;
}

}  // namespace

std::string render_matrix(const Message& message) {
  JsonWriter out;
  out.object();
  out.field("msgtype", message.kind == MessageKind::update ? "m.notice" : "m.text");
  out.field("body", payload::chat_text(message, plain_style()));
  out.field("format", "org.matrix.custom.html");
  const bool own = !message.said_html.empty() && message.said_html.size() <= kMostHtml;
  out.field("formatted_body", own ? message.said_html : payload::chat_text(message, html_style()));
  out.key("m.mentions");
  out.object();
  out.end();
  out.end();
  return out.take();
}

Delivery read_matrix(const ServiceAnswer& answer) {
  Delivery out = read_status(answer);
  const auto body = payload::body_of(answer);
  if (out.outcome == DeliveryOutcome::ok) {
    if (body) out.id = payload::id_word(string_at(*body, "event_id"));
    if (out.id.empty()) return {DeliveryOutcome::refused, "HTTP 200, but not Matrix' answer"};
    return out;
  }
  if (!body) return out;
  const std::string_view code = string_at(*body, "errcode");
  for (const std::string_view known :
       {"M_LIMIT_EXCEEDED", "M_UNKNOWN_TOKEN", "M_MISSING_TOKEN", "M_FORBIDDEN", "M_NOT_FOUND",
        "M_TOO_LARGE", "M_UNRECOGNIZED", "M_BAD_JSON", "M_NOT_JSON", "M_USER_DEACTIVATED",
        "M_USER_LOCKED"}) {
    if (code == known) out.detail += fmt::format(" {}", known);
  }
  if (code == "M_LIMIT_EXCEEDED") {
    out.outcome = DeliveryOutcome::again;
    out.retry_after = answer.retry_after;
    if (const auto wait = number_at(*body, "retry_after_ms"); wait && !out.retry_after)
      out.retry_after = payload::seconds_to_wait(*wait / 1000);
  }
  return out;
}

}  // namespace earshot

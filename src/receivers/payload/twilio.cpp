#include <fmt/format.h>

#include <algorithm>

#include "earshot/core/utf8.hpp"
#include "earshot/receivers/payload.hpp"
#include "parts.hpp"

// https://www.twilio.com/docs/messaging/api/message-resource: Body 1,600 characters, 160 (GSM-7) or
// 70 (UCS-2) a segment, each of which costs. https://www.twilio.com/docs/voice/twiml/say.
namespace earshot {
namespace {

constexpr std::size_t kMostSms = 1500;
constexpr std::size_t kSmsWords = 160;
constexpr std::size_t kSpoken = 300;

/// What a text-to-speech engine reads as words: no escapes, no mark-up, no control characters.
std::string speakable(std::string_view text) {
  std::string out;
  for (const std::string& line : payload::lines_of(text)) {
    for (const char c : line) {
      if (c == '<' || c == '>' || c == '&' || c == '\\' || c == '"' || c == '\'')
        out += ' ';
      else
        out += c;
    }
    out += ' ';
  }
  out = collapse_space(out);
  while (out.ends_with('.')) out.pop_back();  // the sentence gets its own
  return out;
}

}  // namespace

std::string render_sms(const Message& message) {
  std::string out = "Earshot: " + payload::one_line(message.headline, 200);
  const auto add = [&](const std::string& line) {
    if (!line.empty() && out.size() + line.size() + 1 <= kMostSms) out += "\n" + line;
  };
  const std::string& said = message.said_text.empty() ? message.text : message.said_text;
  add(payload::one_line(said, message.said_text.empty() ? 300 : 900));
  if (message.cases.size() == 1 && message.said_text.empty())
    add("\"" + payload::one_line(message.cases.front().excerpt, kSmsWords) + "\"");
  const std::string url =
      payload::safe_url(message.ack_url.empty() ? message.case_url : message.ack_url);
  if (!url.empty()) add((message.ack_url.empty() ? "See it: " : "Take it: ") + url);
  if (!message.ack_code.empty()) add("Code: " + message.ack_code);
  return out;
}

std::string render_voice(const Message& message) {
  std::string words = "This is Earshot. " + speakable(cut_utf8(message.headline, kSpoken)) + ". ";
  const std::string& said = message.said_text.empty() ? message.text : message.said_text;
  if (!said.empty()) words += speakable(cut_utf8(said, kSpoken)) + ". ";
  if (message.cases.size() == 1 && message.said_text.empty()) {
    const MessageCase& it = message.cases.front();
    words += fmt::format("Case {}. ", it.number);
    if (!it.reasons.empty()) words += speakable(cut_utf8(it.reasons.front(), kSpoken)) + ". ";
    words += "They write: " + speakable(cut_utf8(it.excerpt, kSpoken)) + ". ";
  }
  if (!message.ack_url.empty()) words += "Take it by the link in your other messages. ";
  return fmt::format("<Response><Say>{0}</Say><Pause length=\"1\"/><Say>{0}</Say></Response>",
                     collapse_space(words));
}

Delivery read_twilio(const ServiceAnswer& answer) {
  Delivery out = read_status(answer);
  const auto body = payload::body_of(answer);
  if (out.outcome == DeliveryOutcome::ok) {
    if (body) out.id = payload::id_word(string_at(*body, "sid"));
    if (out.id.empty())
      return {DeliveryOutcome::refused, out.detail + ", but not the service's answer"};
    const std::string_view status = string_at(*body, "status");
    if (status == "failed" || status == "undelivered" || status == "canceled")
      return {DeliveryOutcome::refused, fmt::format("status {}", status)};
    return out;
  }
  if (!body) return out;
  const auto code = integer_at(*body, "code");
  if (code) out.detail += fmt::format(" code {}", *code);
  if (code == 20429) out.outcome = DeliveryOutcome::again, out.retry_after = answer.retry_after;
  return out;
}

bool twilio_list_holds(const ServiceAnswer& answer, std::string_view words) {
  const auto body = payload::body_of(answer);
  const JsonValue* list = body && answer.status == 200 ? find(*body, "messages") : nullptr;
  if (list == nullptr || !list->IsArray()) return false;
  return std::any_of(list->Begin(), list->End(), [&](const JsonValue& it) {
    if (!it.IsObject()) return false;
    const std::string_view status = string_at(it, "status");
    return status != "failed" && status != "undelivered" && string_at(it, "body") == words;
  });
}

}  // namespace earshot

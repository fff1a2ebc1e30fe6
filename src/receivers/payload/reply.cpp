#include "earshot/receivers/reply.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "earshot/core/ids.hpp"
#include "earshot/core/json.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/receivers/payload.hpp"
#include "mail_parts.hpp"
#include "parts.hpp"

namespace earshot {
namespace {

std::string render_mail(const ReplyWay& way, const CustomerReply& reply) {
  const std::string parent = payload::is_plain_id(reply.parent) ? "<" + reply.parent + ">" : "";
  const bool again = equals_ignoring_case(std::string_view{reply.subject}.substr(0, 3), "re:");
  std::string out = "Date: " + payload::mail_date(reply.sent) + "\r\n";
  out += "From: " + mail_header(reply.name, 120) + " <" + mail_header(way.as, 320) + ">\r\n";
  out += "To: " + mail_header(reply.to, 320) + "\r\n";
  out += "Subject: " + mail_header((again ? "" : "Re: ") + reply.subject, 160) + "\r\n";
  out += "Message-ID: <" + reply.message_id + "@" + payload::mail_domain(way.as) + ">\r\n";
  if (!parent.empty()) out += "In-Reply-To: " + parent + "\r\nReferences: " + parent + "\r\n";
  out += "MIME-Version: 1.0\r\n";
  return out + payload::mail_part("plain", reply.text + "\n");
}

std::string render_json(const ReplyWay& way, const CustomerReply& reply) {
  JsonWriter out;
  out.object();
  out.field("parent", reply.parent);
  out.field("text", reply.text);
  out.text_or_null("language", reply.language);
  if (way.type == "bluesky") {
    out.field("rkey", tid_of(reply.at, hash64(reply.message_id)));
    out.field("at", to_rfc3339_ms(reply.sent));
  }
  out.end();
  return out.take();
}

/// Letters and digits alone, without tags, entities and what stands in front of the words as a
/// mention: a server writes the same words as HTML of its own.
std::string bare(std::string_view text, bool html) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (html && c == '<') {
      at = std::min(text.find('>', at), text.size() - 1);
      continue;
    }
    if (html && c == '&') {
      const std::size_t end = text.find(';', at);
      if (end != std::string_view::npos && end - at <= 8) {
        at = end;
        continue;
      }
    }
    const bool kept = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      static_cast<unsigned char>(c) >= 0x80;
    if (kept) out += c;
  }
  return out;
}

/// One post that is gone disables no receiver.
Delivery read_sent(const ServiceAnswer& answer) {
  Delivery out = read_status(answer);
  if (out.outcome == DeliveryOutcome::gone) out.outcome = DeliveryOutcome::refused;
  return out;
}

std::string_view without_mention(std::string_view text) {
  if (!text.starts_with('@')) return text;
  const std::size_t blank = text.find(' ');
  return blank == std::string_view::npos ? std::string_view{} : text.substr(blank + 1);
}

}  // namespace

std::string reply_receiver(std::string_view source) {
  return std::string{kReplyReceiver} + std::string{source};
}

std::string render_reply(const ReplyWay& way, const CustomerReply& reply) {
  return way.type == "imap" ? render_mail(way, reply) : render_json(way, reply);
}

std::string tid_of(Instant at, std::uint64_t seed) {
  constexpr std::string_view kDigits = "234567abcdefghijklmnopqrstuvwxyz";
  constexpr int kLength = 13;
  const auto micros = static_cast<std::uint64_t>(to_unix_ms(at)) * 1000 + (seed >> 10U) % 1000;
  std::uint64_t rest = (micros << 10U) | (seed & 1023U);
  std::string out(kLength, '2');
  for (int i = kLength - 1; i >= 0; --i, rest >>= 5U)
    out[static_cast<std::size_t>(i)] = kDigits[rest & 31U];
  return out;
}

std::string reply_in_context(const ServiceAnswer& context, std::string_view parent,
                             std::string_view account, std::string_view text) {
  const auto document = payload::body_of(context);
  const JsonValue* later = document ? find(*document, "descendants") : nullptr;
  if (later == nullptr || !later->IsArray()) return {};
  const std::string wanted = bare(without_mention(text), false);
  for (const JsonValue& status : later->GetArray()) {
    const JsonValue* author = find(status, "account");
    if (author == nullptr || string_at(*author, "id") != account ||
        string_at(status, "in_reply_to_id") != parent)
      continue;
    if (bare(string_at(status, "content"), true).find(wanted) == std::string::npos) continue;
    const std::string_view url = string_at(status, "url");
    return std::string{url.empty() ? string_at(status, "id") : url};
  }
  return {};
}

Delivery read_posted_status(const ServiceAnswer& answer) {
  Delivery out = read_sent(answer);
  if (out.outcome != DeliveryOutcome::ok) return out;
  const auto document = payload::body_of(answer);
  if (!document || string_at(*document, "id").empty()) {
    out.outcome = DeliveryOutcome::uncertain;  // the next attempt looks
    out.detail = "the answer is no status";
    return out;
  }
  const std::string url = payload::safe_url(string_at(*document, "url"));
  out.id = url.empty() ? payload::id_word(string_at(*document, "id")) : url;
  return out;
}

Delivery read_created_record(const ServiceAnswer& answer) {
  Delivery out = read_sent(answer);
  if (out.outcome != DeliveryOutcome::ok) return out;
  const auto document = payload::body_of(answer);
  out.id = document ? payload::id_word(string_at(*document, "uri")) : "";
  if (!out.id.empty()) return out;
  out.outcome = DeliveryOutcome::uncertain;
  out.detail = "the answer names no record";
  return out;
}

}  // namespace earshot

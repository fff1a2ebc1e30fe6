#include <fmt/format.h>

#include "earshot/core/ids.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/receivers/payload.hpp"
#include "mail_parts.hpp"

// RFC 5322 (format), RFC 2047 (words in headers), RFC 2045 (base64 body), RFC 3834
// (Auto-Submitted).
namespace earshot {
namespace {

constexpr std::size_t kEncodedWord = 45;  // bytes: base64 makes 60 of them, with the frame 72 of 75

std::string join(const std::vector<std::string>& list) {
  std::string out;
  for (const std::string& item : list) out += (out.empty() ? "" : ", ") + mail_header(item, 320);
  return out;
}

/// The thread of a question: our own root first, so that every answer carries it.
std::string thread_headers(const Message& message, const std::string& domain) {
  std::string out;
  const std::string parent =
      payload::is_plain_id(message.answers) ? "<" + message.answers + ">" : "";
  if (!parent.empty()) out += "In-Reply-To: " + parent + "\r\n";
  return out + "References: <" + message.thread + "@" + domain + ">" +
         (parent.empty() ? "" : "\r\n " + parent) + "\r\n";
}

}  // namespace

std::string mail_header(std::string_view text, std::size_t most) {
  std::string flat = collapse_space(printable(collapse_space(text)));
  flat = std::string{cut_utf8(flat, most)};
  bool ascii = flat.find("=?") == std::string::npos;
  for (const char c : flat) ascii = ascii && static_cast<unsigned char>(c) < 0x80;
  if (ascii) return flat;
  std::string out;
  for (std::string_view rest = flat; !rest.empty();) {
    const std::string_view word = cut_utf8(rest, kEncodedWord);
    out += (out.empty() ? "" : "\r\n ") + ("=?UTF-8?B?" + base64(word) + "?=");
    rest.remove_prefix(word.size());
  }
  return out;
}

std::string render_email(const ReceiverConfig& receiver, const Message& message,
                         const Envelope& envelope) {
  const std::string& from = receiver.from.empty() ? envelope.from : receiver.from;
  std::string out;
  out += "Date: " + payload::mail_date(message.at) + "\r\n";
  out += "From: Earshot <" + mail_header(from, 320) + ">\r\n";
  out +=
      "To: " + (envelope.to.empty() ? join(receiver.to) : mail_header(envelope.to, 320)) + "\r\n";
  const std::string tag = message.reply_tag.empty() ? "" : " [" + message.reply_tag + "]";
  out +=
      "Subject: " + mail_header(std::string{cut_utf8(message.headline, 120)} + tag, 160) + "\r\n";
  out += "Message-ID: <" + envelope.message_id + "@" + payload::mail_domain(from) + ">\r\n";
  if (!message.reply_to.empty()) out += "Reply-To: " + mail_header(message.reply_to, 320) + "\r\n";
  if (!message.thread.empty()) {
    out += thread_headers(message, payload::mail_domain(from));
  } else if (!message.cases.empty()) {
    // All mails of a case make one thread.
    const std::string first =
        "<case-" + message.cases.front().id + "@" + payload::mail_domain(from) + ">";
    const std::string parent = envelope.in_reply_to.empty() ? ""
                                                            : "<" + envelope.in_reply_to + "@" +
                                                                  payload::mail_domain(from) + ">";
    if (!parent.empty()) out += "In-Reply-To: " + parent + "\r\n";
    out += "References: " + first + (parent.empty() ? "" : "\r\n " + parent) + "\r\n";
  }
  out += "Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n";
  if (message.kind == MessageKind::page) out += "Importance: high\r\nX-Priority: 1\r\n";
  out += "MIME-Version: 1.0\r\n";
  if (message.said_html.empty()) return out + payload::mail_part("plain", render_text(message));
  const std::string boundary = "=_" + hash128_hex(envelope.message_id);
  out += "Content-Type: multipart/alternative; boundary=\"" + boundary + "\"\r\n\r\n";
  out += "--" + boundary + "\r\n" + payload::mail_part("plain", render_text(message));
  out += "--" + boundary + "\r\n" + payload::mail_part("html", message.said_html);
  out += "--" + boundary + "--\r\n";
  return out;
}

}  // namespace earshot

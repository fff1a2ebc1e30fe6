#include <fmt/format.h>

#include <array>
#include <chrono>

#include "earshot/core/ids.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/receivers/payload.hpp"

// RFC 5322 (format), RFC 2047 (words in headers), RFC 2045 (base64 body), RFC 3834
// (Auto-Submitted).
namespace earshot {
namespace {

constexpr std::size_t kEncodedWord = 45;  // bytes: base64 makes 60 of them, with the frame 72 of 75

std::string rfc5322_date(Instant at) {
  constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{std::chrono::floor<std::chrono::seconds>(at - day)};
  return fmt::format(
      "{}, {:02} {} {} {:02}:{:02}:{:02} +0000", kDays[std::chrono::weekday{day}.c_encoding()],
      static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
      static_cast<int>(date.year()), time.hours().count(), time.minutes().count(),
      time.seconds().count());
}

std::string domain_of(std::string_view address) {
  const std::size_t at = address.rfind('@');
  std::string domain;
  for (const char c : at == std::string_view::npos ? std::string_view{} : address.substr(at + 1)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '-';
    if (plain) domain += c;
  }
  return domain.empty() ? "earshot.invalid" : domain;
}

std::string join(const std::vector<std::string>& list) {
  std::string out;
  for (const std::string& item : list) out += (out.empty() ? "" : ", ") + mail_header(item, 320);
  return out;
}

/// Headers and body of a part; plain text comes first (RFC 2046 5.1.4).
std::string part(std::string_view subtype, std::string_view text) {
  std::string out = fmt::format(
      "Content-Type: text/{}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n", subtype);
  const std::string body = base64(text);
  for (std::size_t i = 0; i < body.size(); i += 76) out += body.substr(i, 76) + "\r\n";
  return out;
}

/// A message id of somebody's, as far as it may stand in a header.
bool is_plain_id(std::string_view id) {
  return !id.empty() && id.size() <= 250 && id.find_first_of("<> \r\n\t") == std::string_view::npos;
}

/// The thread of a question: our own root first, so that every answer carries it.
std::string thread_headers(const Message& message, const std::string& domain) {
  std::string out;
  const std::string parent = is_plain_id(message.answers) ? "<" + message.answers + ">" : "";
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
  out += "Date: " + rfc5322_date(message.at) + "\r\n";
  out += "From: Earshot <" + mail_header(from, 320) + ">\r\n";
  out +=
      "To: " + (envelope.to.empty() ? join(receiver.to) : mail_header(envelope.to, 320)) + "\r\n";
  const std::string tag = message.reply_tag.empty() ? "" : " [" + message.reply_tag + "]";
  out +=
      "Subject: " + mail_header(std::string{cut_utf8(message.headline, 120)} + tag, 160) + "\r\n";
  out += "Message-ID: <" + envelope.message_id + "@" + domain_of(from) + ">\r\n";
  if (!message.reply_to.empty()) out += "Reply-To: " + mail_header(message.reply_to, 320) + "\r\n";
  if (!message.thread.empty()) {
    out += thread_headers(message, domain_of(from));
  } else if (!message.cases.empty()) {
    // All mails of a case make one thread.
    const std::string first = "<case-" + message.cases.front().id + "@" + domain_of(from) + ">";
    const std::string parent = envelope.in_reply_to.empty()
                                   ? ""
                                   : "<" + envelope.in_reply_to + "@" + domain_of(from) + ">";
    if (!parent.empty()) out += "In-Reply-To: " + parent + "\r\n";
    out += "References: " + first + (parent.empty() ? "" : "\r\n " + parent) + "\r\n";
  }
  out += "Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n";
  if (message.kind == MessageKind::page) out += "Importance: high\r\nX-Priority: 1\r\n";
  out += "MIME-Version: 1.0\r\n";
  if (message.said_html.empty()) return out + part("plain", render_text(message));
  const std::string boundary = "=_" + hash128_hex(envelope.message_id);
  out += "Content-Type: multipart/alternative; boundary=\"" + boundary + "\"\r\n\r\n";
  out += "--" + boundary + "\r\n" + part("plain", render_text(message));
  out += "--" + boundary + "\r\n" + part("html", message.said_html);
  out += "--" + boundary + "--\r\n";
  return out;
}

}  // namespace earshot

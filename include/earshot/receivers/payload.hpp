#pragma once

/// Message -> the bytes one receiver sends. Customer's words are data: every format escapes them
/// and keeps its limits (SOURCES 3, RELIABILITY 4.6). Pure: the same message gives the same bytes
/// on every attempt.

#include <string>
#include <string_view>

#include "earshot/config/config.hpp"
#include "earshot/receivers/message.hpp"

namespace earshot {

/// What the bytes need besides the message.
struct Envelope {
  std::string
      message_id;    ///< idempotency key; a mail's Message-ID without angle brackets and domain
  std::string to;    ///< email: the recipient of this copy; "" = the receiver's own list
  std::string from;  ///< email: sender where the receiver names none
  std::string in_reply_to{};  ///< email: message_id of our first mail of the case
};

std::string render(const ReceiverConfig& receiver, const Message& message,
                   const Envelope& envelope);

std::string render_webhook(const Message& message, const Envelope& envelope);
std::string render_slack(const Message& message);
std::string render_email(const ReceiverConfig& receiver, const Message& message,
                         const Envelope& envelope);
std::string render_alertmanager(const ReceiverConfig& receiver, const Message& message);
std::string render_log(const Message& message);
std::string render_teams(const Message& message);
std::string render_mattermost(const ReceiverConfig& receiver, const Message& message);
std::string render_discord(const Message& message);
std::string render_telegram(const Message& message);
std::string render_matrix(const Message& message);
std::string render_ntfy(const Message& message);
std::string render_pagerduty(const Message& message, const Envelope& envelope);
/// The path of the request, a line end, its body.
std::string render_opsgenie(const Message& message, const Envelope& envelope);
std::string render_sms(const Message& message);    ///< the text itself
std::string render_voice(const Message& message);  ///< TwiML

/// The message as plain text lines: what a mail, a terminal and every fallback say.
std::string render_text(const Message& message);

/// "&amp;", "&lt;", "&gt;", and nothing that pings a channel.
std::string escape_slack(std::string_view text);
/// An RFC 2047 header value of at most `most` characters; CR and LF become blanks.
std::string mail_header(std::string_view text, std::size_t most = 120);

}  // namespace earshot

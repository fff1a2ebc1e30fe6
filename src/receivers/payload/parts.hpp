#pragma once

/// What the chat receivers share: making customers' words harmless, and fitting a message into a
/// limit without losing its headline and its links. Pure.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/core/json.hpp"
#include "earshot/receivers/answer.hpp"
#include "earshot/receivers/message.hpp"

namespace earshot::payload {

/// A zero-width space: breaks a mention for machines, not for readers.
inline constexpr std::string_view kBreak = "\xE2\x80\x8B";

/// Mentions come apart: "@everyone" and any other "@name".
std::string defuse_mentions(std::string_view text);
/// `& < > "` as HTML names them, apostrophes too; mentions come apart.
std::string escape_html(std::string_view text);
/// A safe_url inside an HTML attribute: "&" is all that is left to escape.
std::string attribute_url(std::string_view url);
/// A backslash before everything that Markdown reads; mentions come apart.
std::string escape_markdown(std::string_view text);
/// http and https only, everything that could end a link percent-encoded; "" where it is no link or
/// longer than 1,000 bytes.
std::string safe_url(std::string_view url);
/// Lines without their ends; control characters within one are shown as escapes.
std::vector<std::string> lines_of(std::string_view text);

/// One line of at most `most` bytes (before its hidden characters are shown as escapes).
std::string one_line(std::string_view text, std::size_t most);

/// What stands before the links: cues in the reader's words, runbooks, who is told next, the code
/// that the link asks for. Plain lines.
std::vector<std::string> notes_of(const Message& message);

struct ChatStyle {
  std::function<std::string(std::string_view)> escape;
  std::function<std::string(const std::string& url, std::string_view words)> link;
  std::string bold_open, bold_close;
  std::string line = "\n";  ///< ends a line
  std::string quote_open{}, quote_line{}, quote_close{};
  std::size_t most = 4000;  ///< bytes of the whole
  bool headline = true;
};
/// The message in this style, at most `most` bytes: excerpts, reasons and cases give way, headline
/// and links stay.
std::string chat_text(const Message& message, const ChatStyle& style);

/// The post's words, reasons and clock of one case as plain lines.
struct Sizes {
  std::size_t headline, text, excerpt, reasons, cases;
};
const std::vector<Sizes>& sizes();

/// A page, or a test that shall ring like one.
bool rings(const Message& message);

/// Puts a member in front of the others of a JSON object: what is known at the attempt only (a
/// thread, a topic, a key). `json` begins with "{"; `value` is JSON.
std::string with_member(std::string json, std::string_view name, std::string_view value);
std::string json_text(std::string_view text);

/// A word of a service's own list of errors: lower-case letters, dots and underscores; else "".
std::string error_word(std::string_view word);
/// An id as services make them: at most 128 of letters, digits and `. - _ : $ = / + ! @`; else "".
std::string id_word(std::string_view id);
/// An answer's body, or nothing where it is no JSON object.
std::optional<JsonDocument> body_of(const ServiceAnswer& answer);
/// A wait that a body gives in seconds, bounded to [0, 1 day].
std::optional<Duration> seconds_to_wait(double seconds);

}  // namespace earshot::payload

#include <fmt/format.h>

#include "earshot/core/json.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/receivers/payload.hpp"
#include "parts.hpp"

// https://api.slack.com/reference/block-kit/blocks: header 150 characters, section text 3,000, 50
// blocks, 40,000 in `text`.
namespace earshot {
namespace {

constexpr std::size_t kHeader = 120;  // "(possible repeat) " may come before it
constexpr std::size_t kSection = 2900;
constexpr std::size_t kFallback = 400;
constexpr std::size_t kMostCharacters = 12'000;  // more is msg_blocks_too_long

void section(JsonWriter& out, const std::string& text) {
  out.object();
  out.field("type", "section");
  out.key("text");
  out.object();
  out.field("type", "mrkdwn");
  out.field("text", cut_utf8(text, kSection));
  out.end();
  out.end();
}

std::string link(std::string_view url, std::string_view words) {
  // The bar and the angle bracket end a link in Slack's mark-up.
  std::string safe;
  for (const char c : url) {
    if (c == '|')
      safe += "%7C";
    else if (c == '>')
      safe += "%3E";
    else if (c == '<')
      safe += "%3C";
    else
      safe += c;
  }
  return fmt::format("<{}|{}>", safe, words);
}

std::string case_text(const MessageCase& it, const payload::Sizes& size) {
  std::string text =
      fmt::format("*Case {}* ({}), {} on {}", it.number, it.urgency,
                  escape_slack(payload::one_line(it.customer, 120)), escape_slack(it.source));
  // A quote is marked per line, so a line end may not leave it.
  for (const std::string& line : payload::lines_of(cut_utf8(it.excerpt, size.excerpt)))
    text += "\n> " + escape_slack(line);
  text = std::string{cut_utf8(text, 2000)};
  for (std::size_t i = 0; i < it.reasons.size() && i < size.reasons; ++i)
    text += "\n- " + escape_slack(payload::one_line(it.reasons[i], 100));
  if (!it.owner.empty()) text += "\nOwner: " + escape_slack(it.owner);
  if (it.answer_due) text += "\nFirst answer due " + to_rfc3339(*it.answer_due);
  if (const std::string url = payload::safe_url(it.url); !url.empty() && url.size() < 500)
    text += "\n" + link(url, "Open the post");
  return text;
}

}  // namespace

std::string escape_slack(std::string_view text) {
  std::string out;
  for (const char c : payload::defuse_mentions(text)) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else
      out += c;
  }
  return out;
}

namespace {

/// Plain text knows no mentions; "<!" comes apart all the same.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : payload::defuse_mentions(text)) {
    out += c;
    if (c == '<') out += payload::kBreak;
  }
  return out;
}

void write_blocks(JsonWriter& out, const Message& message, const payload::Sizes& size) {
  out.object();
  out.field("type", "header");
  out.key("text");
  out.object();
  out.field("type", "plain_text");
  out.field("text", plain(payload::one_line(message.headline, kHeader)));
  out.field("emoji", false);
  out.end();
  out.end();
  const std::string& said = message.said_text.empty() ? message.text : message.said_text;
  std::string words;
  for (const std::string& line : payload::lines_of(cut_utf8(said, size.text)))
    words += escape_slack(line) + "\n";
  if (!words.empty()) section(out, words);
  std::size_t shown = 0;
  for (const MessageCase& it : message.cases) {
    if (!message.said_text.empty()) break;
    if (shown == std::max<std::size_t>(size.cases, 1)) {
      section(out, fmt::format("and {} more", message.cases.size() - shown));
      break;
    }
    section(out, case_text(it, size));
    ++shown;
  }
  std::string links;
  for (const std::string& note : payload::notes_of(message)) links += escape_slack(note) + "\n";
  if (!message.ack_url.empty()) links += link(message.ack_url, "Take it") + "   ";
  if (!message.label_url.empty()) links += link(message.label_url, "Not worth waking me") + "   ";
  if (!message.case_url.empty()) links += link(message.case_url, "See the case");
  if (!links.empty()) section(out, links);
}

std::string write_slack(const Message& message, const payload::Sizes& size) {
  JsonWriter out;
  out.object();
  out.field("text", escape_slack(payload::one_line(message.headline, kFallback)));
  out.key("blocks");
  out.array();
  write_blocks(out, message, size);
  out.end_array();
  out.field("unfurl_links", false);
  out.field("unfurl_media", false);
  out.end();
  return out.take();
}

}  // namespace

std::string render_slack(const Message& message) {
  std::string out;
  for (const payload::Sizes& size : payload::sizes()) {
    out = write_slack(message, size);
    if (out.size() <= kMostCharacters) break;
  }
  return out;
}

}  // namespace earshot

#include <fmt/format.h>

#include "earshot/core/json.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/receivers/payload.hpp"

// https://api.slack.com/reference/block-kit/blocks: header 150 characters, section text 3,000, 50
// blocks, 40,000 in `text`.
namespace earshot {
namespace {

constexpr std::size_t kHeader = 150;
constexpr std::size_t kSection = 2900;
constexpr std::size_t kFallback = 3000;
constexpr std::size_t kMostCases = 20;

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

std::string case_text(const MessageCase& it) {
  std::string text = fmt::format("*Case {}* ({}), {} on {}", it.number, it.urgency,
                                 escape_slack(it.customer), escape_slack(it.source));
  std::string words = escape_slack(it.excerpt);
  // A quote is marked per line, so a line end may not leave it.
  for (std::size_t at = 0; (at = words.find('\n', at)) != std::string::npos; at += 6)
    words.replace(at, 1, "\n&gt; ");
  text += "\n> " + std::string{cut_utf8(words, 1800)};
  for (const std::string& reason : it.reasons) text += "\n- " + escape_slack(reason);
  if (it.answer_due) text += "\nFirst answer due " + to_rfc3339(*it.answer_due);
  if (!it.url.empty()) text += "\n" + link(it.url, "Open the post");
  return text;
}

}  // namespace

std::string escape_slack(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
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

std::string render_slack(const Message& message) {
  JsonWriter out;
  out.object();
  out.field("text", cut_utf8(escape_slack(message.headline), kFallback));
  out.key("blocks");
  out.array();
  out.object();
  out.field("type", "header");
  out.key("text");
  out.object();
  out.field("type", "plain_text");
  out.field("text", cut_utf8(printable(message.headline), kHeader));
  out.field("emoji", false);
  out.end();
  out.end();
  if (!message.text.empty()) section(out, escape_slack(message.text));
  std::size_t shown = 0;
  for (const MessageCase& it : message.cases) {
    if (shown++ == kMostCases) {
      section(out, fmt::format("and {} more", message.cases.size() - kMostCases));
      break;
    }
    section(out, case_text(it));
  }
  std::string links;
  if (!message.next.empty()) links += escape_slack(message.next) + "\n";
  if (!message.ack_url.empty()) links += link(message.ack_url, "Take it") + "   ";
  if (!message.case_url.empty()) links += link(message.case_url, "See the case");
  if (!links.empty()) section(out, links);
  out.end_array();
  out.end();
  return out.take();
}

}  // namespace earshot

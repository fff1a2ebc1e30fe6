#include <fmt/format.h>

#include "earshot/core/utf8.hpp"
#include "parts.hpp"

namespace earshot::payload {
namespace {

void add_case(std::string& out, const MessageCase& it, const ChatStyle& style, const Sizes& size) {
  out += style.bold_open + fmt::format("Case {}", it.number) + style.bold_close;
  const std::string customer = one_line(it.customer, 120);
  out += style.escape(fmt::format(" ({}), {} on {}", it.urgency, customer, it.source));
  out += style.line;
  if (size.excerpt > 0) {
    std::string quote;
    for (const std::string& line : lines_of(cut_utf8(it.excerpt, size.excerpt)))
      quote += style.quote_line + style.escape(line) + style.line;
    if (!quote.empty()) out += style.quote_open + quote + style.quote_close;
  }
  for (std::size_t i = 0; i < it.reasons.size() && i < size.reasons; ++i)
    out += style.escape("- " + one_line(it.reasons[i], 200)) + style.line;
  if (size.reasons == 0) return;
  if (!it.owner.empty()) out += style.escape("Owner: " + it.owner) + style.line;
  if (it.answer_due)
    out += style.escape("First answer due " + to_rfc3339(*it.answer_due)) + style.line;
  if (const std::string url = safe_url(it.url); !url.empty())
    out += style.link(url, "Open the post") + style.line;
}

std::string tail_of(const Message& message, const ChatStyle& style) {
  std::string out;
  for (const std::string& note : notes_of(message)) out += style.escape(note) + style.line;
  if (const std::string url = safe_url(message.ack_url); !url.empty())
    out += style.link(url, "Take it") + style.line;
  if (const std::string url = safe_url(message.label_url); !url.empty())
    out += style.link(url, "Not worth waking me") + style.line;
  if (const std::string url = safe_url(message.case_url); !url.empty())
    out += style.link(url, "See the case") + style.line;
  return out;
}

std::string compose(const Message& message, const ChatStyle& style, const Sizes& size) {
  std::string out;
  if (style.headline) {
    out += style.bold_open + style.escape(one_line(message.headline, size.headline)) +
           style.bold_close + style.line;
  }
  const std::string& said = message.said_text.empty() ? message.text : message.said_text;
  for (const std::string& line : lines_of(cut_utf8(said, size.text)))
    out += style.escape(line) + style.line;
  if (message.said_text.empty()) {
    std::size_t shown = 0;
    for (const MessageCase& it : message.cases) {
      if (shown == size.cases) break;
      add_case(out, it, style, size);
      ++shown;
    }
    if (shown > 0 && shown < message.cases.size())
      out += style.escape(fmt::format("and {} more", message.cases.size() - shown)) + style.line;
  }
  out += tail_of(message, style);
  while (!style.line.empty() && out.ends_with(style.line))
    out.resize(out.size() - style.line.size());
  return out;
}

}  // namespace

const std::vector<Sizes>& sizes() {
  static const std::vector<Sizes> all{{300, 3000, 1800, 8, 20}, {300, 1500, 700, 5, 10},
                                      {200, 500, 240, 3, 5},    {150, 240, 100, 1, 3},
                                      {80, 80, 40, 0, 1},       {60, 40, 0, 0, 1},
                                      {30, 0, 0, 0, 0}};
  return all;
}

std::string chat_text(const Message& message, const ChatStyle& style) {
  for (const Sizes& size : sizes()) {
    std::string out = compose(message, style, size);
    if (out.size() <= style.most) return out;
  }
  return std::string{cut_utf8(compose(message, style, sizes().back()), style.most)};
}

}  // namespace earshot::payload

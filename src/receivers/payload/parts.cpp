#include "parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "earshot/core/utf8.hpp"
#include "earshot/text/escape.hpp"

namespace earshot::payload {
namespace {

constexpr std::size_t kLongestUrl = 1000;

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool pings_anywhere(std::string_view after_at) {
  constexpr std::array<std::string_view, 5> kAll{"everyone", "here", "channel", "all", "room"};
  return std::any_of(kAll.begin(), kAll.end(), [&](std::string_view word) {
    return after_at.size() >= word.size() &&
           equals_ignoring_case(after_at.substr(0, word.size()), word);
  });
}

}  // namespace

std::string defuse_mentions(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    out += text[i];
    if (text[i] != '@') continue;
    const bool inside = i > 0 && is_word(text[i - 1]);  // jo@example.org pings nobody
    if (!inside || pings_anywhere(text.substr(i + 1))) out += kBreak;
  }
  return out;
}

std::string escape_html(std::string_view text) {
  return earshot::escape_html(defuse_mentions(text));
}

std::string escape_markdown(std::string_view text) {
  constexpr std::string_view kMarks = "\\`*_{}[]()<>#+-.!|~:@";
  std::string out;
  for (const char c : defuse_mentions(text)) {
    if (kMarks.find(c) != std::string_view::npos && c != '@' && c != '.') out += '\\';
    out += c;
  }
  return out;
}

std::string safe_url(std::string_view url) {
  if (!url.starts_with("https://") && !url.starts_with("http://")) return {};
  constexpr std::string_view kPlain = "-._~:/?#@!$&*+,;=%";
  std::string out;
  for (const char c : url) {
    if ((is_word(c) || kPlain.find(c) != std::string_view::npos) &&
        static_cast<unsigned char>(c) < 0x80)
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
  return out.size() > kLongestUrl ? std::string{} : out;
}

std::vector<std::string> notes_of(const Message& message) {
  std::vector<std::string> out;
  for (const std::string& words : message.cue_words) out.push_back("! " + one_line(words, 200));
  for (const MessageRunbook& book : message.runbooks)
    out.push_back(one_line(fmt::format("Runbook ({}): {} {}", book.cue, book.text, book.url), 500));
  if (!message.next.empty()) out.push_back(one_line(message.next, 300));
  if (!message.ack_code.empty()) out.push_back("Code: " + message.ack_code);
  return out;
}

std::string attribute_url(std::string_view url) {
  std::string out;
  for (const char c : url) {
    if (c == '&')
      out += "&amp;";
    else
      out += c;
  }
  return out;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> out;
  const std::string clean = clean_utf8(text);
  for (std::string_view rest = clean; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string line = collapse_space(printable(rest.substr(0, end)));
    if (!line.empty()) out.push_back(line);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out;
}

bool rings(const Message& message) {
  if (message.kind != MessageKind::test) return message.kind == MessageKind::page;
  const auto urgency = message.labels.find("urgency");
  return urgency != message.labels.end() && urgency->second == "page";
}

std::string one_line(std::string_view text, std::size_t most) {
  return printable(collapse_space(cut_utf8(text, most)));
}

std::string with_member(std::string json, std::string_view name, std::string_view value) {
  EARSHOT_CHECK(json.starts_with('{'));
  const bool alone = json.starts_with("{}");
  json.insert(1, fmt::format("\"{}\":{}{}", name, value, alone ? "" : ","));
  return json;
}

std::string json_text(std::string_view text) {
  JsonWriter out;
  out.value(text);
  return out.take();
}

std::string error_word(std::string_view word) {
  const bool plain = !word.empty() && word.size() <= 60 && std::ranges::all_of(word, [](char c) {
    return (c >= 'a' && c <= 'z') || c == '_' || c == '.';
  });
  return plain ? std::string{word} : std::string{};
}

std::string id_word(std::string_view id) {
  const bool plain = !id.empty() && id.size() <= 255 && std::ranges::all_of(id, [](char c) {
    return is_word(c) || std::string_view{".-:$=/+!@"}.find(c) != std::string_view::npos;
  });
  return plain ? std::string{id} : std::string{};
}

std::optional<JsonDocument> body_of(const ServiceAnswer& answer) {
  auto document = parse_json(answer.body, {std::size_t{256} << 10U, 32, 20'000});
  if (!document || !document->IsObject()) return std::nullopt;
  return std::move(*document);
}

std::optional<Duration> seconds_to_wait(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0) return std::nullopt;
  return Duration{static_cast<std::int64_t>(std::ceil(std::min(seconds, 86'400.0) * 1000))};
}

}  // namespace earshot::payload

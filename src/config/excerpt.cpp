#include "excerpt.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

#include "earshot/core/masked.hpp"
#include "earshot/core/nearest.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot::config {
namespace {

constexpr std::array<std::string_view, 14> kSecretKeys{
    "password",      "passwd", "token", "secret", "api_key",   "apikey",  "dsn",
    "authorization", "cookie", "url",   "key",    "x-api-key", "api-key", "routing_key"};
constexpr std::array<std::string_view, 7> kSecretUrls{
    "hooks.slack.com/services/", "webhook.office.com/", "/api/webhooks/", "logic.azure.com/",
    "logic.azure.com:443/",      "powerplatform.com/",  "/hooks/"};
constexpr std::size_t kWidest = 160;

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

void star(std::string& line, std::size_t begin, std::size_t end) {
  std::string out = line.substr(0, begin);
  for (std::size_t i = begin; i < end && i < line.size(); i += decode_utf8(line, i).length)
    out += '*';
  // Bytes of longer characters went away: only what is behind `end` keeps its place in characters.
  line = out + (end < line.size() ? line.substr(end) : "");
}

/// Where the value that begins at `at` ends.
std::size_t value_end(const std::string& line, std::size_t at) {
  if (at < line.size() && (line[at] == '"' || line[at] == '\'')) {
    const std::size_t close = line.find(line[at], at + 1);
    return close == std::string::npos ? line.size() : close + 1;
  }
  return std::min(line.find_first_of(",}", at), line.size());
}

/// A key whose value is a secret, or looks like one that was misspelt: "pasword", "token_fiel".
bool is_secret_key(std::string_view key) {
  static const std::vector<std::string> kNames{
      "password",   "passwd",   "token",       "secret",   "api_key",  "password_file",
      "token_file", "key_file", "secret_file", "url_file", "dsn_file", "topic_file"};
  if (std::ranges::find(kSecretKeys, key) != kSecretKeys.end()) return key != "url";
  if (key.ends_with("_file") || key.size() < 4) return false;
  return !nearest(key, kNames).empty() && (key.find("_f") != std::string_view::npos ||
                                           !nearest(key, std::span{kNames}.first(5)).empty());
}

/// Every key of the line, wherever it stands.
void mask_misspelt(std::string& line) {
  for (std::size_t at = 0; (at = line.find(':', at)) != std::string::npos; ++at) {
    std::size_t end = at;
    while (end > 0 && (line[end - 1] == '"' || line[end - 1] == '\'' || line[end - 1] == ' '))
      --end;
    std::size_t begin = end;
    while (begin > 0 && is_word(line[begin - 1])) --begin;
    const std::string key = to_lower_ascii(std::string_view{line}.substr(begin, end - begin));
    std::size_t value = at + 1;
    while (value < line.size() && (line[value] == ' ' || line[value] == '\t')) ++value;
    const bool list = key.ends_with("_file") && value < line.size() && line[value] == '[';
    if (list) star(line, value + 1, std::min(line.find(']', value), line.size()));
    if (!list && is_secret_key(key)) star(line, value, value_end(line, value));
  }
}

void mask_keys(std::string& line) {
  for (const std::string_view key : kSecretKeys) {
    if (key == "url") continue;  // its secrets are found by their look
    for (std::size_t at = 0; (at = to_lower_ascii(line).find(key, at)) != std::string::npos;
         at += key.size()) {
      if (at > 0 && is_word(line[at - 1])) continue;
      std::size_t next = at + key.size();
      while (next < line.size() && (line[next] == '"' || line[next] == '\'' || line[next] == ' '))
        ++next;
      if (next >= line.size() || line[next] != ':') continue;
      ++next;
      while (next < line.size() && (line[next] == ' ' || line[next] == '\t')) ++next;
      star(line, next, value_end(line, next));
    }
  }
}

void mask_urls(std::string& line) {
  for (std::size_t at = 0; (at = line.find("://", at)) != std::string::npos; at += 3) {
    const std::size_t end = std::min(line.find_first_of("/?# \"',}", at + 3), line.size());
    const std::size_t sign = line.rfind('@', end);
    if (sign != std::string::npos && sign > at + 3 && sign < end) star(line, at + 3, sign);
  }
  for (const std::string_view mark : kSecretUrls) {
    const std::size_t at = line.find(mark);
    if (at != std::string::npos)
      star(line, at + mark.size(), std::min(line.find_first_of(" \"',}", at), line.size()));
  }
}

std::size_t characters(std::string_view text) {
  std::size_t n = 0;
  for (std::size_t i = 0; i < text.size(); i += decode_utf8(text, i).length) ++n;
  return n;
}

std::size_t byte_of(std::string_view text, std::size_t character) {
  std::size_t at = 0;
  for (; character > 0 && at < text.size(); --character) at += decode_utf8(text, at).length;
  return std::min(at, text.size());
}

}  // namespace

std::string mask_secrets(std::string_view line) {
  std::string out{line};
  mask_keys(out);
  mask_misspelt(out);
  mask_urls(out);
  return mask_random(std::move(out));
}

Excerpt excerpt_of(std::string_view line, std::size_t column) {
  std::size_t first = 0;
  std::string_view near = line;
  if (line.size() > 4096) {  // one endless line: look at the neighbourhood only
    const std::size_t at = byte_of(line, column);
    first = at > 512 ? column - std::min<std::size_t>(column, 128) : 0;
    near = cut_utf8(line.substr(byte_of(line, first)), 2048);
    column -= first;
  }
  std::string text = mask_secrets(near);
  std::replace(text.begin(), text.end(), '\t', ' ');
  bool cut = first > 0;
  if (column > kWidest - 40) {
    const std::size_t drop = column - (kWidest / 2);
    text.erase(0, byte_of(text, drop));
    column -= drop;
    cut = true;
  }
  const std::size_t end = byte_of(text, kWidest);
  const bool cut_end = end < text.size();
  text.resize(end);
  const std::string before = printable(std::string_view{text}.substr(0, byte_of(text, column)));
  Excerpt out{(cut ? "…" : "") + printable(text) + (cut_end ? "…" : ""),
              characters(before) + (cut ? 1U : 0U)};
  return out;
}

}  // namespace earshot::config

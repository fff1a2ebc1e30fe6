#include "mail_headers.hpp"

#include <algorithm>

#include "earshot/core/utf8.hpp"
#include "mail_charset.hpp"

namespace earshot {
namespace {

constexpr std::size_t kMostHeader = std::size_t{1} << 20U;
constexpr std::size_t kMostValue = std::size_t{64} << 10U;
constexpr std::size_t kMostFields = 1000;

bool is_field_name(std::string_view name) {
  return !name.empty() && name.size() < 200 && std::all_of(name.begin(), name.end(), [](char c) {
    return c > 32 && c < 127 && c != ':';
  });
}

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::string from_q(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '_') {
      out += ' ';
    } else if (text[i] == '=' && i + 2 < text.size() && hex(text[i + 1]) >= 0 &&
               hex(text[i + 2]) >= 0) {
      out += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string from_b(std::string_view text) {
  std::string out;
  unsigned value = 0;
  int bits = 0;
  for (const char c : text) {
    unsigned digit = 0;
    if (c >= 'A' && c <= 'Z')
      digit = static_cast<unsigned>(c - 'A');
    else if (c >= 'a' && c <= 'z')
      digit = static_cast<unsigned>(c - 'a') + 26;
    else if (c >= '0' && c <= '9')
      digit = static_cast<unsigned>(c - '0') + 52;
    else if (c == '+' || c == '-')
      digit = 62;
    else if (c == '/' || c == '_')
      digit = 63;
    else
      continue;
    value = (value << 6U | digit) & 0xFFFFFFU;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out += static_cast<char>(value >> static_cast<unsigned>(bits) & 0xFFU);
    }
  }
  return out;
}

struct EncodedWord {
  std::string charset;
  std::string bytes;
  std::size_t length = 0;  ///< 0: none starts here
};

EncodedWord encoded_word(std::string_view text) {
  EncodedWord word;
  if (!text.starts_with("=?")) return word;
  const std::size_t charset_end = text.substr(0, 100).find('?', 2);
  if (charset_end == std::string_view::npos || charset_end + 2 >= text.size() ||
      text[charset_end + 2] != '?')
    return word;
  const char kind = text[charset_end + 1];
  const std::size_t start = charset_end + 3;
  constexpr std::size_t kLongestWord = 2000;  // RFC 2047 says 75; some programs never fold
  const std::size_t end = text.substr(0, kLongestWord).find("?=", start);
  if (end == std::string_view::npos) return word;
  const std::string_view content = text.substr(start, end - start);
  const std::string_view label = text.substr(2, charset_end - 2);
  word.charset =
      to_lower_ascii(label.substr(0, label.find('*')));  // RFC 2231 5: a language may follow
  if (kind == 'B' || kind == 'b')
    word.bytes = from_b(content);
  else if (kind == 'Q' || kind == 'q')
    word.bytes = from_q(content);
  else
    return word;
  word.length = end + 2;
  return word;
}

}  // namespace

MailHeaders::MailHeaders(std::string_view message) {
  std::string_view rest = message.substr(0, kMostHeader);
  bool first_line = true;
  while (!rest.empty() && fields_.size() < kMostFields) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) break;
    const bool mbox = first_line && line.starts_with("From ");
    first_line = false;
    if (mbox) continue;
    if (line[0] == ' ' || line[0] == '\t') {
      if (!fields_.empty() && fields_.back().second.size() < kMostValue)
        fields_.back().second.append(" ").append(trim(line.substr(0, kMostValue)));
      continue;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view name = trim(line.substr(0, colon));
    if (is_field_name(name))
      fields_.emplace_back(to_lower_ascii(name),
                           std::string{trim(line.substr(colon + 1, kMostValue))});
  }
}

std::string_view MailHeaders::first(std::string_view name) const {
  for (const auto& [key, value] : fields_) {
    if (!value.empty() && equals_ignoring_case(key, name)) return value;
  }
  return {};
}

bool MailHeaders::has(std::string_view name) const {
  return count(name) > 0;
}

std::size_t MailHeaders::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::count_if(fields_.begin(), fields_.end(),
                    [&](const auto& field) { return equals_ignoring_case(field.first, name); }));
}

std::string MailHeaders::all(std::string_view name) const {
  std::string joined;
  for (const auto& [key, value] : fields_) {
    if (!equals_ignoring_case(key, name) || value.empty()) continue;
    joined += (joined.empty() ? "" : ", ") + value;
  }
  return joined;
}

std::string decode_words(std::string_view raw, std::string_view charset) {
  raw = raw.substr(0, kMostValue);
  std::string out;
  std::string bytes;  // of neighbouring words in one charset: a character may be split between them
  std::string bytes_charset;
  const auto flush = [&] {
    if (!bytes.empty()) out += mail_to_utf8(bytes, bytes_charset);
    bytes.clear();
  };
  std::size_t at = 0;
  while (at < raw.size()) {
    EncodedWord word = encoded_word(raw.substr(at));
    if (word.length > 0) {
      if (word.charset != bytes_charset) flush();
      // ISO-2022 words each begin and end in ASCII; joined they read on correctly too.
      bytes_charset = word.charset;
      bytes += word.bytes;
      at += word.length;
      std::size_t blank = at;
      while (blank < raw.size() && (raw[blank] == ' ' || raw[blank] == '\t')) ++blank;
      if (encoded_word(raw.substr(blank)).length > 0)
        at = blank;  // blanks between encoded words are not text
      continue;
    }
    flush();
    std::size_t end = raw.find("=?", at + 1);
    end = std::min(end, raw.size());
    out += mail_to_utf8(raw.substr(at, end - at), charset);
    at = end;
  }
  flush();
  return collapse_space(out);
}

std::vector<Mailbox> parse_addresses(std::string_view raw, std::string_view charset) {
  constexpr std::size_t kMost = 500;
  std::vector<Mailbox> found;
  std::string phrase;
  std::string angle;
  bool in_angle = false;
  bool had_angle = false;
  const auto finish = [&] {
    Mailbox box;
    if (had_angle) {
      box.address = collapse_space(mail_to_utf8(angle, charset));
      if (const std::size_t route = box.address.rfind(':');
          box.address.starts_with('@') && route != std::string::npos)
        box.address.erase(0, route + 1);
      box.name = decode_words(phrase, charset);
    } else {
      box.address = collapse_space(mail_to_utf8(phrase, charset));
      if (const std::size_t comma = box.address.rfind(", ");
          comma != std::string::npos && box.address[0] != '"')
        box.address.erase(0, comma + 2);
    }
    if (!box.address.empty()) found.push_back(std::move(box));
    phrase.clear();
    angle.clear();
    had_angle = false;
  };
  for (std::size_t i = 0; i < raw.size() && found.size() < kMost; ++i) {
    const char c = raw[i];
    if (c == '"') {
      std::string& to = in_angle ? angle : phrase;
      const std::size_t begin = to.size();
      if (in_angle) to += '"';
      for (++i; i < raw.size() && raw[i] != '"'; ++i) {
        if (raw[i] == '\\' && i + 1 < raw.size()) ++i;
        to += raw[i];
      }
      const bool local = !in_angle && i + 1 < raw.size() && raw[i + 1] == '@';
      if (local) to.insert(begin, "\"");
      if (in_angle || local) to += '"';
    } else if (c == '(' && !in_angle) {
      int depth = 0;
      for (; i < raw.size(); ++i) {
        if (raw[i] == '\\') {
          ++i;
        } else if (raw[i] == '(') {
          ++depth;
        } else if (raw[i] == ')' && --depth == 0) {
          break;
        }
      }
    } else if (c == '<' && !in_angle) {
      in_angle = had_angle = true;
      angle.clear();
    } else if (c == '>' && in_angle) {
      in_angle = false;
    } else if (in_angle) {
      angle += c;
    } else if (c == ';' || (c == ',' && (had_angle || phrase.find('@') != std::string::npos ||
                                         trim(phrase).empty()))) {
      // else "Ewing, J. R. <jr@x.example>": the comma of a name that lost its quotes
      finish();
    } else if (c == ':') {
      phrase.clear();  // the name of a group
    } else {
      phrase += c;
    }
  }
  if (found.size() < kMost) finish();
  return found;
}

std::vector<std::string> parse_message_ids(std::string_view raw) {
  constexpr std::size_t kMost = 200;
  std::vector<std::string> ids;
  const auto add = [&](std::string_view id) {
    std::string clean = clean_utf8(collapse_space(mail_to_utf8(id, "")));
    if (!clean.empty() && clean.size() <= 998 && ids.size() < kMost)
      ids.push_back(std::move(clean));
  };
  std::string_view rest = raw;
  while (true) {
    const std::size_t open = rest.find('<');
    const std::size_t close = open == std::string_view::npos ? open : rest.find('>', open);
    if (close == std::string_view::npos) break;
    const std::string_view id = rest.substr(open + 1, close - open - 1);
    add(trim(id.substr(id.rfind('<') == std::string_view::npos ? 0 : id.rfind('<') + 1)));
    rest.remove_prefix(close + 1);
  }
  if (!ids.empty() || raw.find('<') != std::string_view::npos) return ids;
  rest = trim(raw);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find_first_of(" \t,"), rest.size());
    if (rest.substr(0, end).find('@') != std::string_view::npos) add(rest.substr(0, end));
    rest = trim(rest.substr(end == rest.size() ? end : end + 1));
  }
  return ids;
}

}  // namespace earshot

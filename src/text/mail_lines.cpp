#include "mail_lines.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

#include "earshot/core/utf8.hpp"
#include "mail_line_words.hpp"

namespace earshot::detail {
namespace {

constexpr std::size_t kLongestAttribution = 400;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Lower case for ASCII and the Latin-1, Greek and Cyrillic capitals that the words below begin
/// with; U+00A0 and U+202F to blanks.
std::string lower(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = decode_utf8(text, at);
    at += c.length;
    char32_t v = c.value;
    if (v < 0x80) {
      v = v >= 'A' && v <= 'Z' ? v + 32 : v;
    } else if ((v >= 0xC0 && v <= 0xDE && v != 0xD7) || (v >= 0x410 && v <= 0x42F)) {
      v += 32;
    } else if (v >= 0x400 && v <= 0x40F) {
      v += 80;
    } else if (v == 0x130) {
      v = 'i';
    } else if (v == 0x15A || v == 0x15E || v == 0x160 || v == 0x10C || v == 0x17D) {
      v += 1;
    } else if (v == 0xA0 || v == 0x202F || v == 0x3000) {
      v = ' ';
    } else if (v == 0x200E || v == 0x200F || v == 0xFEFF || (v >= 0x202A && v <= 0x202E) ||
               (v >= 0x2066 && v <= 0x2069)) {
      continue;
    }
    append_utf8(out, v);
  }
  return collapse_space(out);
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool has_address(std::string_view text) {
  const std::size_t at = text.find('@');
  return at != std::string_view::npos && at > 0 && at + 3 < text.size() && text[at - 1] != ' ' &&
         text[at + 1] != ' ' && text.find('.', at) != std::string_view::npos;
}

/// A time of day (12:30), a year (19xx, 20xx) or a numeric date (3.5., 11/23).
bool has_date(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_digit(text[i]) || (i > 0 && is_digit(text[i - 1]))) continue;
    std::size_t end = i;
    while (end < text.size() && is_digit(text[end])) ++end;
    const std::string_view number = text.substr(i, end - i);
    if (number.size() == 4 && (number.starts_with("19") || number.starts_with("20"))) return true;
    if (number.size() <= 2 && end + 1 < text.size() && is_digit(text[end + 1]) &&
        (text[end] == ':' || text[end] == '/' || text[end] == '.' || text[end] == 'h')) {
      return true;
    }
  }
  return false;
}

bool ends_as(std::string_view body, const Pattern& pattern) {
  const std::size_t verb = body.rfind(pattern.verb);
  if (verb == std::string_view::npos) return false;
  const std::string_view after = body.substr(verb + pattern.verb.size());
  if (pattern.last) return trim(after).empty();
  // "schrieb Kettle Care <care@…>:", "schreef Kees het volgende:"
  return after.empty() || (after[0] == ' ' && after.size() <= 160) ||
         (after.starts_with("(a)") && after.size() <= 160);
}

/// The field a line begins with, 0 for none; "*From:*" and "**From:**" as well, a fullwidth colon
/// too.
unsigned field_of(std::string_view line, bool* has_value) {
  line = trim(line);
  while (line.starts_with('*') || line.starts_with('|')) line = trim(line.substr(1));
  const std::size_t narrow = line.substr(0, 48).find(':');
  const std::size_t wide = line.substr(0, 48).find("：");
  const std::size_t colon = std::min(narrow, wide);
  if (colon == std::string_view::npos || colon == 0) return 0;
  std::string name = lower(line.substr(0, colon));
  while (name.ends_with('*') || name.ends_with(' ')) name.pop_back();
  std::string_view value = line.substr(colon + (colon == narrow ? 1 : 3));
  while (value.starts_with('*')) value.remove_prefix(1);
  *has_value = !trim(value).empty();
  for (const FieldName& known : kFields) {
    if (known.name == name) return known.field;
  }
  return 0;
}

bool is_rule_char(char c) {
  return c == '-' || c == '_' || c == '=' || c == '*' || c == '~' || c == ' ' || c == '>' ||
         c == '<';
}

/// "##- Please type your reply above this line -##": marked on both sides, or it would be prose.
bool asks_to_answer_above(std::string_view line) {
  const std::string text = lower(line);
  const auto is_mark = [](char c) { return is_rule_char(c) || c == '#' || c == '+'; };
  if (text.size() < 4 || !is_mark(text.front()) || !is_mark(text.back())) return false;
  return std::any_of(std::begin(kAnswerAbove), std::end(kAnswerAbove),
                     [&](std::string_view words) { return contains(text, words); });
}

}  // namespace

Attribution attribution(std::string_view joined) {
  Attribution found;
  if (joined.size() > kLongestAttribution || joined.size() < 10) return found;
  const std::string text = lower(joined);
  std::string_view body = text;
  if (body.ends_with(':')) {
    body.remove_suffix(1);
  } else if (body.ends_with("：")) {
    body.remove_suffix(3);
  } else {
    return found;
  }
  body = trim(body);
  found.dated = has_date(body);
  found.address = has_address(body);
  for (const Pattern& pattern : kPatterns) {
    if (!body.starts_with(pattern.start) || !ends_as(body, pattern)) continue;
    // Without its first word the pattern is prose ("my neighbour wrote:") unless a date or an
    // address stands in it.
    if (pattern.start.empty() && !found.dated && !found.address) {
      found.bare = pattern.last && std::count(body.begin(), body.end(), ' ') <= 3;
      continue;
    }
    found.shape = true;
    found.anchored = !pattern.start.empty();
    return found;
  }
  // "2026年11月23日(月) 10:30 Kettle Care <care@kettle.example>:" and old Gmail's "2026/11/23
  // Kettle Care <…>:"
  found.shape = body.ends_with('>') && found.address && found.dated && contains(body, "<");
  // mutt: "* Kettle Care <care@kettle.example> [2026-11-23 10:30]:"
  found.shape = found.shape || (body.starts_with("* ") && body.ends_with(']') && found.address);
  // Horde: "Quoting Kettle Care <care@kettle.example>:"
  found.shape = found.shape ||
                ((body.starts_with("quoting ") || body.starts_with("zitat von ")) && found.address);
  // Tutanota: "Nov 23, 2026, 10:30 by care@kettle.example:"
  const std::string_view last = body.substr(body.rfind(' ') + 1);
  const std::string_view before = body.substr(0, body.size() - last.size());
  found.shape =
      found.shape ||
      (found.dated && has_address(last) && is_digit(body[0]) &&
       (before.ends_with(" von ") || before.ends_with(" by "))) ||
      (found.dated && has_address(last) && before.ends_with(" by ") && contains(before, ":"));
  return found;
}

bool is_original_rule(std::string_view line) {
  if (line.size() > 200 || line.size() < 12) return false;
  if (asks_to_answer_above(line)) return true;
  std::string_view body = trim(line);
  std::size_t front = 0;
  while (front < body.size() && is_rule_char(body[front])) ++front;
  if (std::count_if(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(front),
                    [](char c) { return c != ' '; }) < 2)
    return false;
  std::size_t back = body.size();
  while (back > front && (is_rule_char(body[back - 1]) || body[back - 1] == ':')) --back;
  const std::string middle = lower(body.substr(front, back - front));
  // Zoho: "---- On Mon, 23 Nov 2026 09:00:00 +0100 Care <care@kettle.example> wrote ----"
  if (const Attribution zoho = attribution(middle + ":"); zoho.shape && zoho.dated) return true;
  return std::find(std::begin(kOriginal), std::end(kOriginal), middle) != std::end(kOriginal);
}

bool is_forward_intro(std::string_view line) {
  if (line.size() > 120 || line.size() < 12) return false;
  std::string text = lower(line);
  while (text.ends_with(':') || text.ends_with(' ')) text.pop_back();
  if (text.ends_with("：")) text.resize(text.size() - 3);
  return std::find(std::begin(kForwardIntros), std::end(kForwardIntros), text) !=
         std::end(kForwardIntros);
}

bool is_plain_rule(std::string_view line) {
  const std::string_view body = trim(line);
  return body.size() >= 5 && (body.find_first_not_of('_') == std::string_view::npos ||
                              body.find_first_not_of('-') == std::string_view::npos);
}

bool is_device_signature(std::string_view line) {
  if (line.size() > 160 || line.size() < 8) return false;
  std::string text = lower(line);
  while (text.starts_with('-') || text.starts_with(' ') || text.starts_with('*') ||
         text.starts_with('_') || text.starts_with('['))
    text.erase(0, 1);
  if (text.empty() || std::count(text.begin(), text.end(), ' ') > 12) return false;
  for (const std::string_view start : kDeviceStarts) {
    if (!text.starts_with(start)) continue;
    if (start.starts_with("von mein")) return contains(text, "gesendet");
    if (start == "sent via ")
      return contains(text, "app") || contains(text, "mobile") || contains(text, "phone");
    if (start == "sent from my ") {
      for (const char* device :
           {"phone", "pad",        "mobile", "android", "galaxy",   "samsung", "huawei", "xiaomi",
            "pixel", "blackberry", "tablet", "device",  "handy",    "mac",     "htc",    "nokia",
            "sony",  "oneplus",    "watch",  "windows", "computer", "laptop",  "app"}) {
        if (contains(text, device)) return true;
      }
      return false;
    }
    return true;
  }
  const auto has_device = [&] {
    return std::any_of(std::begin(kDevices), std::end(kDevices),
                       [&](std::string_view device) { return contains(text, device); });
  };
  for (const std::string_view start : kSentFrom) {
    if (!text.starts_with(start)) continue;
    if (start == "von " && !text.ends_with("gesendet") && !text.ends_with("gesendet.")) continue;
    if (has_device()) return true;
  }
  if (text.starts_with("diese ") && contains(text, " wurde ") && contains(text, "gesendet"))
    return has_device();
  if (contains(text, "outlook を入手")) return true;
  return std::any_of(std::begin(kDeviceEnds), std::end(kDeviceEnds),
                     [&](std::string_view end) { return text.ends_with(end) && has_device(); });
}

std::size_t header_block(std::span<const std::string_view> lines, bool announced) {
  constexpr std::size_t kMostLines = 24;
  unsigned seen = 0;
  std::size_t end = 0;
  std::size_t loose = 0;  // lines since the last field: folded values, or a blank between fields
  bool address = false;
  bool from_first = false;
  for (std::size_t i = 0; i < std::min(lines.size(), kMostLines); ++i) {
    bool has_value = false;
    const unsigned field = lines[i].size() > 2000 ? 0 : field_of(lines[i], &has_value);
    // Web mail in German begins with the date; without a rule above all four are wanted then.
    if (i == 0 && (field & (announced ? kFrom | kDate | kSubject | kTo : kFrom | kDate)) == 0)
      return 0;
    if (i == 0) from_first = field == kFrom;
    if (i == 0 && !has_value && !announced) return 0;
    if (field == 0 || (seen & field & ~static_cast<unsigned>(kMore | kCopy)) != 0) {
      if (field != 0 || ++loose > 2) break;
      continue;
    }
    loose = 0;
    seen |= field;
    if (field == kFrom) address = has_address(lines[i]);
    end = i + 1;
  }
  const bool complete =
      (seen & kFrom) != 0 && (seen & (kDate | kTo)) != 0 && (seen & kSubject) != 0;
  if (!announced && !from_first)
    return complete && address && (seen & kDate) != 0 && (seen & kTo) != 0 ? end : 0;
  const bool enough = (seen & kFrom) != 0 && (seen & (kDate | kTo)) != 0 &&
                      (announced || (address && (seen & kDate) != 0));
  return complete || enough || (announced && (seen & kDate) != 0 && (seen & kSubject) != 0) ? end
                                                                                            : 0;
}

std::string take_trailing_attribution(std::string& text) {
  const std::string_view all = trim(text);
  if (all.empty()) return {};
  const std::string_view body{text.data(),
                              static_cast<std::size_t>(all.data() + all.size() - text.data())};
  if (!body.ends_with(':') && !body.ends_with("：")) return {};
  std::size_t from = body.size();
  for (int lines = 0; lines < 4 && from > 0 && body.size() - from <= kLongestAttribution; ++lines) {
    const std::size_t previous = body.rfind('\n', from - 1);
    from = previous == std::string_view::npos ? 0 : previous + 1;
    const std::string_view joined = body.substr(from);
    if (contains(joined, "\n\n")) return {};
    const Attribution found = attribution(joined);
    if (found.shape && (found.dated || found.address)) {
      std::string taken{joined};
      text.resize(from);
      while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
      return taken;
    }
    if (from == 0) return {};
    from = previous;
  }
  return {};
}

}  // namespace earshot::detail

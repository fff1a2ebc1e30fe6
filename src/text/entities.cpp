#include "earshot/text/entities.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>

#include "earshot/core/unique.hpp"
#include "earshot/core/utf8.hpp"
#include "entity_chars.hpp"
#include "link_match.hpp"

namespace earshot {

namespace {
constexpr std::size_t kHandle = 20;  ///< characters of a platform's own handle
constexpr std::size_t kListName = 25;
constexpr std::size_t kLongestHandle =
    253;  ///< of a handle that is a host name, and of either half of user@host

/// The code point that ends at `i`; 0 at the start of the text.
char32_t previous(std::string_view text, std::size_t i) {
  if (i == 0) return 0;
  std::size_t start = i - 1;
  while (start > 0 && i - start < 4 && (static_cast<unsigned char>(text[start]) & 0xC0U) == 0x80)
    --start;
  const CodePoint c = decode_utf8(text, start);
  return c.ok && start + c.length == i ? c.value : kReplacement;
}

char32_t peek(std::string_view text, std::size_t i) {
  return i < text.size() ? decode_utf8(text, i).value : 0;
}
unsigned char byte(std::string_view text, std::size_t i) {
  return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
}
bool starts_at(std::string_view text, std::size_t i, std::string_view what) {
  return text.substr(std::min(i, text.size())).starts_with(what);
}

// --- hashtags

bool is_tag_special(char32_t c) {
  switch (c) {
    case '_':
    case 0x200C:
    case 0x200D:
    case 0xA67E:
    case 0x05BE:
    case 0x05F3:
    case 0x05F4:
    case 0xFF5E:
    case 0x301C:
    case 0x309B:
    case 0x309C:
    case 0x30A0:
    case 0x30FB:
    case 0x3003:
    case 0x0F0B:
    case 0x0F0C:
    case 0xB7:
      return true;
    default:
      return false;
  }
}

bool is_tag_letter(char32_t c) {
  if (c < 0x80) return is_ascii_letter(c);
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
      return true;
    default:
      return false;
  }
}

bool is_tag_char(char32_t c) {
  if (c < 0x80) return is_handle_char(c);
  return is_tag_letter(c) || is_tag_special(c) ||
         utf8proc_category(static_cast<utf8proc_int32_t>(c)) == UTF8PROC_CATEGORY_ND;
}

/// `sign` is the place of the '#', `i` the place behind it. Returns where reading goes on.
std::size_t read_hashtag(std::string_view text, std::size_t sign, std::size_t i, Unique& out) {
  const char32_t before = previous(text, sign);
  const bool variation =
      before == 0xFE0E || before == 0xFE0F;  // an emoji may stand directly in front
  if (sign > 0 && !variation && (before == '&' || is_tag_char(before))) return i;
  const char32_t first = peek(text, i);
  if (first == 0xFE0F || first == 0x20E3) return i;  // a keycap emoji
  const std::size_t begin = i;
  bool letter = false;
  while (i < text.size()) {
    const CodePoint c = decode_utf8(text, i);
    if (!c.ok || !is_tag_char(c.value)) break;
    letter = letter || is_tag_letter(c.value);
    i += c.length;
  }
  if (!letter) return i;
  const char32_t after = peek(text, i);
  if (after == '#' || after == kWideHash || starts_at(text, i, "://")) return i;
  out.add(text.substr(begin, i - begin));
  return i;
}

// --- mentions

bool may_precede_mention(std::string_view text, std::size_t sign) {
  if (sign == 0) return true;
  const char32_t c = previous(text, sign);
  if (!is_handle_char(c) && c != '!' && c != '#' && c != '$' && c != '%' && c != '&' && c != '*' &&
      c != '@' && c != kWideAt)
    return true;
  // "RT@user"
  if (sign < 2 || (text[sign - 1] | 0x20) != 't' || (text[sign - 2] | 0x20) != 'r') return false;
  const char32_t before = previous(text, sign - 2);
  return sign == 2 || (!is_handle_char(before) && before != '+' && before != '~' && before != '.' &&
                       before != '-');
}

bool bars_mention(std::string_view text, std::size_t i) {
  const char32_t c = peek(text, i);
  return c == '@' || c == kWideAt || is_latin_accent(c) || starts_at(text, i, "://");
}

/// End of a host name at `i`: labels of letters, digits and inner hyphens, with a dot and a last
/// label of letters. `i` where none. With `public_only` the name ends at the last label that is a
/// public top-level domain (or "test" and "example", RFC 2606: Bluesky's own networks use them).
std::size_t match_host_name(std::string_view text, std::size_t i, bool public_only) {
  std::size_t good = i;
  int labels = 0;
  for (std::size_t at = i; at < text.size() && at - i <= kLongestHandle;) {
    const std::size_t label = at;
    while (at - label <= 63 && (is_ascii_alnum(byte(text, at)) || byte(text, at) == '-')) ++at;
    while (at > label && text[at - 1] == '-') --at;  // "@user@host.tld-"
    if (at == label || text[label] == '-' || at - label > 63) break;
    const std::string_view word = text.substr(label, at - label);
    const bool letters = word.size() >= 2 && std::all_of(word.begin(), word.end(), [](char c) {
                           return is_ascii_letter(static_cast<unsigned char>(c));
                         });
    const bool coded = word.size() > 4 && word.starts_with("xn--");
    const bool glued = word[0] >= 'A' && word[0] <= 'Z' && word.size() > 1 && word[1] >= 'a' &&
                       word[1] <= 'z';  // "@acme.It broke"
    const bool last =
        public_only
            ? coded ||
                  ((is_top_level_domain(word) || word == "test" || word == "example") && !glued)
            : coded || letters;
    if (++labels > 1 && last && !is_handle_char(byte(text, at)) && byte(text, at) != '-') good = at;
    if (byte(text, at) != '.') break;
    ++at;
  }
  return good;
}

/// End of the user part of "@user@host", or `i`: words joined by dots and hyphens (Mastodon's
/// rule).
std::size_t match_user(std::string_view text, std::size_t i) {
  std::size_t end = i;
  while (end - i < kLongestHandle &&
         (is_handle_char(byte(text, end)) || byte(text, end) == '.' || byte(text, end) == '-'))
    ++end;
  if (end == i || !is_handle_char(byte(text, i)) || !is_handle_char(byte(text, end - 1))) return i;
  return end;
}

std::size_t read_mention(std::string_view text, std::size_t sign, std::size_t i, Unique& out) {
  if (!is_handle_char(byte(text, i)) || !may_precede_mention(text, sign)) return i;
  // user@host of the Fediverse
  if (const std::size_t user = match_user(text, i); byte(text, user) == '@') {
    const std::size_t host = match_host_name(text, user + 1, false);
    if (host > user + 1 && !bars_mention(text, host)) {
      out.add(text.substr(i, host - i));
      return host;
    }
  }
  // a host name is a handle on Bluesky
  if (const std::size_t host = match_host_name(text, i, true);
      host > i && !bars_mention(text, host)) {
    out.add(text.substr(i, host - i));
    return host;
  }
  std::size_t end = i;
  while (end - i < kHandle && is_handle_char(byte(text, end))) ++end;
  const std::string_view name = text.substr(i, end - i);
  if (byte(text, end) == '/' && is_ascii_letter(byte(text, end + 1))) {  // @user/list
    const std::size_t list = end + 1;
    end = list;
    while (end - list < kListName && (is_handle_char(byte(text, end)) || byte(text, end) == '-'))
      ++end;
  }
  if (!bars_mention(text, end)) out.add(name);
  return end;
}

// --- cashtags

std::size_t read_cashtag(std::string_view text, std::size_t sign, Unique& out) {
  const std::size_t begin = sign + 1;
  const char32_t before = previous(text, sign);
  if (sign > 0 && !is_text_space(before) && !is_direction_mark(before)) return begin;
  const auto may_end = [&](std::size_t i) {
    const char32_t c = peek(text, i);
    return i >= text.size() || is_text_space(c) || is_barred(c) || is_ascii_punct(c);
  };
  const auto letters = [&](std::size_t i, std::size_t most) {
    std::size_t n = 0;
    while (n < most && is_ascii_letter(byte(text, i + n))) ++n;
    return n;
  };
  const std::size_t stem = begin + letters(begin, 6);
  if (stem == begin) return begin;
  std::size_t end = stem;
  if (byte(text, stem) == '.' || byte(text, stem) == '_') {  // $BRK.A
    const std::size_t n = letters(stem + 1, 2);
    if (n > 0 && may_end(stem + 1 + n)) end = stem + 1 + n;
  }
  if (!may_end(end)) return begin;
  out.add(text.substr(begin, end - begin));
  return end;
}

/// Bytes at which anything can begin; most posts have few of them.
constexpr std::array<bool, 256> kSigns = [] {
  std::array<bool, 256> table{};
  for (const char c : {'@', '#', '$', '.'}) table[static_cast<unsigned char>(c)] = true;
  table[0xEF] = true;  // the full-width signs begin with it
  return table;
}();
}  // namespace

Entities extract_entities(std::string_view text) {
  Entities found;
  Unique mentions{found.mentions};
  Unique hashtags{found.hashtags};
  Unique cashtags{found.cashtags};
  Unique links{found.links};
  std::size_t floor = 0;  // what lies before was understood already
  for (std::size_t i = 0; i < text.size();) {
    if (!kSigns[static_cast<unsigned char>(text[i])]) {
      ++i;
      continue;
    }
    const CodePoint sign = decode_utf8(text, i);
    const std::size_t next = i + sign.length;
    std::size_t end = next;
    if (sign.value == '@' || sign.value == kWideAt) {
      end = read_mention(text, i, next, mentions);
    } else if (sign.value == '#' || sign.value == kWideHash) {
      end = read_hashtag(text, i, next, hashtags);
    } else if (sign.value == '$') {
      end = read_cashtag(text, i, cashtags);
    } else if (sign.value == '.') {
      const LinkMatch match = match_link(text, i, floor);
      for (const LinkSpan& link : match.links)
        links.add(text.substr(link.begin, link.end - link.begin));
      end = std::max(match.next, next);
    }
    if (end > next) floor = end;
    i = end;
  }
  return found;
}

}  // namespace earshot

#include "link_match.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "earshot/core/utf8.hpp"
#include "entity_chars.hpp"

namespace earshot {

namespace {
using namespace std::string_view_literals;

constexpr std::string_view kTlds[] = {
// no std::array: clang refuses to deduce one of this length
#include "tlds.inc"
};
constexpr std::size_t kLongestTld = 36;  ///< bytes
constexpr std::size_t kRun = 1024;  ///< Host names end at 253 octets; this bounds the work per dot.
constexpr std::size_t kLongestLabel = 63;
constexpr std::size_t kLongestLink = 4096;
constexpr std::size_t kLongestShortName = 40;  ///< of a t.co link

/// The code point before `i`, which must be > 0; its first byte is left in `start`.
char32_t before(std::string_view text, std::size_t i, std::size_t& start) {
  start = i - 1;
  while (start > 0 && i - start < 4 && (static_cast<unsigned char>(text[start]) & 0xC0U) == 0x80)
    --start;
  const CodePoint c = decode_utf8(text, start);
  if (c.ok && start + c.length == i) return c.value;
  start = i - 1;
  return kReplacement;
}

bool in_run(char32_t c) {
  return is_domain_char(c) || c == '.' || c == '-' || c == '_';
}

bool may_precede(std::string_view text, std::size_t begin) {
  if (begin == 0) return true;
  std::size_t start = 0;
  const char32_t c = before(text, begin, start);
  return !is_ascii_alnum(c) && c != '@' && c != kWideAt && c != '$' && c != '#' && c != kWideHash &&
         !is_barred(c);
}

/// What may follow a top-level domain.
bool ends_host(std::string_view text, std::size_t i) {
  if (i >= text.size()) return true;
  const char c = text[i];
  return !is_ascii_alnum(static_cast<unsigned char>(c)) && c != '@' && c != '+' && c != '-';
}

/// Length of the longest top-level domain at `i`, 0 where there is none. With `hyphen` one may
/// follow it: "x.com-and".
std::size_t tld_length(std::string_view text, std::size_t i, std::size_t limit,
                       bool hyphen = false) {
  const std::string_view rest = text.substr(i, limit - i);
  if (rest.size() > 4 && equals_ignoring_case(rest.substr(0, 4), "xn--")) {
    std::size_t n = 4;
    while (n < rest.size() &&
           (is_ascii_alnum(static_cast<unsigned char>(rest[n])) || rest[n] == '-'))
      ++n;
    return n > 4 && ends_host(text, i + n) ? n : 0;
  }
  std::size_t best = 0;
  for (std::size_t n = 0; n < rest.size() && n <= kLongestTld;) {
    const CodePoint c = decode_utf8(rest, n);
    if (!is_domain_char(c.value)) break;
    n += c.length;
    const bool ends = ends_host(text, i + n) || (hyphen && text[i + n] == '-');
    if (ends && is_top_level_domain(rest.substr(0, n))) best = n;
  }
  return best;
}

struct Label {
  std::size_t end = 0;
  bool subdomain = false;  ///< may stand in a host
  bool name = false;       ///< may stand before the top-level domain: no underscore inside
};

Label read_label(std::string_view text, std::size_t begin, std::size_t limit) {
  Label label;
  label.end = std::min(text.find('.', begin), limit);
  const std::string_view word = text.substr(begin, label.end - begin);
  const auto joint = [](char c) { return c == '-' || c == '_'; };
  const bool plain = is_utf8(word);
  label.subdomain = !word.empty() && !joint(word.front()) && !joint(word.back()) && plain;
  label.name = label.subdomain && word.find('_') == std::string_view::npos;
  return label;
}

/// Names that have no public top-level domain on purpose (RFC 2606, 6762, 8375).
bool is_special_name(std::string_view label) {
  for (const auto name : {"example"sv, "test"sv, "invalid"sv, "localhost"sv, "local"sv,
                          "internal"sv, "lan"sv, "home"sv}) {
    if (equals_ignoring_case(label, name)) return true;
  }
  return false;
}

/// End of the host that begins at `begin`, or nothing. A host after "http://" may have a name
/// without public top-level domain.
std::optional<std::size_t> match_host(std::string_view text, std::size_t begin, std::size_t limit,
                                      bool with_protocol) {
  std::optional<std::size_t> known;
  std::optional<std::size_t> other;
  std::optional<std::size_t> glued;  // no host at all without it
  for (std::size_t i = begin; i < limit;) {
    const Label label = read_label(text, i, limit);
    if (!label.subdomain) break;
    const std::size_t next = label.end + 1;
    if (label.end >= limit || next >= limit) break;
    if (label.name) {
      if (const std::size_t n = tld_length(text, next, limit); n > 0) known = next + n;
      if (with_protocol && !known && !glued) {
        if (const std::size_t n = tld_length(text, next, limit, true); n > 0) glued = next + n;
      }
      std::size_t n = next;
      while (n < limit && is_ascii_letter(static_cast<unsigned char>(text[n]))) ++n;
      const bool special = is_special_name(text.substr(next, n - next)) && ends_host(text, n);
      const bool underscore = n < text.size() && text[n] == '_';
      if (with_protocol && n - next >= 2 && ends_host(text, n) && !underscore)
        other = special || !known ? std::optional{n} : other;
      if (with_protocol && special) known = n;
    }
    i = next;
  }
  return known ? known : other ? other : glued;
}

bool labels_fit(std::string_view host) {
  for (std::size_t i = 0; i <= host.size();) {
    const std::size_t end = std::min(host.find('.', i), host.size());
    if (end - i > kLongestLabel && is_ascii_letter(static_cast<unsigned char>(host[i])))
      return false;
    i = end + 1;
  }
  return true;
}

bool is_cyrillic(char32_t c) {
  return c >= 0x400 && c <= 0x4FF;
}

bool is_path_char(char32_t c) {
  return is_ascii_alnum(c) ||
         (c != 0 && c < 0x80 &&
          "!*';:=+,.$/%#[]-_~@|&"sv.find(static_cast<char>(c)) != std::string_view::npos) ||
         c == 0x2013 || is_cyrillic(c) || is_latin_accent(c);
}
bool ends_path(char32_t c) {
  return is_ascii_alnum(c) || c == '+' || c == '-' || c == '=' || c == '_' || c == '#' ||
         c == '/' || is_cyrillic(c) || is_latin_accent(c);
}

std::size_t skip_path_chars(std::string_view text, std::size_t i) {
  while (i < text.size()) {
    const CodePoint c = decode_utf8(text, i);
    if (!c.ok || !is_path_char(c.value)) break;
    i += c.length;
  }
  return i;
}

/// End of a balanced "(…)" at `i`, at most two deep and not empty; `i` where it is not balanced.
std::size_t skip_brackets(std::string_view text, std::size_t i) {
  std::size_t end = skip_path_chars(text, i + 1);
  if (end < text.size() && text[end] == ')') return end > i + 1 ? end + 1 : i;
  if (end >= text.size() || text[end] != '(') return i;
  const std::size_t inner = end + 1;
  end = skip_path_chars(text, inner);
  if (end == inner || end >= text.size() || text[end] != ')') return i;
  end = skip_path_chars(text, end + 1);
  return end < text.size() && text[end] == ')' ? end + 1 : i;
}

/// `i` is the place of the '/'.
std::size_t match_path(std::string_view text, std::size_t i) {
  std::size_t good = i + 1;
  for (i = good; i < text.size();) {
    if (text[i] == '(') {
      const std::size_t end = skip_brackets(text, i);
      if (end == i) break;
      good = i = end;
      continue;
    }
    const CodePoint c = decode_utf8(text, i);
    if (!c.ok || !is_path_char(c.value)) break;
    i += c.length;
    if (ends_path(c.value)) good = i;
  }
  return good;
}

/// `i` is the place of the '?'; the same place comes back where no query follows.
std::size_t match_query(std::string_view text, std::size_t i) {
  std::size_t good = i;
  for (std::size_t k = i + 1; k < text.size(); ++k) {
    const auto c = static_cast<unsigned char>(text[k]);
    if (c >= 0x80 || c <= ' ') break;
    if (!is_ascii_alnum(c) &&
        "!?*'@();:&=+$/%#[]-_.,~|"sv.find(static_cast<char>(c)) == std::string_view::npos)
      break;
    if (is_ascii_alnum(c) || "-_&=#/"sv.find(static_cast<char>(c)) != std::string_view::npos)
      good = k + 1;
  }
  return good;
}

struct Tail {
  std::size_t end = 0;
  bool path = false;
};

/// Port, path and query behind a host.
Tail match_tail(std::string_view text, std::size_t i) {
  if (i < text.size() && text[i] == ':') {
    std::size_t n = i + 1;
    while (n < text.size() && is_ascii_digit(static_cast<unsigned char>(text[n]))) ++n;
    if (n > i + 1) i = n;
  }
  Tail tail{i, false};
  if (i < text.size() && text[i] == '/') tail = {match_path(text, i), true};
  if (tail.end < text.size() && text[tail.end] == '?') tail.end = match_query(text, tail.end);
  return tail;
}

/// Start of "http://" or "https://" that ends at `end`, or `end`.
std::size_t protocol_start(std::string_view text, std::size_t end, std::size_t floor) {
  for (const auto scheme : {"http://"sv, "https://"sv}) {
    if (end - floor < scheme.size()) continue;
    const std::size_t start = end - scheme.size();
    if (equals_ignoring_case(text.substr(start, scheme.size()), scheme) && may_precede(text, start))
      return start;
  }
  return end;
}

/// A t.co link has letters and digits only, so words glued to it are not part of it.
std::optional<LinkSpan> short_link(std::string_view text, LinkSpan link, std::size_t host_begin,
                                   std::size_t host_end) {
  if (!equals_ignoring_case(text.substr(host_begin, host_end - host_begin), "t.co")) return link;
  std::size_t n = host_end + 1;
  if (n >= link.end || text[host_end] != '/') return link;
  while (n < link.end && is_ascii_alnum(static_cast<unsigned char>(text[n]))) ++n;
  if (n == host_end + 1) return link;
  if (n - host_end - 1 > kLongestShortName) return std::nullopt;
  if (n < text.size() && text[n] == '?') n = match_query(text, n);
  return LinkSpan{link.begin, n};
}

bool is_plain_host_char(char32_t c) {
  return is_ascii_alnum(c) || c == '-' || is_latin_accent(c);
}

/// "Sorry.It broke": a sentence glued to the next one rather than a host.
bool is_glued_sentence(std::string_view host) {
  const std::string_view tld = host.substr(host.rfind('.') + 1);
  return tld.size() == 2 && tld[0] >= 'A' && tld[0] <= 'Z' && tld[1] >= 'a' && tld[1] <= 'z';
}

/// Hosts without protocol are written in Latin letters; text of other scripts around them is not
/// part of them.
std::vector<LinkSpan> bare_hosts(std::string_view text, std::size_t begin, std::size_t end) {
  std::vector<LinkSpan> found;
  for (std::size_t i = begin; i < end;) {
    const CodePoint first = decode_utf8(text, i);
    if (!is_plain_host_char(first.value)) {
      i += first.length;
      continue;
    }
    std::size_t best = 0;
    std::size_t n = i;
    while (n < end) {
      const std::size_t label = n;
      while (n < end) {
        const CodePoint c = decode_utf8(text, n);
        if (!is_plain_host_char(c.value)) break;
        n += c.length;
      }
      if (n == label || n >= end || text[n] != '.') break;
      ++n;
      if (const std::size_t length = tld_length(text, n, end); length > 0) best = n + length;
    }
    if (best > 0 && labels_fit(text.substr(i, best - i)) &&
        !is_glued_sentence(text.substr(i, best - i)))
      found.push_back({i, best});
    i = std::max({best, n, i + first.length});
  }
  return found;
}

/// First place after `begin` in the run where a host may begin although it may not at `begin`.
std::size_t next_start(std::string_view text, std::size_t begin, std::size_t limit) {
  for (std::size_t i = begin; i < limit;) {
    const CodePoint c = decode_utf8(text, i);
    i += c.length;
    if (i < limit && !is_ascii_alnum(c.value)) return i;
  }
  return limit;
}
}  // namespace

bool is_top_level_domain(std::string_view label) {
  if (label.size() < 2 || label.size() > kLongestTld) return false;
  std::array<char, kLongestTld> lower{};
  std::transform(label.begin(), label.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  const std::string_view word{lower.data(), label.size()};
  const auto it = std::lower_bound(std::begin(kTlds), std::end(kTlds), word,
                                   [](std::string_view a, std::string_view b) { return a < b; });
  return it != std::end(kTlds) && word == *it;
}

LinkMatch match_link(std::string_view text, std::size_t dot, std::size_t floor) {
  std::size_t begin = dot;
  while (begin > floor && dot - begin < kRun) {
    std::size_t start = 0;
    const char32_t c = before(text, begin, start);
    if (c == kReplacement || !in_run(c) || start < floor) break;
    begin = start;
  }
  std::size_t end = dot + 1;
  while (end < text.size() && end - dot < kRun) {
    const CodePoint c = decode_utf8(text, end);
    if (!c.ok || !in_run(c.value)) break;
    end += c.length;
  }
  LinkMatch match;
  match.next = end;

  if (const std::size_t start = protocol_start(text, begin, floor); start < begin) {
    if (const auto host = match_host(text, begin, end, true)) {
      const Tail tail = match_tail(text, *host);
      match.next = tail.end;
      const auto link = short_link(text, {start, tail.end}, begin, *host);
      if (link && tail.end - start <= kLongestLink && labels_fit(text.substr(begin, *host - begin)))
        match.links.push_back(*link);
      return match;
    }
  }
  if (!may_precede(text, begin)) begin = next_start(text, begin, end);
  for (int tries = 0; tries < 4 && begin < end; ++tries) {
    if (const auto host = match_host(text, begin, end, false)) {
      const Tail tail = match_tail(text, *host);
      match.next = tail.end;
      // What an earlier link took does not count: "http://x.example/。y.com" is two links.
      const char previous = begin > floor ? text[begin - 1] : ' ';
      if (previous == '-' || previous == '_' || previous == '.' || previous == '/') return match;
      if (tail.end - begin > kLongestLink) return match;
      match.links = bare_hosts(text, begin, *host);
      if (tail.path && !match.links.empty() && match.links.back().end == *host)
        match.links.back().end = tail.end;
      return match;
    }
    begin = next_start(text, begin, end);
  }
  return match;
}

}  // namespace earshot

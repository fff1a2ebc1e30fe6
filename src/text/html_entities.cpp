#include "html_entities.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

#include "earshot/core/utf8.hpp"
#include "earshot/text/html.hpp"
#include "entity_table.hpp"

namespace earshot {
namespace detail {
namespace {

constexpr std::size_t kLongestName = 33;   // CounterClockwiseContourIntegral and one to spare
constexpr std::size_t kLongestLegacy = 6;  // Aacute

// windows-1252 for 128..159 (WHATWG HTML 13.2.5.80); 0 keeps the value.
constexpr std::array<char16_t, 32> kWindows1252 = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

bool is_alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

int digit_of(char c, bool hex) {
  if (c >= '0' && c <= '9') return c - '0';
  if (hex && c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (hex && c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

const NamedEntity* find_name(std::string_view name) {
  const auto* found = std::lower_bound(
      std::begin(kNamedEntities), std::end(kNamedEntities), name,
      [](const NamedEntity& entity, std::string_view key) { return entity.name < key; });
  return found != std::end(kNamedEntities) && found->name == name ? found : nullptr;
}

void append_number(std::uint32_t value, std::string& out) {
  if (value >= 0x80 && value <= 0x9F && kWindows1252[value - 0x80] != 0)
    value = kWindows1252[value - 0x80];
  if (value == 0 || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) value = kReplacement;
  if (value == '\r' || value == '\f') value = '\n';
  if ((value < 0x20 && value != '\t' && value != '\n') || value == 0x7F)
    return;  // other controls carry no text
  append_utf8(out, value);
}

std::size_t take_number(std::string_view text, std::string& out) {
  std::size_t at = 2;
  const bool hex = at < text.size() && (text[at] == 'x' || text[at] == 'X');
  if (hex) ++at;
  const std::size_t first = at;
  std::uint32_t value = 0;
  for (; at < text.size(); ++at) {
    const int digit = digit_of(text[at], hex);
    if (digit < 0) break;
    value = std::min<std::uint32_t>(value * (hex ? 16U : 10U) + static_cast<std::uint32_t>(digit),
                                    0x110000);
  }
  if (at == first) return 0;
  append_number(value, out);
  return at < text.size() && text[at] == ';' ? at + 1 : at;
}

}  // namespace

std::size_t take_entity(std::string_view text, bool in_attribute, std::string& out) {
  if (text.size() < 3 || text[0] != '&') return 0;
  if (text[1] == '#') return take_number(text, out);
  std::size_t end = 1;
  while (end < text.size() && end <= kLongestName && is_alnum(text[end])) ++end;
  if (end == 1) return 0;
  if (end < text.size() && text[end] == ';') {
    if (const NamedEntity* entity = find_name(text.substr(1, end - 1))) {
      out += entity->value;
      return end + 1;
    }
  }
  for (std::size_t length = std::min(end - 1, kLongestLegacy); length >= 2; --length) {
    const NamedEntity* entity = find_name(text.substr(1, length));
    if (entity == nullptr || !entity->legacy) continue;
    const char next = 1 + length < text.size() ? text[1 + length] : '\0';
    if (in_attribute && (next == '=' || is_alnum(next))) return 0;
    out += entity->value;
    return 1 + length;
  }
  return 0;
}

}  // namespace detail

std::string decode_entities(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t amp = text.find('&');
    out += text.substr(0, amp);
    if (amp == std::string_view::npos) break;
    text.remove_prefix(amp);
    std::size_t taken = detail::take_entity(text, false, out);
    if (taken == 0) {
      out += '&';
      taken = 1;
    }
    text.remove_prefix(taken);
  }
  return out;
}

}  // namespace earshot

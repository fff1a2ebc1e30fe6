#pragma once

/// Character classes of twitter-text's published rules, for code points. Pure.

namespace earshot {

inline bool is_ascii_digit(char32_t c) {
  return c >= '0' && c <= '9';
}
inline bool is_ascii_letter(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
inline bool is_ascii_alnum(char32_t c) {
  return is_ascii_letter(c) || is_ascii_digit(c);
}
inline bool is_handle_char(char32_t c) {
  return is_ascii_alnum(c) || c == '_';
}

inline constexpr char32_t kWideAt = 0xFF20;
inline constexpr char32_t kWideHash = 0xFF03;

/// White space as ECMAScript and twitter-text know it.
inline bool is_text_space(char32_t c) {
  return c == ' ' || (c >= 0x09 && c <= 0x0D) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         c == 0x180E || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
         c == 0x205F || c == 0x3000;
}

inline bool is_direction_mark(char32_t c) {
  return (c >= 0x202A && c <= 0x202E) || c == 0x061C || c == 0x200E || c == 0x200F ||
         (c >= 0x2066 && c <= 0x2069);
}

/// Never part of anything: byte order marks and non-characters.
inline bool is_barred(char32_t c) {
  return c == 0xFFFE || c == 0xFEFF || c == 0xFFFF;
}

/// Letters with accents that a Latin word may go on with.
inline bool is_latin_accent(char32_t c) {
  return (c >= 0xC0 && c <= 0xD6) || (c >= 0xD8 && c <= 0xF6) || (c >= 0xF8 && c <= 0x24F) ||
         c == 0x253 || c == 0x254 || c == 0x256 || c == 0x257 || c == 0x259 || c == 0x25B ||
         c == 0x263 || c == 0x268 || c == 0x26F || c == 0x272 || c == 0x289 || c == 0x28B ||
         c == 0x2BB || (c >= 0x300 && c <= 0x36F) || (c >= 0x1E00 && c <= 0x1EFF);
}

/// ASCII punctuation that ends a host name or may follow a cashtag.
inline bool is_ascii_punct(char32_t c) {
  return c > ' ' && c < 0x7F && !is_ascii_alnum(c) && c != '"' && c != '`';
}

/// A character of a host's label; '-' and '_' may stand inside a label and are not counted here.
inline bool is_domain_char(char32_t c) {
  return c > ' ' && c != 0x7F && !is_ascii_punct(c) && c != '"' && c != '`' && !is_text_space(c) &&
         !is_direction_mark(c) && !is_barred(c) && c != kWideAt && c != kWideHash;
}

}  // namespace earshot

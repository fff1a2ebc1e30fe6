#pragma once

/// What a byte or a code point is to the tokenizer. Pure.

#include <string_view>

namespace earshot::letters {

inline bool is_digit(unsigned char c) {
  return c >= '0' && c <= '9';
}
inline bool is_ascii_letter(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
inline bool is_blank(unsigned char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
inline bool is_name_byte(unsigned char c) {
  return is_ascii_letter(c) || is_digit(c) || c == '_';
}

/// Han and kana stand alone as words; emoji and other pictures, too.
inline bool is_alone(char32_t c) {
  return (c >= 0x3040 && c <= 0x30FF) || (c >= 0x3400 && c <= 0x4DBF) ||
         (c >= 0x4E00 && c <= 0x9FFF);
}
inline bool is_picture(char32_t c) {
  return (c >= 0x2190 && c <= 0x2BFF) || c >= 0x1F000 || c == 0xFFFD || c == 0x203C || c == 0x2049;
}
/// Faces and hands that say a complaint, or praise, without words.
inline bool is_grudge(char32_t c) {
  static constexpr std::u32string_view kFaces{U"👎😡🤬😤🤮💩😠🖕😒🙄🤦🤡"};
  static constexpr std::u32string_view kMore{U"😞😣😩😫💔🤢🐌⏳⌛🗑🚮❌"};
  return kFaces.find(c) != kFaces.npos || kMore.find(c) != kMore.npos;
}
inline bool is_delight(char32_t c) {
  static constexpr std::u32string_view kFaces{
      U"👍😍🥰😊🎉🥳❤💙💛💚💜😁😀😃"};
  static constexpr std::u32string_view kMore{U"😄🤩👏🙌💯✨⭐🌟😻💪🫶"};
  return kFaces.find(c) != kFaces.npos || kMore.find(c) != kMore.npos;
}
inline bool is_foreign_sign(char32_t c) {
  return (c >= 0x80 && c <= 0xBF && c != 0xAA && c != 0xB5 && c != 0xBA) ||
         (c >= 0x2000 && c <= 0x206F) || (c >= 0x20A0 && c <= 0x20CF) ||
         (c >= 0x3000 && c <= 0x303F) || (c >= 0xFF00 && c <= 0xFF0F);
}
inline bool is_quote(char32_t c) {
  return c == 0x2018 || c == 0x2019 || c == 0x02BC;
}

}  // namespace earshot::letters

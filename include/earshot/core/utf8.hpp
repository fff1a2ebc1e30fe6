#pragma once

/// UTF-8 as every room needs it: checking, repairing, walking, cutting. Pure.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace earshot {

inline constexpr char32_t kReplacement = 0xFFFD;

/// One code point and the bytes it took. At a bad byte: kReplacement, length 1, ok = false
/// (overlong forms, surrogates and values beyond U+10FFFF are bad).
struct CodePoint {
  char32_t value = kReplacement;
  std::size_t length = 1;
  bool ok = false;
};
/// Decodes at `offset`, which must be < text.size().
CodePoint decode_utf8(std::string_view text, std::size_t offset);
void append_utf8(std::string& out, char32_t value);

bool is_utf8(std::string_view text);
/// Bad bytes become U+FFFD, NUL and other C0 controls except tab and line ends are dropped, CRLF
/// and CR become LF.
std::string clean_utf8(std::string_view text);
/// The longest prefix of at most `bytes` bytes that cuts no code point.
std::string_view cut_utf8(std::string_view text, std::size_t bytes);

/// Without leading and trailing white space (ASCII and U+00A0, U+2000..200A, U+3000, U+FEFF).
std::string_view trim(std::string_view text);
/// ASCII letters only; bytes above 0x7F stay.
std::string to_lower_ascii(std::string_view text);
bool equals_ignoring_case(std::string_view a, std::string_view b);
/// Runs of white space become one blank; trimmed.
std::string collapse_space(std::string_view text);

/// For terminals, logs and mail headers: C0, C1, ESC, DEL, bidi controls and line separators appear
/// as \u00XX (P26).
std::string printable(std::string_view text);

}  // namespace earshot

#pragma once

/// What is written where ISO-8859-1 and Unicode have C1 controls: windows-1252 (WHATWG Encoding).

#include <string>
#include <string_view>

namespace earshot {

/// The character of 0x80 to 0x9F; any other value is its own.
char32_t windows_1252(char32_t value);

/// As UTF-8.
std::string from_windows_1252(std::string_view bytes);

}  // namespace earshot

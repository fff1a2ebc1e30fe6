#include "windows_1252.hpp"

#include <array>

#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

constexpr std::array<char16_t, 32> kWindows1252{
    0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

}  // namespace

char32_t windows_1252(char32_t value) {
  return value >= 0x80 && value <= 0x9F ? char32_t{kWindows1252[value - 0x80U]} : value;
}

std::string from_windows_1252(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 8);
  for (const char c : bytes) append_utf8(out, windows_1252(static_cast<unsigned char>(c)));
  return out;
}

}  // namespace earshot

#include "mail_charset.hpp"

#include <iconv.h>

#include <array>
#include <cerrno>
#include <utility>

#include "earshot/core/utf8.hpp"
#include "windows_1252.hpp"

namespace earshot {
namespace {

bool has_high_byte(std::string_view bytes) {
  for (const char c : bytes) {
    if (static_cast<unsigned char>(c) >= 0x80) return true;
  }
  return false;
}

/// At least one whole multi-byte character: then stray bytes are damage, not another charset.
bool looks_like_utf8(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    const CodePoint c = decode_utf8(bytes, at);
    if (c.ok && c.length > 1) return true;
    at += c.length;
  }
  return false;
}

constexpr std::pair<std::string_view, const char*> kAliases[] = {
    {"gb2312", "GB18030"},
    {"gb-2312", "GB18030"},
    {"gb_2312-80", "GB18030"},
    {"gbk", "GB18030"},
    {"x-gbk", "GB18030"},
    {"cp936", "GB18030"},
    {"euc-cn", "GB18030"},
    {"hz-gb-2312", "HZ"},
    {"big5", "BIG5-HKSCS"},
    {"x-big5", "BIG5-HKSCS"},
    {"shift_jis", "CP932"},
    {"shift-jis", "CP932"},
    {"sjis", "CP932"},
    {"x-sjis", "CP932"},
    {"windows-31j", "CP932"},
    {"euc-jp", "EUC-JP-MS"},
    {"x-euc-jp", "EUC-JP-MS"},
    {"iso-2022-jp", "ISO-2022-JP-3"},
    {"csiso2022jp", "ISO-2022-JP-3"},
    {"iso-2022-jp-ms", "ISO-2022-JP-3"},
    {"ks_c_5601-1987", "UHC"},
    {"ks_c_5601", "UHC"},
    {"euc-kr", "UHC"},
    {"cp949", "UHC"},
    {"windows-949", "UHC"},
    {"iso-8859-9", "WINDOWS-1254"},
    {"iso-8859-11", "CP874"},
    {"tis-620", "CP874"},
    {"iso-8859-8-i", "ISO-8859-8"},
    {"iso-8859-8-e", "ISO-8859-8"},
    {"utf7", "UTF-7"},
    {"unicode-1-1-utf-7", "UTF-7"},
    {"x-unicode-2-0-utf-7", "UTF-7"},
    {"koi8_r", "KOI8-R"},
    {"cp-850", "CP850"},
    {"x-mac-roman", "MACINTOSH"},
    {"macroman", "MACINTOSH"},
    {"x-mac-cyrillic", "MAC-CYRILLIC"},
};

class Converter {
 public:
  explicit Converter(const std::string& name) : handle_(iconv_open("UTF-8", name.c_str())) {}
  ~Converter() {
    if (known()) iconv_close(handle_);
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;
  bool known() const {
    return handle_ != reinterpret_cast<iconv_t>(-1);  // NOLINT(performance-no-int-to-ptr): iconv(3)
  }

  std::string convert(std::string_view bytes) const {
    std::string out;
    std::array<char, 8192> chunk{};
    char* in = const_cast<char*>(bytes.data());  // iconv's signature; it does not write there
    std::size_t left = bytes.size();
    while (true) {
      char* to = chunk.data();
      std::size_t room = chunk.size();
      const bool flush = left == 0;
      const std::size_t got = flush ? iconv(handle_, nullptr, nullptr, &to, &room)
                                    : iconv(handle_, &in, &left, &to, &room);
      out.append(chunk.data(), chunk.size() - room);
      if (flush) return out;
      if (got == static_cast<std::size_t>(-1) && errno != E2BIG) {
        append_utf8(out, kReplacement);
        ++in;
        --left;
      }
    }
  }

 private:
  iconv_t handle_;
};

}  // namespace

std::string mail_to_utf8(std::string_view bytes, std::string_view label) {
  std::string name = to_lower_ascii(trim(label));
  while (!name.empty() && (name.back() == '"' || name.back() == '\'' || name.back() == ';'))
    name.pop_back();
  while (!name.empty() && (name.front() == '"' || name.front() == '\'')) name.erase(0, 1);
  const bool western = name == "iso-8859-1" || name == "iso8859-1" || name == "iso_8859-1" ||
                       name == "latin1" || name == "latin-1" || name == "windows-1252" ||
                       name == "cp1252" || name == "x-ansi" || name == "us-ascii" ||
                       name == "ascii" || name == "ansi_x3.4-1968" || name.empty();
  const bool unicode =
      name == "utf-8" || name == "utf8" || name == "unicode-1-1-utf-8" || name == "utf-8mb4";
  if (western && bytes.find("\x1B$") != std::string_view::npos)
    name = "iso-2022-jp";
  else if (western || unicode) {
    if (!has_high_byte(bytes) || is_utf8(bytes)) return clean_utf8(bytes);
    return clean_utf8(unicode && looks_like_utf8(bytes) ? std::string{bytes}
                                                        : from_windows_1252(bytes));
  }
  for (const auto& [alias, real] : kAliases) {
    if (name == alias) {
      name = real;
      break;
    }
  }
  const bool plain_name =
      name.size() < 40 &&
      name.find_first_not_of(
          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:") ==
          std::string::npos;
  if (plain_name) {
    const Converter converter{name};
    if (converter.known()) return clean_utf8(converter.convert(bytes));
  }
  return clean_utf8(is_utf8(bytes) ? std::string{bytes} : from_windows_1252(bytes));
}

}  // namespace earshot

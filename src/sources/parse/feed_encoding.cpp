#include "feed_encoding.hpp"

#include <fmt/format.h>
#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "earshot/core/utf8.hpp"
#include "windows_1252.hpp"

namespace earshot {
namespace {

struct Alias {
  std::string_view label;
  const char* name;
};
/// Labels that publishers use for more than they say (WHATWG Encoding 4.2).
constexpr std::array kAliases{
    Alias{"iso-8859-1", "WINDOWS-1252"},
    Alias{"iso8859-1", "WINDOWS-1252"},
    Alias{"iso_8859-1", "WINDOWS-1252"},
    Alias{"latin1", "WINDOWS-1252"},
    Alias{"latin-1", "WINDOWS-1252"},
    Alias{"us-ascii", "WINDOWS-1252"},
    Alias{"ascii", "WINDOWS-1252"},
    Alias{"windows-1252", "WINDOWS-1252"},
    Alias{"cp1252", "WINDOWS-1252"},
    Alias{"win-1252", "WINDOWS-1252"},
    Alias{"ansi", "WINDOWS-1252"},
    Alias{"iso-8859-9", "WINDOWS-1254"},
    Alias{"latin5", "WINDOWS-1254"},
    Alias{"tis-620", "CP874"},
    Alias{"iso-8859-11", "CP874"},
    Alias{"windows-874", "CP874"},
    Alias{"shift_jis", "CP932"},
    Alias{"shift-jis", "CP932"},
    Alias{"sjis", "CP932"},
    Alias{"x-sjis", "CP932"},
    Alias{"windows-31j", "CP932"},
    Alias{"gb2312", "GB18030"},
    Alias{"gb_2312-80", "GB18030"},
    Alias{"gbk", "GB18030"},
    Alias{"x-gbk", "GB18030"},
    Alias{"euc-kr", "CP949"},
    Alias{"ks_c_5601-1987", "CP949"},
    Alias{"windows-949", "CP949"},
    Alias{"big5", "BIG5-HKSCS"},
    Alias{"x-x-big5", "BIG5-HKSCS"},
    Alias{"x-user-defined", "WINDOWS-1252"},
    Alias{"macintosh", "MACINTOSH"},
    Alias{"x-mac-roman", "MACINTOSH"},
    Alias{"utf8", "UTF-8"},
    Alias{"utf-8", "UTF-8"},
    Alias{"unicode-1-1-utf-8", "UTF-8"},
    Alias{"cp-1251", "WINDOWS-1251"},
    Alias{"win-1251", "WINDOWS-1251"},
    Alias{"cp037", "IBM037"},
    Alias{"ebcdic-cp-us", "IBM037"},
};

std::string iconv_name(std::string_view label) {
  std::string lower = to_lower_ascii(label);
  for (const Alias& alias : kAliases) {
    if (alias.label == lower) return alias.name;
  }
  if (lower.starts_with("windows_")) return "WINDOWS-" + lower.substr(8);
  return lower;
}

/// A handle that is closed; iconv keeps state, so one serves one text.
class Iconv {
 public:
  explicit Iconv(const std::string& from) : handle_(iconv_open("UTF-8", from.c_str())) {}
  ~Iconv() {
    if (known()) iconv_close(handle_);
  }
  Iconv(const Iconv&) = delete;
  Iconv& operator=(const Iconv&) = delete;
  bool known() const {
    return handle_ != reinterpret_cast<iconv_t>(-1);  // NOLINT(performance-no-int-to-ptr): iconv(3)
  }

  /// Bad bytes become U+FFFD one by one and are counted in `bad`.
  std::string convert(std::string_view bytes, std::size_t unit, std::size_t& bad) {
    std::string out;
    out.reserve(bytes.size() + bytes.size() / 2);
    std::string input{bytes};
    char* in = input.data();
    std::size_t left = input.size();
    std::array<char, 16'384> block{};
    while (left > 0) {
      char* to = block.data();
      std::size_t room = block.size();
      const std::size_t done = iconv(handle_, &in, &left, &to, &room);
      out.append(block.data(), static_cast<std::size_t>(to - block.data()));
      if (done != static_cast<std::size_t>(-1) || errno == E2BIG) continue;
      ++bad;
      out += "\xEF\xBF\xBD";
      const std::size_t step = std::min(left, unit);
      in += step;
      left -= step;
    }
    return out;
  }

 private:
  iconv_t handle_;
};

std::string charset_of_header(std::string_view header) {
  const std::string lower = to_lower_ascii(header);
  const std::size_t at = lower.find("charset=");
  if (at == std::string::npos) return {};
  std::string name = lower.substr(at + 8);
  name = name.substr(0, name.find(';'));
  std::string clean;
  for (const char c : name) {
    if (c != '"' && c != '\'' && c != ' ') clean += c;
  }
  return clean;
}

/// encoding="…" of `<?xml … ?>`, read from bytes in which ASCII is ASCII.
std::string charset_of_declaration(std::string_view text) {
  text = trim(text.substr(0, 1024));
  if (!text.starts_with("<?xml")) return {};
  text = text.substr(0, text.find('>'));
  const std::size_t at = text.find("encoding");
  if (at == std::string_view::npos) return {};
  const std::size_t quote = text.find_first_of("\"'", at);
  if (quote == std::string_view::npos) return {};
  const std::size_t end = text.find(text[quote], quote + 1);
  if (end == std::string_view::npos) return {};
  return to_lower_ascii(trim(text.substr(quote + 1, end - quote - 1)));
}

struct Mark {
  std::string_view bytes;
  const char* encoding;
  bool strip;  ///< a byte-order mark, not the text's own beginning
};
using namespace std::string_view_literals;
/// XML 1.0, appendix F; longer marks first.
constexpr std::array kMarks{
    Mark{"\x00\x00\xFE\xFF"sv, "UTF-32BE", true}, Mark{"\xFF\xFE\x00\x00"sv, "UTF-32LE", true},
    Mark{"\xEF\xBB\xBF"sv, "UTF-8", true},        Mark{"\xFE\xFF"sv, "UTF-16BE", true},
    Mark{"\xFF\xFE"sv, "UTF-16LE", true},         Mark{"\x00\x00\x00<"sv, "UTF-32BE", false},
    Mark{"<\x00\x00\x00"sv, "UTF-32LE", false},   Mark{"\x00<\x00"sv, "UTF-16BE", false},
    Mark{"<\x00"sv, "UTF-16LE", false},           Mark{"\x00{\x00"sv, "UTF-16BE", false},
    Mark{"{\x00"sv, "UTF-16LE", false},           Mark{"\x4C\x6F\xA7\x94"sv, "IBM037", false},
};

std::size_t unit_of(std::string_view encoding) {
  return encoding.starts_with("UTF-32") ? 4 : encoding.starts_with("UTF-16") ? 2 : 1;
}

constexpr std::size_t kRepaired = std::size_t{12} << 20U;  // a bad byte becomes three

/// UTF-8 with damage: single-byte text where not one sequence of several bytes is whole.
Result<std::string> repair_utf8(std::string_view bytes, std::vector<std::string>& warnings) {
  std::size_t good = 0;
  std::size_t bad = 0;
  for (std::size_t i = 0; i < bytes.size();) {
    if (static_cast<unsigned char>(bytes[i]) < 0x80) {
      ++i;
      continue;
    }
    const CodePoint c = decode_utf8(bytes, i);
    (c.ok ? good : bad) += 1;
    i += c.length;
  }
  if (bytes.size() + 2 * bad > kRepaired)
    return permanent(fmt::format("not UTF-8 in {} places: too many to repair", bad));
  if (good == 0 && bad > 0) {
    warnings.emplace_back("not UTF-8: read as windows-1252");
    return clean_utf8(from_windows_1252(bytes));
  }
  warnings.push_back(fmt::format("{} bytes are not UTF-8", bad));
  return clean_utf8(bytes);
}

bool has_controls(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t';
  });
}

struct Choice {
  std::string name;   ///< for iconv
  std::string label;  ///< as declared
};

std::vector<Choice> candidates(std::string_view body, std::string_view content_type,
                               const char* marked) {
  std::vector<Choice> list;
  const auto add = [&list](const std::string& label) {
    if (!label.empty()) list.push_back({iconv_name(label), label});
  };
  add(charset_of_header(content_type));
  std::string declared;
  if (marked == nullptr) {
    declared = charset_of_declaration(body);
  } else if (std::string_view{marked} == "IBM037") {
    Iconv probe{marked};
    std::size_t bad = 0;
    if (probe.known())
      declared = charset_of_declaration(probe.convert(body.substr(0, 256), 1, bad));
  }
  add(declared);
  return list;
}

}  // namespace

Result<std::string> feed_to_utf8(std::string_view body, std::string_view content_type,
                                 std::vector<std::string>& warnings) {
  const char* marked = nullptr;
  for (const Mark& mark : kMarks) {
    if (!body.starts_with(mark.bytes)) continue;
    marked = mark.encoding;
    if (mark.strip) body.remove_prefix(mark.bytes.size());
    break;
  }
  std::vector<Choice> choices = candidates(body, content_type, marked);
  if (marked != nullptr && std::string_view{marked} != "IBM037")
    choices.insert(choices.begin(), {marked, marked});
  if (marked != nullptr && std::string_view{marked} == "IBM037")
    choices.push_back({marked, marked});
  for (const Choice& choice : choices) {
    const std::string lower = to_lower_ascii(choice.name);
    if (lower == "utf-7" || lower == "utf7" || lower == "unicode-1-1-utf-7")
      return permanent("the encoding UTF-7 is refused");
    if (lower == "utf-8") {
      if (is_utf8(body)) break;
      continue;
    }
    if (unit_of(choice.name) == 1 &&
        (lower == "utf-16" || lower == "utf-32" || lower.find("ucs-") != std::string::npos))
      continue;
    if (lower.starts_with("utf-16") && marked == nullptr)
      continue;  // a lie: the bytes would begin otherwise
    if (lower.starts_with("utf-32") && marked == nullptr) continue;
    if (choice.name == "WINDOWS-1252") {
      // Whole UTF-8 by chance does not happen: the label is a server's or a template's default.
      if (is_utf8(body)) break;
      return clean_utf8(from_windows_1252(body));
    }
    Iconv converter{choice.name};
    if (!converter.known()) {
      warnings.push_back(
          fmt::format("unknown encoding \"{}\"", printable(choice.label.substr(0, 40))));
      continue;
    }
    std::size_t bad = 0;
    std::string text = converter.convert(body, unit_of(choice.name), bad);
    if (bad > 0) warnings.push_back(fmt::format("{} places are not {}", bad, choice.label));
    if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
    return clean_utf8(text);
  }
  if (!is_utf8(body)) return repair_utf8(body, warnings);
  return has_controls(body) ? clean_utf8(body) : std::string{body};
}

std::string repair_mojibake(std::string text) {
  bool latin = false;
  bool c1 = false;
  std::size_t i = 0;
  for (; i < text.size(); ++i) {
    if (static_cast<unsigned char>(text[i]) >= 0x80) break;
  }
  if (i == text.size()) return text;
  std::string bytes;
  bytes.reserve(text.size());
  bool wide = false;
  for (i = 0; i < text.size();) {
    const CodePoint c = decode_utf8(text, i);
    i += c.length;
    latin = latin || (c.value >= 0x80 && c.value <= 0xFF);
    c1 = c1 || (c.value >= 0x80 && c.value <= 0x9F);
    wide = wide || c.value > 0xFF;
    if (!wide) bytes += static_cast<char>(static_cast<unsigned char>(c.value));
  }
  if (!wide && latin && is_utf8(bytes)) return bytes;
  if (!c1) return text;
  std::string out;
  for (i = 0; i < text.size();) {
    const CodePoint c = decode_utf8(text, i);
    i += c.length;
    append_utf8(out, windows_1252(c.value));
  }
  return out;
}

}  // namespace earshot

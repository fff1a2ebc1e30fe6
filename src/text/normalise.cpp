#include "earshot/text/normalise.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

struct LookAlike {
  char32_t letter;
  char latin;
};
/// Letters that are drawn like a Latin one (a choice of Unicode's confusables.txt), before case
/// folding: a Greek capital looks like another Latin letter than its small form.
constexpr std::array kLookAlikes{
    // Greek
    LookAlike{U'Α', 'a'}, LookAlike{U'Β', 'b'}, LookAlike{U'Ε', 'e'}, LookAlike{U'Ζ', 'z'},
    LookAlike{U'Η', 'h'}, LookAlike{U'Ι', 'i'}, LookAlike{U'Κ', 'k'}, LookAlike{U'Μ', 'm'},
    LookAlike{U'Ν', 'n'}, LookAlike{U'Ο', 'o'}, LookAlike{U'Ρ', 'p'}, LookAlike{U'Τ', 't'},
    LookAlike{U'Υ', 'y'}, LookAlike{U'Χ', 'x'}, LookAlike{U'α', 'a'}, LookAlike{U'β', 'b'},
    LookAlike{U'γ', 'y'}, LookAlike{U'ε', 'e'}, LookAlike{U'η', 'n'}, LookAlike{U'ι', 'i'},
    LookAlike{U'κ', 'k'}, LookAlike{U'ν', 'v'}, LookAlike{U'ο', 'o'}, LookAlike{U'ρ', 'p'},
    LookAlike{U'τ', 't'}, LookAlike{U'υ', 'u'}, LookAlike{U'χ', 'x'}, LookAlike{U'ω', 'w'},
    LookAlike{U'\u037F', 'j'}, LookAlike{U'ϲ', 'c'}, LookAlike{U'ϳ', 'j'},
    // Cyrillic
    LookAlike{U'Ѕ', 's'}, LookAlike{U'І', 'i'}, LookAlike{U'Ј', 'j'}, LookAlike{U'А', 'a'},
    LookAlike{U'В', 'b'}, LookAlike{U'Е', 'e'}, LookAlike{U'З', '3'}, LookAlike{U'К', 'k'},
    LookAlike{U'М', 'm'}, LookAlike{U'Н', 'h'}, LookAlike{U'О', 'o'}, LookAlike{U'Р', 'p'},
    LookAlike{U'С', 'c'}, LookAlike{U'Т', 't'}, LookAlike{U'У', 'y'}, LookAlike{U'Х', 'x'},
    LookAlike{U'Ь', 'b'}, LookAlike{U'а', 'a'}, LookAlike{U'в', 'b'}, LookAlike{U'е', 'e'},
    LookAlike{U'г', 'r'}, LookAlike{U'к', 'k'}, LookAlike{U'м', 'm'}, LookAlike{U'н', 'h'},
    LookAlike{U'о', 'o'}, LookAlike{U'р', 'p'}, LookAlike{U'с', 'c'}, LookAlike{U'т', 't'},
    LookAlike{U'у', 'y'}, LookAlike{U'х', 'x'}, LookAlike{U'ь', 'b'}, LookAlike{U'ѕ', 's'},
    LookAlike{U'і', 'i'}, LookAlike{U'ј', 'j'}, LookAlike{U'һ', 'h'}, LookAlike{U'ԁ', 'd'},
    LookAlike{U'ԛ', 'q'}, LookAlike{U'ԝ', 'w'}, LookAlike{U'ӏ', 'l'}, LookAlike{U'Ӏ', 'i'},
    LookAlike{U'ѵ', 'v'}, LookAlike{U'ё', 'e'}, LookAlike{U'Ё', 'e'}, LookAlike{U'Ԍ', 'g'},
    LookAlike{U'Ԛ', 'q'}, LookAlike{U'Ԝ', 'w'},
    // Armenian
    LookAlike{U'Տ', 's'}, LookAlike{U'Ս', 'u'}, LookAlike{U'Օ', 'o'}, LookAlike{U'Լ', 'l'},
    LookAlike{U'գ', 'q'}, LookAlike{U'զ', 'q'}, LookAlike{U'հ', 'h'}, LookAlike{U'յ', 'j'},
    LookAlike{U'ո', 'n'}, LookAlike{U'ս', 'u'}, LookAlike{U'ց', 'g'}, LookAlike{U'օ', 'o'},
    LookAlike{U'ա', 'w'}, LookAlike{U'ք', 'p'}};

/// The same for letters of the Latin blocks (phonetic alphabet and Turkish), which count in any
/// word.
constexpr std::array kLatinLookAlikes{
    LookAlike{U'ı', 'i'}, LookAlike{U'ɑ', 'a'}, LookAlike{U'ɡ', 'g'}, LookAlike{U'ɩ', 'i'},
    LookAlike{U'ɪ', 'i'}, LookAlike{U'ʏ', 'y'}, LookAlike{U'ʀ', 'r'}, LookAlike{U'ɴ', 'n'},
    LookAlike{U'ʟ', 'l'}, LookAlike{U'ʜ', 'h'}, LookAlike{U'ɢ', 'g'}, LookAlike{U'ʙ', 'b'},
    LookAlike{U'ᴀ', 'a'}, LookAlike{U'ᴄ', 'c'}, LookAlike{U'ᴅ', 'd'}, LookAlike{U'ᴇ', 'e'},
    LookAlike{U'ᴊ', 'j'}, LookAlike{U'ᴋ', 'k'}, LookAlike{U'ᴍ', 'm'}, LookAlike{U'ᴏ', 'o'},
    LookAlike{U'ᴘ', 'p'}, LookAlike{U'ᴛ', 't'}, LookAlike{U'ᴜ', 'u'}, LookAlike{U'ᴠ', 'v'},
    LookAlike{U'ᴡ', 'w'}, LookAlike{U'ᴢ', 'z'}, LookAlike{U'ꜱ', 's'}, LookAlike{U'ꜰ', 'f'}};

template <std::size_t N>
char latin_of(const std::array<LookAlike, N>& table, char32_t letter) {
  for (const LookAlike& entry : table) {
    if (entry.letter == letter) return entry.latin;
  }
  return 0;
}

bool other_alphabet(char32_t c) {
  return (c >= 0x370 && c <= 0x58F) || (c >= 0x1F00 && c <= 0x1FFF);
}
bool is_latin(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= 0xC0 && c <= 0x24F && c != 0xD7 && c != 0xF7);
}
bool is_letter(char32_t c) {
  return is_latin(c) || other_alphabet(c);
}
/// Marks that ride on Latin, Greek and Cyrillic letters, enclosing marks, and variation selectors.
/// Marks of other scripts are vowels there and stay.
bool is_rubbish(char32_t c) {
  return (c >= 0x300 && c <= 0x36F) || (c >= 0x483 && c <= 0x489) || (c >= 0x1AB0 && c <= 0x1AFF) ||
         (c >= 0x1DC0 && c <= 0x1DFF) || (c >= 0x20D0 && c <= 0x20FF) ||
         (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xFE20 && c <= 0xFE2F) ||
         (c >= 0xE0000 && c <= 0xE0FFF);
}

std::string map_utf8(std::string_view text, int options) {
  utf8proc_uint8_t* out = nullptr;
  const utf8proc_ssize_t size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                             static_cast<utf8proc_ssize_t>(text.size()), &out,
                                             static_cast<utf8proc_option_t>(options));
  if (size < 0)
    return std::string{text};  // invalid UTF-8 was replaced before: only memory could be short
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner{out, &std::free};
  return {reinterpret_cast<const char*>(out), static_cast<std::size_t>(size)};
}

/// Cyrillic letters that look Latin in both cases: a word of nothing else is a spoof rather than
/// Russian.
bool alike_in_both_cases(char32_t c) {
  return std::u32string_view{U"аеорсухіјѕкАЕОРСУХІЈЅК"}.find(c) != std::u32string_view::npos;
}

/// Look-alikes become Latin in words that hold a Latin letter or nothing but look-alikes; a Russian
/// word stays Russian.
std::string replace_look_alikes(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  std::u32string word;
  const auto flush = [&] {
    bool latin = false;
    bool all = true;
    for (const char32_t c : word) {
      if (is_latin(c))
        latin = true;
      else if (!alike_in_both_cases(c))
        all = false;
    }
    for (const char32_t c : word) {
      const char as = latin || all ? latin_of(kLookAlikes, c) : char{0};
      if (as != 0)
        out += as;
      else
        append_utf8(out, c);
    }
    word.clear();
  };
  for (std::size_t i = 0; i < text.size();) {
    const CodePoint at = decode_utf8(text, i);
    i += at.length;
    if (is_letter(at.value)) {
      word += at.value;
    } else {
      flush();
      append_utf8(out, at.value);
    }
  }
  flush();
  return out;
}

std::string fold_slowly(std::string_view text) {
  const std::string clean = is_utf8(text) ? std::string{text} : clean_utf8(text);
  const std::string composed =
      map_utf8(clean, UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_IGNORE);
  std::string bare;
  bare.reserve(composed.size());
  for (std::size_t i = 0; i < composed.size();) {
    const CodePoint at = decode_utf8(composed, i);
    if (!is_rubbish(at.value)) {
      const char as = latin_of(kLatinLookAlikes, at.value);
      if (as != 0)
        bare += as;
      else
        bare.append(composed, i, at.length);
    }
    i += at.length;
  }
  const std::string folded =
      map_utf8(replace_look_alikes(bare), UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT |
                                              UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
  std::string out;  // folding İ leaves a dot that composes with nothing
  out.reserve(folded.size());
  for (std::size_t i = 0; i < folded.size();) {
    const CodePoint at = decode_utf8(folded, i);
    if (!is_rubbish(at.value)) out.append(folded, i, at.length);
    i += at.length;
  }
  return out;
}

/// What a code point folds to when it stands alone: up to 7 bytes, or `complex` for what needs the
/// whole text.
struct Folded {
  std::array<char, 7> bytes{};
  std::uint8_t length = 0;
};
constexpr std::uint8_t kComplex = 0xFF;
constexpr char32_t kTabled = 0x2800;

std::vector<Folded> make_fold_table() {
  std::vector<Folded> table(kTabled);
  for (char32_t c = 0; c < kTabled; ++c) {
    Folded& entry = table[c];
    // Scripts with look-alikes and marks depend on their neighbours.
    if (other_alphabet(c) || is_rubbish(c) ||
        utf8proc_get_property(static_cast<utf8proc_int32_t>(c))->combining_class != 0 ||
        (c >= 0x1100 && c <= 0x11FF)) {
      entry.length = kComplex;
      continue;
    }
    std::string one;
    append_utf8(one, c);
    const std::string folded = fold_slowly(one);
    if (folded.size() > entry.bytes.size()) {
      entry.length = kComplex;
      continue;
    }
    std::copy(folded.begin(), folded.end(), entry.bytes.begin());
    entry.length = static_cast<std::uint8_t>(folded.size());
  }
  return table;
}

/// Code points beyond the table that fold to themselves whatever surrounds them: Han, kana, Hangul
/// syllables, emoji.
bool folds_to_itself(char32_t c) {
  return (c >= 0x3005 && c <= 0x3029) || (c >= 0x3041 && c <= 0x3096) ||
         (c >= 0x30A1 && c <= 0x30FA) || (c >= 0x3001 && c <= 0x3002) ||
         (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0xAC00 && c <= 0xD7A3) ||
         (c >= 0x1F300 && c <= 0x1FAFF);
}

/// The run of ASCII from `i` on; its end.
std::size_t fold_ascii(std::string_view text, std::size_t i, std::string& out) {
  const char* const from = text.data() + i;
  const char* const last = text.data() + text.size();
  const char* end = from;
  while (end < last && static_cast<unsigned char>(*end) < 0x80) ++end;
  const std::size_t before = out.size();
  out.resize(before + static_cast<std::size_t>(end - from));
  std::transform(from, end, out.data() + before, [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(static_cast<unsigned char>(c) | 0x20U) : c;
  });
  return i + static_cast<std::size_t>(end - from);
}

/// False where the text needs the slow way.
bool fold_quickly(std::string_view text, std::string& out) {
  static const std::vector<Folded> kTable = make_fold_table();
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x80) {
      i = fold_ascii(text, i, out);
      continue;
    }
    const CodePoint at = decode_utf8(text, i);
    if (!at.ok) return false;
    if (at.value < kTabled) {
      const Folded& entry = kTable[at.value];
      if (entry.length == kComplex) return false;
      out.append(entry.bytes.data(), entry.length);
    } else if (at.value == 0xFE0F) {
      // The emoji selector: frequent, and dropped.
    } else if (folds_to_itself(at.value)) {
      out.append(text.substr(i, at.length));
    } else {
      return false;
    }
    i += at.length;
  }
  return true;
}

}  // namespace

std::string fold(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 8);
  if (fold_quickly(text, out)) return out;
  return fold_slowly(text);
}

bool mixed_script(std::string_view name) {
  bool latin = false;
  bool alike = false;
  for (std::size_t i = 0; i < name.size();) {
    const CodePoint at = decode_utf8(name, i);
    latin = latin || is_latin(at.value);
    alike = alike || latin_of(kLookAlikes, at.value) != 0;
    i += at.length;
  }
  return latin && alike;
}

}  // namespace earshot

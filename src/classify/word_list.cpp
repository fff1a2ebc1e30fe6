#include "word_list.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>

#include "earshot/core/utf8.hpp"
#include "earshot/text/normalise.hpp"

namespace earshot {
namespace {

constexpr std::size_t kReadBytes = 8'192;

bool is_letter(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(unsigned char c) {
  return c >= '0' && c <= '9';
}
bool is_blank(unsigned char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
bool is_name_byte(unsigned char c) {
  return is_letter(c) || is_digit(c) || c == '_';
}
bool is_sign(char32_t c) {
  return (c >= 0x80 && c <= 0xBF && c != 0xAA && c != 0xBA) || (c >= 0x2000 && c <= 0x206F) ||
         (c >= 0x20A0 && c <= 0x2BFF) || (c >= 0x3000 && c <= 0x303F) ||
         (c >= 0xFF00 && c <= 0xFF0F) || c >= 0x1F000 || c == 0xFF01 || c == 0xFF1F;
}
bool is_unspaced(char32_t c) {
  return (c >= 0x3040 && c <= 0x30FF) || (c >= 0x3400 && c <= 0x9FFF) ||
         (c >= 0x0E00 && c <= 0x0E7F);
}

/// Base letters of U+00C0..U+017F: "é" -> "e", "ø" -> "o".
const std::vector<std::string>& base_letters() {
  static const std::vector<std::string> kTable = [] {
    std::vector<std::string> table(0x180);
    for (char32_t c = 0xC0; c < 0x180; ++c) {
      std::array<utf8proc_int32_t, 8> parts{};
      int boundary = 0;
      const auto count = utf8proc_decompose_char(static_cast<utf8proc_int32_t>(c), parts.data(),
                                                 parts.size(), UTF8PROC_DECOMPOSE, &boundary);
      append_utf8(table[c], count > 0 ? static_cast<char32_t>(parts[0]) : c);
    }
    table[0xE6] = "ae", table[0xF8] = "o", table[0x111] = "d", table[0x142] = "l",
    table[0x153] = "oe", table[0x131] = "i";
    return table;
  }();
  return kTable;
}

void append_plain(std::string& out, char32_t c) {
  if (c >= 0xC0 && c < 0x180 && c != 0xD7 && c != 0xF7)
    out += base_letters()[c];
  else
    append_utf8(out, c);
}

/// Short words that French, Italian and Catalan glue to the next one with an apostrophe.
bool elides(std::string_view word) {
  static constexpr std::array<std::string_view, 22> kElided{
      "l",    "d",   "j",    "n",    "m",     "t",      "s",     "c",      "qu",  "un",  "dell",
      "nell", "all", "dall", "sull", "quest", "lorsqu", "jusqu", "puisqu", "com", "cos", "quell"};
  return std::find(kElided.begin(), kElided.end(), word) != kElided.end();
}

/// Letters that digits and signs stand for inside a word.
char unmasked(char c) {
  switch (c) {
    case '0':
      return 'o';
    case '1':
    case '!':
      return 'i';
    case '3':
      return 'e';
    case '4':
    case '@':
      return 'a';
    case '5':
    case '$':
      return 's';
    case '7':
      return 't';
    default:
      return c;
  }
}

/// "sc4mmers" -> "scammers"; "5g", "b2b", "mp3" and "covid19" stay.
void unmask(std::string& word) {
  if (word.size() < 3 || !is_letter(static_cast<unsigned char>(word[0]))) return;
  bool any = false;
  std::size_t letters = 0;
  for (const char letter : word) {
    const auto c = static_cast<unsigned char>(letter);
    if (c >= 0x80) return;
    if (is_letter(c))
      ++letters;
    else
      any = true;
    if (is_digit(c) && unmasked(letter) == letter) return;
  }
  const bool ends_in_digits = is_digit(static_cast<unsigned char>(word.back()));
  if (!any || letters < 2 || (ends_in_digits && letters + 1 < word.size())) return;
  for (char& c : word) c = unmasked(c);
}

}  // namespace

bool is_among(std::string_view word, std::string_view list) {
  if (word.empty()) return false;
  for (std::size_t at = list.find(word); at != std::string_view::npos;
       at = list.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || list[at - 1] == ' ') && (end == list.size() || list[end] == ' ')) return true;
  }
  return false;
}

std::uint64_t word_hash(std::string_view word) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  for (const char c : word) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return hash;
}

WordSet::WordSet(std::string_view list) {
  while (!list.empty()) {
    const std::size_t end = list.find(' ');
    const std::string_view word = list.substr(0, end);
    list = end == std::string_view::npos ? std::string_view{} : list.substr(end + 1);
    if (word.empty()) continue;
    const std::uint64_t hash = word_hash(word);
    sieve_[(hash >> 6U) & 7U] |= std::uint64_t{1} << (hash & 63U);
    hashes_.push_back(hash);
  }
  std::sort(hashes_.begin(), hashes_.end());
}

bool WordSet::holds(std::uint64_t hash) const {
  return std::binary_search(hashes_.begin(), hashes_.end(), hash);
}

std::string plain_spelling(std::string_view text) {
  const std::string folded = fold(text);
  std::string out;
  out.reserve(folded.size());
  for (std::size_t i = 0; i < folded.size();) {
    const CodePoint at = decode_utf8(folded, i);
    append_plain(out, at.value);
    i += at.length;
  }
  return out;
}

WordList::WordList(std::string_view text) : text_(cut_utf8(text, kReadBytes)) {
  letters_.reserve(text_.size() + 16);
  words_.reserve(text_.size() / 5 + 8);
  bool unspaced = false;
  for (std::size_t i = 0; i < text_.size();) {
    const auto c = static_cast<unsigned char>(text_[i]);
    if (is_blank(c)) {
      if (c == '\n') ++sentence_, ++clause_;
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < text_.size() && !is_blank(static_cast<unsigned char>(text_[end]))) {
      if (static_cast<unsigned char>(text_[end]) >= 0xE0 && !unspaced)
        unspaced = is_unspaced(decode_utf8(text_, end).value);
      ++end;
    }
    chunk(i, end);
    i = end;
  }
  if (unspaced) unspaced_ = plain_spelling(text_);
}

namespace {
/// "s.e.r.v.i.c.e", "j-o-k-e": single letters with one and the same sign between them.
std::string spelt_out(std::string_view raw) {
  std::string word;
  if (raw.size() < 3) return word;
  const char sign = raw[1];
  if (sign != '.' && sign != '-' && sign != '_' && sign != '*') return word;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (i % 2 == 0 ? !is_letter(static_cast<unsigned char>(raw[i])) : raw[i] != sign) return {};
    if (i % 2 == 0) word += static_cast<char>(static_cast<unsigned char>(raw[i]) | 0x20U);
  }
  return word;
}
}  // namespace

void WordList::chunk(std::size_t begin, std::size_t end) {
  const std::string_view raw = text_.substr(begin, end - begin);
  const bool sign_second = raw.size() >= 3 && !is_letter(static_cast<unsigned char>(raw[1]));
  if (const std::string word = sign_second ? spelt_out(raw) : std::string{}; !word.empty()) {
    Word whole;
    whole.begin = static_cast<std::uint32_t>(begin);
    whole.end = static_cast<std::uint32_t>(end);
    return add(whole, word);
  }
  const bool ascii = std::all_of(raw.begin(), raw.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (ascii) return read(raw, begin, end, true);
  const std::string folded = fold(raw);
  read(folded, begin, end, folded.size() == raw.size());
}

void WordList::add(Word word, std::string_view letters) {
  if (letters.empty()) return;
  word.at = static_cast<std::uint32_t>(letters_.size());
  word.length = static_cast<std::uint32_t>(letters.size());
  word.hash = word_hash(letters);
  word.sentence = sentence_;
  word.clause = clause_;
  letters_ += letters;
  words_.push_back(word);
}

/// A word of ASCII letters alone, as most are: to its end, or `from` where there is more to it.
std::size_t WordList::read_plain(std::string_view folded, std::size_t from, std::size_t begin,
                                 std::size_t end, bool exact) {
  const auto* const at = reinterpret_cast<const unsigned char*>(folded.data());
  const std::size_t size = folded.size();
  std::size_t stop = from;
  while (stop < size && is_letter(at[stop])) ++stop;
  if (stop == from) return from;
  if (stop < size) {
    const unsigned char next = at[stop];
    if (next >= 0x80 || next == '\'' || is_digit(next)) return from;
    const bool letter_follows = stop + 1 < size && is_letter(at[stop + 1]);
    if (letter_follows && (next == '@' || next == '$' || next == '!')) return from;
    // A link: "http://", "https://", "www."
    const unsigned char first = at[from];
    if ((next == ':' && first == 'h') || (next == '.' && first == 'w')) return from;
  }
  Word word;
  word.at = static_cast<std::uint32_t>(letters_.size());
  word.length = static_cast<std::uint32_t>(stop - from);
  word.begin = static_cast<std::uint32_t>(exact ? begin + from : begin);
  word.end = static_cast<std::uint32_t>(exact ? begin + stop : end);
  word.hash = word_hash("");
  letters_.resize(letters_.size() + (stop - from));
  char* out = letters_.data() + word.at;
  for (std::size_t i = from; i < stop; ++i) {
    const unsigned char small = at[i] | 0x20U;
    word.hash = (word.hash ^ small) * 0x100000001B3ULL;
    *out++ = static_cast<char>(small);
  }
  word.sentence = sentence_;
  word.clause = clause_;
  word.tag = from > 0 && at[from - 1] == '#';
  const auto shown = static_cast<unsigned char>(text_[word.begin]);
  word.capital = shown >= 'A' && shown <= 'Z';
  words_.push_back(word);
  return stop;
}

void WordList::read(std::string_view folded, std::size_t begin, std::size_t end, bool exact) {
  const auto span = [&](Word& word, std::size_t from, std::size_t to) {
    word.begin = static_cast<std::uint32_t>(exact ? begin + from : begin);
    word.end = static_cast<std::uint32_t>(exact ? begin + to : end);
    const auto first = static_cast<unsigned char>(text_[word.begin]);
    word.capital = first >= 'A' && first <= 'Z';
  };
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(folded[i]); };
  std::string letters;
  const auto is_mail = [folded] {
    const std::size_t first_at = folded.find('@');
    return first_at != std::string_view::npos &&
           folded.find('.', first_at) != std::string_view::npos;
  };
  for (std::size_t i = 0; i < folded.size();) {
    if (const std::size_t stop = read_plain(folded, i, begin, end, exact); stop > i) {
      i = stop;
      continue;
    }
    Word word;
    const std::size_t start = i;
    if (folded.substr(i).starts_with("http://") || folded.substr(i).starts_with("https://") ||
        folded.substr(i).starts_with("www.")) {
      word.link = true;
      span(word, i, folded.size());
      add(word, "\x02");
      return;
    }
    if (at(i) == '@' && i + 1 < folded.size() && is_name_byte(at(i + 1)) &&
        (i == 0 || !is_name_byte(at(i - 1)))) {
      std::size_t stop = i + 1;
      while (stop < folded.size() &&
             (is_name_byte(at(stop)) || ((at(stop) == '@' || at(stop) == '.' || at(stop) == '-') &&
                                         stop + 1 < folded.size() && is_name_byte(at(stop + 1))))) {
        ++stop;
      }
      word.handle = true;
      span(word, i, stop);
      add(word, to_lower_ascii(folded.substr(i + 1, stop - i - 1)));
      i = stop;
      continue;
    }
    letters.clear();
    bool digits = false;
    bool others = false;
    while (i < folded.size()) {
      const auto c = at(i);
      if (is_letter(c) || is_digit(c)) {
        letters += static_cast<char>(is_letter(c) ? c | 0x20U : c);
        (is_digit(c) ? digits : others) = true;
        ++i;
      } else if ((c == '@' || c == '$' || c == '!') && i > start && i + 1 < folded.size() &&
                 is_letter(at(i + 1)) && others && !is_mail()) {
        letters += static_cast<char>(c);
        ++i;
      } else if ((c == ',' || c == '.') && digits && !others && i + 1 < folded.size() &&
                 is_digit(at(i + 1))) {
        ++i;
      } else if (c >= 0x80) {
        const CodePoint point = decode_utf8(folded, i);
        if (point.value == 0x2019 || point.value == 0x2018) {
          if (letters.empty() || elides(letters)) break;
          i += point.length;
          const bool last = i < folded.size() && (at(i) | 0x20U) == 's' &&
                            (i + 1 == folded.size() || !is_letter(at(i + 1)));
          if (last) {
            word.possessive = true;
            ++i;
            break;
          }
          continue;
        }
        if (is_sign(point.value)) break;
        append_plain(letters, point.value);
        others = true;
        i += point.length;
      } else if (c == '\'' && !letters.empty() && i + 1 < folded.size() && is_letter(at(i + 1))) {
        if (elides(letters)) break;
        ++i;
        if ((at(i) | 0x20U) == 's' && (i + 1 == folded.size() || !is_letter(at(i + 1)))) {
          word.possessive = true;
          ++i;
          break;
        }
      } else {
        break;
      }
    }
    if (!letters.empty()) {
      word.number = digits && !others;
      word.tag = start > 0 && at(start - 1) == '#';
      unmask(letters);
      span(word, start, i);
      add(word, letters);
      continue;
    }
    // A sign between words. A full stop ends a sentence where a blank follows.
    const CodePoint point = at(i) < 0x80 ? CodePoint{at(i), 1, true} : decode_utf8(folded, i);
    i += point.length;
    const char32_t c = point.value;
    if (c == '!' || c == '?' || c == 0x2026 || c == 0x3002 || c == 0xFF01 || c == 0xFF1F ||
        (c == '.' && i == folded.size()))
      ++sentence_, ++clause_;
    else if (c == ',' || c == ';' || c == ':' || c == '(' || c == ')' || c == 0x2013 ||
             c == 0x2014 || (c == '-' && folded.size() == 1))
      ++clause_;
  }
}

}  // namespace earshot

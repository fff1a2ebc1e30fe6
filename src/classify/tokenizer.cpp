#include "tokenizer.hpp"

#include <algorithm>
#include <array>

#include "earshot/core/utf8.hpp"
#include "earshot/text/normalise.hpp"
#include "letters.hpp"

namespace earshot {

std::uint64_t feature_hash(std::string_view bytes, std::uint64_t seed) {
  std::uint64_t hash = seed;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return mix_hash(hash);
}

namespace {

constexpr std::size_t kReadBytes =
    8'192;  ///< of a text: a mail says what it wants by then, and cost is bounded

using namespace letters;

/// Reads one text into tokens.
class Tokenizer {
 public:
  Tokenizer(std::string_view text, bool keep_handles, Tokens& work)
      : text_(text), work_(work), keep_handles_(keep_handles) {}

  void run() {
    work_.letters.clear();
    work_.list.clear();
    work_.counts = {};
    for (std::size_t i = 0; i < text_.size();) {
      const auto c = byte(i);
      if (is_blank(c))
        ++i;
      else
        i = chunk(i);
    }
    join_single_letters();
  }

 private:
  unsigned char byte(std::size_t i) const { return static_cast<unsigned char>(text_[i]); }

  /// A run without blanks: as it stands where it is ASCII, else its folded view, whose tokens all
  /// stand for the whole run unless folding changed nothing.
  std::size_t chunk(std::size_t from) {
    std::size_t end = from;
    std::uint32_t letters = 0;
    std::uint32_t capitals = 0;
    std::uint32_t digits = 0;
    bool ascii = true;
    for (; end < text_.size(); ++end) {
      const unsigned char c = byte(end);
      const unsigned char small = c | 0x20U;
      if (small >= 'a' && small <= 'z') {
        ++letters;
        capitals += small != c ? 1U : 0U;
      } else if (is_digit(c)) {
        ++digits;
      } else if (c >= 0x80) {
        ascii = false;
      } else if (is_blank(c)) {
        break;
      }
    }
    const std::string_view whole = text_.substr(from, end - from);
    TextCounts& n = work_.counts;
    n.letters += letters;
    n.capitals += capitals;
    n.digits += digits;
    n.shouted +=
        letters >= 3 && letters == capitals && whole[0] != '@' && whole[0] != '#' ? 1U : 0U;
    if (ascii) {
      read(whole, from, true, from, end);
    } else {
      const std::string folded = fold(whole);
      read(folded, from, folded.size() == whole.size(), from, end);
    }
    return end;
  }

  void read(std::string_view s, std::size_t base, bool exact, std::size_t from, std::size_t to) {
    const auto begin_of = [&](std::size_t i) {
      return static_cast<std::uint32_t>(exact ? base + i : from);
    };
    const auto end_of = [&](std::size_t i) {
      return static_cast<std::uint32_t>(exact ? base + i : to);
    };
    for (std::size_t i = 0; i < s.size();) {
      const auto c = static_cast<unsigned char>(s[i]);
      const std::size_t start = i;
      if (const std::size_t link = link_length(s, i); link > 0) {
        i += link;
        ++work_.counts.links;
        add(Kind::link, feature_hash("\x02", kWordSeed), begin_of(start), end_of(i));
      } else if (c == '@' && i + 1 < s.size() &&
                 is_name_byte(static_cast<unsigned char>(s[i + 1])) &&
                 (i == 0 || !is_name_byte(static_cast<unsigned char>(s[i - 1])))) {
        i = handle(s, i);
        if (!keep_handles_) continue;
        work_.counts.leading_handle = work_.counts.leading_handle || work_.list.empty();
        ++work_.counts.handles;
        add(Kind::handle, feature_hash("\x01", kWordSeed), begin_of(start), end_of(i));
      } else if (c == '&' && s.substr(i).starts_with("&amp;")) {
        i += 5;
        add(Kind::sign, feature_hash("&", kWordSeed), begin_of(start), end_of(i));
      } else if (is_ascii_letter(c) || is_digit(c) || (c >= 0x80 && is_word_at(s, i))) {
        i = word(s, i, begin_of, end_of);
      } else {
        i = sign(s, i, begin_of, end_of);
      }
    }
  }

  static std::size_t link_length(std::string_view s, std::size_t i) {
    const auto c = static_cast<unsigned char>(s[i]);
    if (c != 'h' && c != 'H' && c != 'w' && c != 'W' && c != 'p') return 0;
    if (i > 0 && is_name_byte(static_cast<unsigned char>(s[i - 1]))) return 0;
    if (i + 1 >= s.size()) return 0;
    const unsigned char next = static_cast<unsigned char>(s[i + 1]) | 0x20U;
    if (next != 't' && next != 'w' && next != 'i') return 0;
    const std::string_view rest = s.substr(i);
    const auto starts = [&](std::string_view with) {
      return rest.size() > with.size() &&
             std::equal(with.begin(), with.end(), rest.begin(), [](char small, char given) {
               const bool capital = given >= 'A' && given <= 'Z';
               return small == (capital ? static_cast<char>(given | 0x20) : given);
             });
    };
    if (!starts("http://") && !starts("https://") && !starts("www.") && !starts("pic.twitter.com"))
      return 0;
    std::size_t n = 0;
    while (n < rest.size() && rest[n] != '"' && rest[n] != '<' && rest[n] != '>') ++n;
    return n;
  }

  static std::size_t handle(std::string_view s, std::size_t i) {
    ++i;
    while (i < s.size() && is_name_byte(static_cast<unsigned char>(s[i]))) ++i;
    // @name@host.example and @name.host.example
    while (i + 1 < s.size() && (s[i] == '@' || s[i] == '.' || s[i] == '-') &&
           is_name_byte(static_cast<unsigned char>(s[i + 1]))) {
      ++i;
      while (i < s.size() && is_name_byte(static_cast<unsigned char>(s[i]))) ++i;
    }
    return i;
  }

  static bool is_word_at(std::string_view s, std::size_t i) {
    const char32_t c = decode_utf8(s, i).value;
    return !is_picture(c) && !is_foreign_sign(c) && !is_alone(c);
  }

  /// A word of ASCII letters alone, as most are: to its end, or `start` where there is more to it.
  template <class B, class E>
  std::size_t plain_word(std::string_view s, std::size_t start, const B& begin_of,
                         const E& end_of) {
    const auto* const at = reinterpret_cast<const unsigned char*>(s.data());
    std::array<char, kWordBytes> letters{};
    std::size_t length = 0;
    std::size_t repeats = 0;
    unsigned char last = 0;
    std::uint64_t hash = kWordSeed;
    std::size_t i = start;
    for (; i < s.size() && is_ascii_letter(at[i]); ++i) {
      const unsigned char small = at[i] | 0x20U;
      repeats = small == last ? repeats + 1 : 1;
      last = small;
      if (repeats > 2 || length == kWordBytes) continue;
      letters[length++] = static_cast<char>(small);
      hash = (hash ^ small) * 0x100000001B3ULL;
    }
    if (i == start) return start;
    if (i < s.size()) {
      const unsigned char c = at[i];
      if (c >= 0x80 || is_digit(c)) return start;
      const bool joins = c == '\'' || c == '@' || c == '$' || c == '*' || c == '!';
      if (joins && i + 1 < s.size() && is_ascii_letter(at[i + 1])) return start;
    }
    work_.list.push_back({mix_hash(hash), begin_of(start), end_of(i),
                          static_cast<std::uint32_t>(work_.letters.size()),
                          static_cast<std::uint32_t>(length), Kind::word, false});
    work_.letters.append(letters.data(), length);
    ++work_.counts.words;
    return i;
  }

  template <class B, class E>
  std::size_t word(std::string_view s, std::size_t i, const B& begin_of, const E& end_of) {
    const std::size_t start = i;
    if (const std::size_t end = plain_word(s, start, begin_of, end_of); end > start) return end;
    const std::size_t at = work_.letters.size();
    bool digit = false;
    bool letter = false;
    bool leet = false;
    char last = 0;
    std::size_t repeats = 0;
    while (i < s.size()) {
      const auto c = static_cast<unsigned char>(s[i]);
      std::size_t length = 1;
      char as = static_cast<char>(c | 0x20U);
      if (is_digit(c)) {
        as = '0', digit = true;
      } else if (is_ascii_letter(c)) {
        letter = true;
      } else if (c == '\'' && i > start && i + 1 < s.size() &&
                 is_ascii_letter(static_cast<unsigned char>(s[i + 1]))) {
        as = '\'';
      } else if ((c == '@' || c == '$' || c == '*' || c == '!') && i > start && letter &&
                 i + 1 < s.size() && is_ascii_letter(static_cast<unsigned char>(s[i + 1]))) {
        as = static_cast<char>(c), leet = true;
      } else if (c >= 0x80) {
        const CodePoint point = decode_utf8(s, i);
        length = point.length;
        if (is_quote(point.value)) {
          if (i + length >= s.size() || !is_ascii_letter(static_cast<unsigned char>(s[i + length])))
            break;
          as = '\'';
        } else if (is_picture(point.value) || is_foreign_sign(point.value) ||
                   is_alone(point.value)) {
          break;
        } else {
          if (work_.letters.size() - at + length <= kWordBytes)
            work_.letters.append(s.substr(i, length));
          letter = true, last = 0, repeats = 0;
          i += length;
          continue;
        }
      } else {
        break;
      }
      repeats = as == last ? repeats + 1 : 1;
      last = as;
      const std::size_t most = as == '0' ? 4 : 2;
      if (repeats <= most && work_.letters.size() - at < kWordBytes) work_.letters += as;
      i += length;
    }
    const std::size_t length = work_.letters.size() - at;
    push_word(at, length, begin_of(start), end_of(i), false);
    ++work_.counts.words;
    if (letter && (digit || leet)) unmask(s.substr(start, i - start), begin_of(start), end_of(i));
    return i;
  }

  void push_word(std::size_t at, std::size_t length, std::uint32_t begin, std::uint32_t end,
                 bool extra) {
    const std::uint64_t hash =
        feature_hash(std::string_view{work_.letters}.substr(at, length), kWordSeed);
    work_.list.push_back({hash, begin, end, static_cast<std::uint32_t>(at),
                          static_cast<std::uint32_t>(length), Kind::word, extra});
  }

  /// "sc4mmers" is also read as "scammers": the second view shares the plain word's features.
  void unmask(std::string_view raw, std::uint32_t begin, std::uint32_t end) {
    if (raw.size() < 3 || raw.size() > kWordBytes) return;
    const std::size_t at = work_.letters.size();
    for (const char c : raw) {
      char as = static_cast<char>(static_cast<unsigned char>(c) | 0x20U);
      switch (c) {
        case '0':
          as = 'o';
          break;
        case '1':
        case '!':
          as = 'i';
          break;
        case '3':
          as = 'e';
          break;
        case '4':
        case '@':
          as = 'a';
          break;
        case '5':
        case '$':
          as = 's';
          break;
        case '7':
          as = 't';
          break;
        case '*':
          as = 'i';
          break;
        default:
          break;
      }
      if (is_digit(static_cast<unsigned char>(as))) {
        work_.letters.resize(at);
        return;
      }
      work_.letters += as;
    }
    push_word(at, work_.letters.size() - at, begin, end, true);
  }

  template <class B, class E>
  std::size_t sign(std::string_view s, std::size_t i, const B& begin_of, const E& end_of) {
    const std::size_t start = i;
    TextCounts& n = work_.counts;
    const bool ascii = static_cast<unsigned char>(s[i]) < 0x80;
    const CodePoint point =
        ascii ? CodePoint{static_cast<unsigned char>(s[i]), 1, true} : decode_utf8(s, i);
    std::size_t run = 0;
    while (run < 64 && i < s.size() && s[i] == s[start] &&
           s.substr(i).starts_with(s.substr(start, point.length))) {
      i += point.length;
      ++run;
    }
    const auto many = static_cast<std::uint32_t>(run);
    if (point.value == '!')
      n.exclamations += many;
    else if (point.value == '?')
      n.questions += many;
    else if (point.value == '.')
      n.dots += run > 1 ? 1U : 0U;
    else if (point.value == '#')
      ++n.tags;
    else if (point.value == '$' || point.value == 0xA3 ||
             (point.value >= 0x20A0 && point.value <= 0x20CF))
      ++n.currency;
    else if (is_picture(point.value)) {
      n.emoji += many;
      n.grudges += is_grudge(point.value) ? many : 0U;
      n.delights += is_delight(point.value) ? many : 0U;
    }
    // Three thumbs are a thumb, and said louder (style_features); "!!!" is another sign than "!".
    const bool one = is_alone(point.value) || is_picture(point.value);
    const std::uint64_t hash = feature_hash(
        s.substr(start, point.length * std::min<std::size_t>(run, one ? 1 : 3)), kWordSeed);
    add(Kind::sign, hash, begin_of(start), end_of(i));
    return i;
  }

  void add(Kind kind, std::uint64_t hash, std::uint32_t begin, std::uint32_t end) {
    work_.list.push_back({hash, begin, end, 0, 0, kind, false});
  }

  /// "s.e.r.v.i.c.e" and "b r o k e n": runs of four or more single letters are also read as one
  /// word.
  void join_single_letters() {
    const std::size_t count = work_.list.size();
    for (std::size_t i = 0; i < count;) {
      std::size_t letters = 0;
      std::size_t j = i;
      std::size_t last = i;
      for (; j < count; ++j) {
        const Token& token = work_.list[j];
        const bool single = token.kind == Kind::word && token.length == 1 &&
                            work_.letters[token.at] != '0' && !token.extra;
        const bool filler = token.kind == Kind::sign && letters > 0 && token.end - token.begin == 1;
        if (single)
          ++letters, last = j;
        else if (!filler)
          break;
      }
      if (letters >= 4) {
        const std::size_t at = work_.letters.size();
        for (std::size_t k = i; k <= last; ++k) {
          if (work_.list[k].kind == Kind::word && work_.letters.size() - at < kWordBytes)
            work_.letters += work_.letters[work_.list[k].at];
        }
        push_word(at, work_.letters.size() - at, work_.list[i].begin, work_.list[last].end, true);
      }
      i = std::max(j, i + 1);
    }
  }

  std::string_view text_;
  Tokens& work_;
  bool keep_handles_;
};

}  // namespace

void tokenize(std::string_view text, bool keep_handles, const NameTable* names, Tokens& out) {
  out.letters.clear();
  out.list.clear();
  out.counts = {};
  Tokenizer{cut_utf8(text, kReadBytes), keep_handles, out}.run();
  if (names != nullptr) names->replace(out);
}

}  // namespace earshot

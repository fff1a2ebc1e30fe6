#include "earshot/classify/features.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <unordered_map>

#include "earshot/core/utf8.hpp"
#include "earshot/text/normalise.hpp"
#include "word_classes.hpp"

namespace earshot {
namespace {

constexpr std::size_t kReadBytes =
    8'192;  ///< of a text: a mail says what it wants by then, and cost is bounded
constexpr std::size_t kWordBytes = 40;  ///< of a word
constexpr std::uint64_t kPrime = 0x9E3779B97F4A7C15ULL;

std::uint64_t step(std::uint64_t hash, unsigned char byte) {
  return (hash ^ byte) * 0x100000001B3ULL;
}
std::uint64_t finish(std::uint64_t hash) {
  hash ^= hash >> 29U;
  hash *= 0xBF58476D1CE4E5B9ULL;
  return hash ^ (hash >> 32U);
}
std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t seed) {
  std::uint64_t hash = seed;
  for (const char c : bytes) hash = step(hash, static_cast<unsigned char>(c));
  return finish(hash);
}
constexpr std::uint64_t kWordSeed = 0xCBF29CE484222325ULL;
constexpr std::uint64_t kPieceSeed = 0x84222325CBF29CE4ULL;
constexpr std::uint64_t kStyleSeed = 0x51ED270B7F4A7C15ULL;

enum class Kind : std::uint8_t { word, sign, handle, link };

struct Token {
  std::uint64_t hash;
  std::uint32_t begin, end;  ///< in the original text
  std::uint32_t at, length;  ///< in Work::letters
  std::uint16_t classes;
  Kind kind;
  bool extra;  ///< a second view of a word: no bigrams
};

struct Counts {
  std::uint32_t letters = 0, capitals = 0, exclamations = 0, questions = 0, handles = 0, links = 0,
                digits = 0, emoji = 0, currency = 0, dots = 0, tags = 0, words = 0, shouted = 0;
  bool leading_handle = false;
};

/// Everything a pass needs; one per thread, kept warm.
struct Work {
  std::string letters;  ///< normalised words, one after the other
  std::vector<Token> tokens;
  Counts counts;
  std::vector<std::uint8_t> stamps;
  std::uint8_t epoch = 0;

  void next_epoch(std::size_t buckets) {
    if (stamps.size() != buckets) {
      stamps.assign(buckets, 0);
      epoch = 0;
    }
    if (++epoch == 0) {
      std::fill(stamps.begin(), stamps.end(), std::uint8_t{0});
      epoch = 1;
    }
  }
};

Work& work_of_thread() {
  thread_local Work work;
  return work;
}

const std::unordered_map<std::uint64_t, std::uint16_t>& class_table() {
  static const auto kTable = [] {
    std::unordered_map<std::uint64_t, std::uint16_t> table;
    for (const ClassWords& group : kClassWords) {
      std::string_view rest{group.words};
      while (!rest.empty()) {
        const std::size_t end = rest.find(' ');
        table[hash_bytes(rest.substr(0, end), kWordSeed)] |= group.of;
        rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
      }
    }
    return table;
  }();
  return kTable;
}

/// The same in an open table: one probe a word.
class ClassLookup {
 public:
  ClassLookup() : cells_(4096) {
    for (const auto& [hash, classes] : class_table()) {
      std::size_t at = hash % cells_.size();
      while (cells_[at].hash != 0) at = (at + 1) % cells_.size();
      cells_[at] = {hash, classes};
    }
  }
  std::uint16_t operator()(std::uint64_t hash) const {
    for (std::size_t at = hash % cells_.size(); cells_[at].hash != 0;
         at = (at + 1) % cells_.size()) {
      if (cells_[at].hash == hash) return cells_[at].classes;
    }
    return 0;
  }

 private:
  struct Cell {
    std::uint64_t hash = 0;
    std::uint16_t classes = 0;
  };
  std::vector<Cell> cells_;
};

bool is_digit(unsigned char c) {
  return c >= '0' && c <= '9';
}
bool is_ascii_letter(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_blank(unsigned char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
bool is_name_byte(unsigned char c) {
  return is_ascii_letter(c) || is_digit(c) || c == '_';
}

/// Han and kana stand alone as words; emoji and other pictures, too.
bool is_alone(char32_t c) {
  return (c >= 0x3040 && c <= 0x30FF) || (c >= 0x3400 && c <= 0x4DBF) ||
         (c >= 0x4E00 && c <= 0x9FFF);
}
bool is_picture(char32_t c) {
  return (c >= 0x2190 && c <= 0x2BFF) || c >= 0x1F000 || c == 0xFFFD || c == 0x203C || c == 0x2049;
}
bool is_foreign_sign(char32_t c) {
  return (c >= 0x80 && c <= 0xBF && c != 0xAA && c != 0xB5 && c != 0xBA) ||
         (c >= 0x2000 && c <= 0x206F) || (c >= 0x20A0 && c <= 0x20CF) ||
         (c >= 0x3000 && c <= 0x303F) || (c >= 0xFF00 && c <= 0xFF0F);
}
bool is_quote(char32_t c) {
  return c == 0x2018 || c == 0x2019 || c == 0x02BC;
}

/// Reads one text into tokens.
class Tokenizer {
 public:
  Tokenizer(std::string_view text, Work& work) : text_(text), work_(work) {
    static const ClassLookup kClasses;
    classes_ = &kClasses;
  }

  void run() {
    work_.letters.clear();
    work_.tokens.clear();
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
    bool ascii = true;
    while (end < text_.size() && !is_blank(byte(end))) {
      ascii = ascii && byte(end) < 0x80;
      ++end;
    }
    const std::string_view whole = text_.substr(from, end - from);
    count_letters(whole);
    if (ascii) {
      read(whole, from, true, from, end);
    } else {
      const std::string folded = fold(whole);
      read(folded, from, folded.size() == whole.size(), from, end);
    }
    return end;
  }

  void count_letters(std::string_view chunk) {
    Counts& n = work_.counts;
    std::uint32_t letters = 0;
    std::uint32_t capitals = 0;
    for (const char c : chunk) {
      const auto b = static_cast<unsigned char>(c);
      letters += is_ascii_letter(b) ? 1U : 0U;
      capitals += b >= 'A' && b <= 'Z' ? 1U : 0U;
      n.digits += is_digit(b) ? 1U : 0U;
    }
    n.letters += letters;
    n.capitals += capitals;
    n.shouted +=
        letters >= 3 && letters == capitals && chunk[0] != '@' && chunk[0] != '#' ? 1U : 0U;
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
        add(Kind::link, hash_bytes("\x02", kWordSeed), begin_of(start), end_of(i));
      } else if (c == '@' && i + 1 < s.size() &&
                 is_name_byte(static_cast<unsigned char>(s[i + 1])) &&
                 (i == 0 || !is_name_byte(static_cast<unsigned char>(s[i - 1])))) {
        i = handle(s, i);
        work_.counts.leading_handle = work_.counts.leading_handle || work_.tokens.empty();
        ++work_.counts.handles;
        add(Kind::handle, hash_bytes("\x01", kWordSeed), begin_of(start), end_of(i));
      } else if (c == '&' && s.substr(i).starts_with("&amp;")) {
        i += 5;
        add(Kind::sign, hash_bytes("&", kWordSeed), begin_of(start), end_of(i));
      } else if (is_ascii_letter(c) || is_digit(c) || (c >= 0x80 && is_word_at(s, i))) {
        i = word(s, i, begin_of, end_of);
      } else {
        i = sign(s, i, begin_of, end_of);
      }
    }
  }

  static std::size_t link_length(std::string_view s, std::size_t i) {
    const unsigned char c = static_cast<unsigned char>(s[i]);
    if (c != 'h' && c != 'H' && c != 'w' && c != 'W' && c != 'p') return 0;
    if (i > 0 && is_name_byte(static_cast<unsigned char>(s[i - 1]))) return 0;
    const std::string_view rest = s.substr(i);
    const auto starts = [&](std::string_view with) {
      return rest.size() > with.size() && equals_ignoring_case(rest.substr(0, with.size()), with);
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

  template <class B, class E>
  std::size_t word(std::string_view s, std::size_t i, const B& begin_of, const E& end_of) {
    const std::size_t start = i;
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
        hash_bytes(std::string_view{work_.letters}.substr(at, length), kWordSeed);
    work_.tokens.push_back({hash, begin, end, static_cast<std::uint32_t>(at),
                            static_cast<std::uint32_t>(length), (*classes_)(hash), Kind::word,
                            extra});
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
    Counts& n = work_.counts;
    const CodePoint point = decode_utf8(s, i);
    std::size_t run = 0;
    while (run < 64 && i < s.size() && s.substr(i).starts_with(s.substr(start, point.length))) {
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
    else if (is_picture(point.value))
      n.emoji += many;
    const std::uint64_t hash = hash_bytes(
        s.substr(start, point.length * std::min<std::size_t>(run, is_alone(point.value) ? 1 : 3)),
        kWordSeed);
    add(Kind::sign, hash, begin_of(start), end_of(i));
    return i;
  }

  void add(Kind kind, std::uint64_t hash, std::uint32_t begin, std::uint32_t end) {
    work_.tokens.push_back({hash, begin, end, 0, 0, 0, kind, false});
  }

  /// "s.e.r.v.i.c.e" and "b r o k e n": runs of four or more single letters are also read as one
  /// word.
  void join_single_letters() {
    const std::size_t count = work_.tokens.size();
    for (std::size_t i = 0; i < count;) {
      std::size_t letters = 0;
      std::size_t j = i;
      std::size_t last = i;
      for (; j < count; ++j) {
        const Token& token = work_.tokens[j];
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
          if (work_.tokens[k].kind == Kind::word && work_.letters.size() - at < kWordBytes)
            work_.letters += work_.letters[work_.tokens[k].at];
        }
        push_word(at, work_.letters.size() - at, work_.tokens[i].begin, work_.tokens[last].end,
                  true);
      }
      i = std::max(j, i + 1);
    }
  }

  std::string_view text_;
  Work& work_;
  const ClassLookup* classes_ = nullptr;
};

constexpr const char* kLengthName = "the length of the text";

/// Named style facts with a value that is cut into steps.
template <class Sink>
void style_features(const Work& work, const Sink& sink) {
  const Counts& n = work.counts;
  const auto fact = [&](const char* name, std::uint64_t id, std::uint64_t value) {
    sink(finish((kStyleSeed ^ (id * kPrime)) + value * 0xD6E8FEB86659FD93ULL), name);
  };
  const auto steps = [](std::uint64_t v) -> std::uint64_t {
    return v < 3 ? v : (v < 5 ? 3 : (v < 9 ? 4 : 5));
  };
  const std::uint64_t share = n.letters == 0 ? 0 : std::uint64_t{n.capitals} * 10 / n.letters;
  fact("capital letters", 1, share);
  fact("exclamation marks", 2, steps(n.exclamations));
  fact("question marks", 3, steps(n.questions));
  fact("an @name", 4, steps(n.handles));
  fact("a link", 5, steps(n.links));
  fact("an @name in front", 6, n.leading_handle ? 1 : 0);
  fact(kLengthName, 7, static_cast<std::uint64_t>(std::bit_width(n.words)));
  fact("digits", 8, steps(n.digits));
  fact("emoji", 9, steps(n.emoji));
  fact("a currency sign", 10, std::min<std::uint64_t>(n.currency, 2));
  fact("dots", 11, std::min<std::uint64_t>(n.dots, 2));
  fact("hashtags", 12, std::min<std::uint64_t>(n.tags, 3));
  fact("words in capitals", 13, steps(n.shouted));
  std::array<std::uint32_t, kWordClasses> count{};
  for (const Token& token : work.tokens) {
    for (std::uint32_t rest = token.classes; rest != 0; rest &= rest - 1)
      ++count[static_cast<std::size_t>(std::countr_zero(rest))];
  }
  for (std::size_t k = 0; k < kWordClasses; ++k)
    fact(kClassNames[k], 20 + k, std::min<std::uint64_t>(count[k], 3));
  for (std::size_t a = 0; a < kWordClasses; ++a) {
    if (count[a] == 0) continue;
    for (std::size_t b = a + 1; b < kWordClasses; ++b) {
      if (count[b] > 0) fact(kClassNames[a], 100 + a * 16 + b, 1);
    }
    if (n.questions > 0) fact(kClassNames[a], 400 + a, 1);
    if (n.leading_handle) fact(kClassNames[a], 420 + a, 1);
    if (n.links > 0) fact(kClassNames[a], 440 + a, 1);
  }
}

/// Calls sink(block, hash, begin, end, style name) for every feature, repeats included, one block
/// after the other; `next(block)` goes before each block.
template <class Next, class Sink>
void each_feature(std::string_view text, Work& work, const Next& next, const Sink& sink) {
  Tokenizer{cut_utf8(text, kReadBytes), work}.run();
  next(0);
  std::uint64_t before = finish(kWordSeed);  // the start of the text is a word, too
  std::uint32_t before_begin = 0;
  for (const Token& token : work.tokens) {
    sink(0, token.hash, token.begin, token.end, nullptr);
    if (token.extra) continue;
    sink(0, finish(before * kPrime + token.hash), before_begin, token.end, nullptr);
    before = token.hash;
    before_begin = token.begin;
  }
  next(1);
  std::array<unsigned char, kWordBytes + 4> padded{};
  for (const Token& token : work.tokens) {
    if (token.kind != Kind::word || token.length < 2) continue;
    padded[0] = ' ';
    std::copy_n(work.letters.begin() + token.at, token.length, padded.begin() + 1);
    padded[token.length + 1] = ' ';
    const std::size_t size = token.length + 2;
    for (std::size_t i = 0; i + 3 <= size; ++i) {
      std::uint64_t hash = step(step(step(kPieceSeed, padded[i]), padded[i + 1]), padded[i + 2]);
      sink(1, finish(hash), token.begin, token.end, nullptr);
      if (i + 4 > size) continue;
      hash = step(hash, padded[i + 3]);
      sink(1, finish(hash), token.begin, token.end, nullptr);
      if (i + 5 > size) continue;
      sink(1, finish(step(hash, padded[i + 4])), token.begin, token.end, nullptr);
    }
  }
  next(2);
  style_features(work, [&](std::uint64_t hash, const char* name) { sink(2, hash, 0, 0, name); });
}

}  // namespace

void extract_features(std::string_view text, std::uint32_t mask, Blocks& out) {
  for (auto& block : out) block.clear();
  Work& work = work_of_thread();
  each_feature(
      text, work, [&](std::size_t) { work.next_epoch(mask + 1U); },
      [&](std::size_t block, std::uint64_t hash, std::uint32_t begin, std::uint32_t end,
          const char* style) {
        const auto bucket = static_cast<std::uint32_t>(hash) & mask;
        if (work.stamps[bucket] == work.epoch) return;
        work.stamps[bucket] = work.epoch;
        out[block].push_back({bucket, begin, end, style});
      });
}

BlockSums sum_weights(std::string_view text, std::uint32_t mask, const std::int8_t* weights) {
  Work& work = work_of_thread();
  BlockSums sums;
  each_feature(
      text, work, [&](std::size_t) { work.next_epoch(mask + 1U); },
      [&](std::size_t block, std::uint64_t hash, std::uint32_t, std::uint32_t, const char*) {
        const auto bucket = static_cast<std::uint32_t>(hash) & mask;
        if (work.stamps[bucket] == work.epoch) return;
        work.stamps[bucket] = work.epoch;
        sums.sum[block] += weights[bucket];
        ++sums.count[block];
      });
  return sums;
}

namespace {
/// Calls each(begin, end) for every @handle.
template <class F>
void each_handle(std::string_view text, const F& each) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] != '@' || !is_name_byte(static_cast<unsigned char>(text[i + 1]))) continue;
    if (i > 0 && (is_name_byte(static_cast<unsigned char>(text[i - 1])) || text[i - 1] == '.' ||
                  text[i - 1] == '/'))
      continue;
    std::size_t end = i + 1;
    while (end < text.size() &&
           (is_name_byte(static_cast<unsigned char>(text[end])) || text[end] == '@' ||
            ((text[end] == '.' || text[end] == '-') && end + 1 < text.size() &&
             is_name_byte(static_cast<unsigned char>(text[end + 1]))))) {
      ++end;
    }
    each(i, end);
    i = end;
  }
}
}  // namespace

bool has_handle(std::string_view text) {
  bool found = false;
  each_handle(text, [&](std::size_t, std::size_t) { found = true; });
  return found;
}

std::string without_handles(std::string_view text) {
  std::string out;
  std::size_t kept = 0;
  each_handle(text, [&](std::size_t begin, std::size_t end) {
    out.append(text.substr(kept, begin - kept));
    kept = end;
  });
  out.append(text.substr(std::min(kept, text.size())));
  return std::string{trim(out)};
}

}  // namespace earshot

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "earshot/core/utf8.hpp"
#include "earshot/text/normalise.hpp"
#include "stop_words.hpp"

namespace earshot {
namespace {

struct Votes {
  std::array<float, kStopWords.size()> of{};
};

constexpr std::uint64_t kNoLetters = 0xCBF29CE484222325ULL;
constexpr std::uint64_t with_letter(std::uint64_t hash, char c) {
  return (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
}

/// Hash of a stop word -> the languages that know it.
class VoteTable {
 public:
  VoteTable() {
    std::unordered_map<std::uint64_t, Votes> votes;
    for (std::size_t l = 0; l < kStopWords.size(); ++l) {
      std::uint64_t hash = kNoLetters;
      for (const char* c = kStopWords[l].words;; ++c) {
        if (*c == ' ' || *c == 0) {
          if (hash != kNoLetters) votes[hash].of[l] = 1.0F;
          hash = kNoLetters;
          if (*c == 0) break;
        } else {
          hash = with_letter(hash, *c);
        }
      }
    }
    for (const auto& [hash, one] : votes) insert(hash, one);
  }

  void vote(std::uint64_t hash, Votes& sum) const {
    if (((sieve_[(hash >> 6U) % kSieve] >> (hash & 63U)) & 1U) == 0) return;
    for (std::size_t at = hash >> kShift;; at = (at + 1) % kSlots) {
      const Slot& slot = slots_[at];
      if (slot.languages == 0) return;
      if (slot.hash != hash) continue;
      for (std::uint32_t left = slot.languages; left != 0; left &= left - 1)
        sum.of[static_cast<std::size_t>(std::countr_zero(left))] += slot.each;
      return;
    }
  }

 private:
  static constexpr unsigned kShift = 64 - 12;
  static constexpr std::size_t kSlots = std::size_t{1} << 12U;
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t languages = 0;  ///< bits; 0: empty
    float each = 0;               ///< a word that several languages share counts less
  };

  void insert(std::uint64_t hash, const Votes& votes) {
    Slot slot{hash, 0, 0};
    for (std::size_t l = 0; l < votes.of.size(); ++l) {
      if (votes.of[l] > 0) slot.languages |= 1U << l;
    }
    slot.each = 1.0F / static_cast<float>(std::popcount(slot.languages));
    std::size_t at = hash >> kShift;
    while (slots_[at].languages != 0) at = (at + 1) % kSlots;
    slots_[at] = slot;
    sieve_[(hash >> 6U) % kSieve] |= std::uint64_t{1} << (hash & 63U);
  }

  static constexpr std::size_t kSieve = 256;  ///< words of 64 bits
  std::array<std::uint64_t, kSieve> sieve_{};
  std::vector<Slot> slots_ = std::vector<Slot>(kSlots);
};

/// Letters that few languages write.
void vote_for_letter(char32_t c, Votes& votes) {
  const auto give = [&](std::string_view language, float weight) {
    for (std::size_t l = 0; l < kStopWords.size(); ++l) {
      if (kStopWords[l].language == language) votes.of[l] += weight;
    }
  };
  switch (c) {
    case U'¿':
    case U'¡':
      give("es", 1.5F);
      break;
    case U'ñ':
      give("es", 1.0F);
      break;
    case U'ß':
      give("de", 1.5F);
      break;
    case U'ä':
    case U'ö':
      give("de", 0.6F), give("sv", 0.5F), give("tr", c == U'ö' ? 0.4F : 0.0F);
      break;
    case U'ü':
      give("de", 0.6F), give("tr", 0.4F);
      break;
    case U'å':
      give("sv", 1.5F);
      break;
    case U'ã':
    case U'õ':
      give("pt", 1.5F);
      break;
    case U'ç':
      give("fr", 0.5F), give("pt", 0.5F), give("tr", 0.5F);
      break;
    case U'ğ':
    case U'ş':
    case U'ı':
    case U'İ':
      give("tr", 1.5F);
      break;
    case U'ł':
    case U'ą':
    case U'ę':
    case U'ś':
    case U'ż':
    case U'ź':
    case U'ń':
    case U'ć':
      give("pl", 1.5F);
      break;
    case U'è':
    case U'ê':
    case U'à':
    case U'û':
    case U'î':
    case U'ù':
      give("fr", 0.5F), give("it", c == U'è' || c == U'à' || c == U'ù' ? 0.5F : 0.0F),
          give("pt", c == U'ê' || c == U'à' ? 0.3F : 0.0F);
      break;
    case U'œ':
      give("fr", 1.5F);
      break;
    case U'é':
      give("fr", 0.4F), give("es", 0.3F), give("pt", 0.3F);
      break;
    case U'ó':
    case U'í':
    case U'á':
    case U'ú':
      give("es", 0.5F), give("pt", 0.4F);
      break;
    case U'ò':
    case U'ì':
      give("it", 1.0F);
      break;
    case U'ô':
    case U'â':
      give("fr", 0.4F), give("pt", 0.4F);
      break;
    case U'ĳ':
      give("nl", 1.5F);
      break;
    default:
      break;
  }
}

/// The same for U+00A1..U+024F as a table: what each letter gives, three languages at most.
class LetterVotes {
 public:
  LetterVotes() {
    for (char32_t c = kFirst; c < kEnd; ++c) {
      Votes votes;
      vote_for_letter(c, votes);
      Letter& letter = letters_[c - kFirst];
      for (std::size_t l = 0; l < votes.of.size(); ++l) {
        if (votes.of[l] > 0)
          letter.of[letter.count++] = {static_cast<std::uint32_t>(l), votes.of[l]};
      }
    }
  }
  void vote(char32_t c, Votes& sum) const {
    if (c < kFirst || c >= kEnd) return;
    const Letter& letter = letters_[c - kFirst];
    for (std::size_t k = 0; k < letter.count; ++k)
      sum.of[letter.of[k].language] += letter.of[k].weight;
  }

 private:
  static constexpr char32_t kFirst = 0xA1;
  static constexpr char32_t kEnd = 0x250;
  struct Vote {
    std::uint32_t language = 0;
    float weight = 0;
  };
  struct Letter {
    std::array<Vote, 4> of{};
    std::size_t count = 0;
  };
  std::array<Letter, kEnd - kFirst> letters_{};
};

struct Scripts {
  std::size_t latin = 0, kana = 0, han = 0, hangul = 0, cyrillic = 0, ukrainian = 0, arabic = 0,
              hebrew = 0, devanagari = 0, greek = 0, thai = 0;
};

void count_script(char32_t c, Scripts& in) {
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0x24F))
    ++in.latin;
  else if ((c >= 0x3041 && c <= 0x30FF) || (c >= 0xFF66 && c <= 0xFF9F))
    ++in.kana;
  else if ((c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF))
    ++in.han;
  else if (c >= 0xAC00 && c <= 0xD7A3)
    ++in.hangul;
  else if (c >= 0x400 && c <= 0x4FF) {
    ++in.cyrillic;
    if (c == U'і' || c == U'ї' || c == U'є' || c == U'ґ' || c == U'І' || c == U'Ї' || c == U'Є' ||
        c == U'Ґ')
      ++in.ukrainian;
  } else if (c >= 0x600 && c <= 0x6FF)
    ++in.arabic;
  else if (c >= 0x590 && c <= 0x5FF)
    ++in.hebrew;
  else if (c >= 0x900 && c <= 0x97F)
    ++in.devanagari;
  else if (c >= 0x370 && c <= 0x3FF)
    ++in.greek;
  else if (c >= 0xE00 && c <= 0xE7F)
    ++in.thai;
}

/// "" where Latin letters prevail or nothing is written.
std::string by_script(const Scripts& s) {
  const std::size_t cjk = s.kana + s.han + s.hangul;
  // A character of these scripts says about as much as three letters.
  if (cjk * 3 > s.latin && cjk >= s.cyrillic && cjk > 0) {
    if (s.hangul > s.kana + s.han) return "ko";
    return s.kana > 0 ? "ja" : "zh";
  }
  const std::array others{s.cyrillic, s.arabic, s.hebrew, s.devanagari, s.greek, s.thai};
  const std::array names{s.ukrainian > 0 ? "uk" : "ru", "ar", "he", "hi", "el", "th"};
  const auto most =
      static_cast<std::size_t>(std::max_element(others.begin(), others.end()) - others.begin());
  return others[most] > 0 && others[most] >= s.latin ? names[most] : "";
}

/// Bytes of what stands at `i` where it belongs to a word, else 0. The text is folded.
std::size_t letter_length(std::string_view text, std::size_t i) {
  const auto c = static_cast<unsigned char>(text[i]);
  if (c < 0x80) return (c >= 'a' && c <= 'z') || c == '\'' ? 1 : 0;
  const CodePoint at = decode_utf8(text, i);
  const bool emoji_or_sign = at.value >= 0x2000 && at.value < 0x2C00;
  if (at.length == 1 || emoji_or_sign || at.value == 0xBF || at.value == 0xA1 || at.value == 0xA0)
    return 0;
  return at.length;
}

/// Calls each(hash) for the words of the folded text; @names, #tags and links are no words of a
/// language.
template <class F>
void each_word(std::string_view text, const F& each) {
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '@' || c == '#' || (c == 'h' && text.substr(i).starts_with("http"))) {
      while (i < text.size() && text[i] != ' ' && text[i] != '\n') ++i;
      continue;
    }
    std::uint64_t hash = kNoLetters;
    std::size_t end = i;
    while (end < text.size()) {
      const std::size_t length = letter_length(text, end);
      if (length == 0) break;
      for (const std::size_t stop = end + length; end < stop; ++end)
        hash = with_letter(hash, text[end]);
    }
    if (end == i) {
      i += decode_utf8(text, i).length;
      continue;
    }
    each(hash);
    i = end;
  }
}

bool all_ascii(std::string_view text) {
  unsigned char all = 0;
  for (const char c : text) all |= static_cast<unsigned char>(c);
  return all < 0x80;
}

/// Counts the scripts of a text and takes the votes of its letters.
void read_letters(std::string_view text, Scripts& scripts, Votes& votes) {
  static const LetterVotes kLetters;
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x80) {
      const unsigned char small = c | 0x20U;
      scripts.latin += small >= 'a' && small <= 'z' ? 1U : 0U;
      ++i;
      continue;
    }
    const CodePoint at = decode_utf8(text, i);
    count_script(at.value, scripts);
    kLetters.vote(at.value, votes);
    i += at.length;
  }
}

/// Small letters of ASCII and the apostrophe; 0 for what is in no word.
constexpr std::array<char, 128> kSmall = [] {
  std::array<char, 128> table{};
  for (unsigned char c = 'a'; c <= 'z'; ++c) {
    table[c] = static_cast<char>(c);
    table[c - 32U] = static_cast<char>(c);
  }
  table[39] = 39;
  return table;
}();

/// The same as each_word of the folded text, where all is ASCII.
template <class F>
void each_ascii_word(std::string_view text, const F& each) {
  const auto* const at = reinterpret_cast<const unsigned char*>(text.data());
  const std::size_t size = text.size();
  const auto starts_http = [&](std::size_t i) {
    return i + 4 <= size && kSmall[at[i + 1]] == 't' && kSmall[at[i + 2]] == 't' &&
           kSmall[at[i + 3]] == 'p';
  };
  for (std::size_t i = 0; i < size;) {
    const char c = kSmall[at[i]];
    if (at[i] == '@' || at[i] == '#' || (c == 'h' && starts_http(i))) {
      while (i < size && at[i] != ' ' && at[i] != '\n') ++i;
    } else if (c == 0) {
      ++i;
    } else {
      std::uint64_t hash = kNoLetters;
      for (; i < size && kSmall[at[i]] != 0; ++i) hash = with_letter(hash, kSmall[at[i]]);
      each(hash);
    }
  }
}

}  // namespace

std::string guess_language(std::string_view text) {
  static const VoteTable kVotes;
  text = cut_utf8(text, 4096);  // the rest would not change the guess
  Votes votes;
  const bool ascii = all_ascii(text);
  if (!ascii) {
    Scripts scripts;
    read_letters(text, scripts, votes);
    if (std::string language = by_script(scripts); !language.empty()) return language;
    if (scripts.latin == 0) return "";
  }
  std::size_t words = 0;
  const auto take = [&](std::uint64_t word) {
    ++words;
    kVotes.vote(word, votes);
  };
  if (ascii)
    each_ascii_word(text, take);
  else
    each_word(fold(text), take);
  std::size_t best = 0;
  float second = 0;
  for (std::size_t l = 1; l < votes.of.size(); ++l) {
    if (votes.of[l] > votes.of[best]) best = l;
  }
  for (std::size_t l = 0; l < votes.of.size(); ++l) {
    if (l != best) second = std::max(second, votes.of[l]);
  }
  const float most = votes.of[best];
  const float needed = words <= 6 ? 0.9F : 1.4F;
  if (most < needed || most < second * 1.25F) return "";
  return kStopWords[best].language;
}

}  // namespace earshot

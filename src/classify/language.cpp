#include "language.hpp"

#include <cld2/public/compact_lang_det.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "earshot/core/utf8.hpp"
#include "notions.hpp"
#include "stop_words.hpp"

namespace earshot {
namespace {

struct Votes {
  std::array<float, kStopWords.size()> of{};
};

/// Hash of a stop word -> the languages that know it.
class VoteTable {
 public:
  VoteTable() {
    std::unordered_map<std::uint64_t, Votes> votes;
    for (std::size_t l = 0; l < kStopWords.size(); ++l) {
      const WordList list{kStopWords[l].words};
      for (const Word& word : list.words()) votes[word.hash].of[l] = 1.0F;
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

}  // namespace

std::string guess_language(const WordList& list) {
  static const VoteTable kVotes;
  const std::string_view text = list.text();
  Votes votes;
  if (!all_ascii(text)) {
    Scripts scripts;
    read_letters(text, scripts, votes);
    if (std::string language = by_script(scripts); !language.empty()) return language;
    if (scripts.latin == 0) return "";
  }
  std::size_t words = 0;
  for (const Word& word : list.words()) {
    if (word.handle || word.link || word.tag || word.number) continue;
    ++words;
    kVotes.vote(word.hash, votes);
  }
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

std::string guess_rare_language(const WordList& list) {
  constexpr std::size_t kFewest = 5;
  if (list.size() < kFewest) return "";
  const std::string_view text = list.text();
  std::array<CLD2::Language, 3> best{};
  std::array<int, 3> percent{};
  std::array<double, 3> score{};
  int bytes = 0;
  int valid = 0;
  bool reliable = false;
  const CLD2::Language found = CLD2::ExtDetectLanguageSummaryCheckUTF8(
      text.data(), static_cast<int>(text.size()), true, nullptr, 0, best.data(), percent.data(),
      score.data(), nullptr, &bytes, &reliable, &valid);
  if (!reliable || found == CLD2::UNKNOWN_LANGUAGE) return "";
  return CLD2::LanguageCode(found);
}

bool is_learnt(std::string_view language) {
  return std::find(kNotionLanguages.begin(), kNotionLanguages.end(), language) !=
         kNotionLanguages.end();
}

}  // namespace earshot

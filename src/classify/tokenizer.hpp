#pragma once

/// Text -> tokens and counts: what the features are made of. One pass, no allocation once `Tokens`
/// is warm. Pure.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/classify/features.hpp"
#include "word_classes.hpp"

namespace earshot {

/// `name`: a watched name (brand, product, principal) or a rival's, which all look alike.
enum class Kind : std::uint8_t { word, sign, handle, link, name };

inline constexpr std::size_t kWordBytes = 40;  ///< of a word that are read

struct Token {
  std::uint64_t hash;
  std::uint32_t begin, end;  ///< bytes of the original text
  std::uint32_t at, length;  ///< in Tokens::letters
  Kind kind;
  bool extra;  ///< a second view of a word ("sc4m" as "scam"): no word pairs
};

struct TextCounts {
  std::uint32_t letters = 0, capitals = 0, exclamations = 0, questions = 0, handles = 0, links = 0,
                digits = 0, emoji = 0, currency = 0, dots = 0, tags = 0, words = 0, shouted = 0,
                grudges = 0, delights = 0;
  bool leading_handle = false;
};

struct Tokens {
  std::string letters;  ///< normalised words, one after the other
  std::vector<Token> list;
  TextCounts counts;
};

/// `keep_handles` false: @names are passed over, as if they did not stand there. `names` may be
/// null.
void tokenize(std::string_view text, bool keep_handles, const NameTable* names, Tokens& out);

/// The classes of a word by its hash (word_classes.hpp), 0 where it has none.
std::uint32_t classes_of(std::uint64_t word);

std::uint64_t feature_hash(std::string_view bytes, std::uint64_t seed);
inline std::uint64_t mix_hash(std::uint64_t hash) {
  hash ^= hash >> 29U;
  hash *= 0xBF58476D1CE4E5B9ULL;
  return hash ^ (hash >> 32U);
}

inline constexpr std::uint64_t kWordSeed = 0xCBF29CE484222325ULL;
inline constexpr std::uint64_t kPairFactor = 0x9E3779B97F4A7C15ULL;

}  // namespace earshot

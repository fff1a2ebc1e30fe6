#pragma once

/// A phrase of the lexicon, read: "burn* (my|the) hand" -> steps. Pure.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/core/result.hpp"

namespace earshot::phrases {

inline constexpr std::size_t kGap = 4;     ///< words that ".." may skip
inline constexpr std::size_t kPrefix = 3;  ///< letters by which "burn*" is looked up, at least
inline constexpr std::size_t kLongPrefix = kPrefix + 1;  ///< where it has as many

struct Choice {
  std::uint64_t hash = 0;
  std::string letters;  ///< of a prefix
  bool prefix = false;
};
struct Step {
  std::vector<Choice> choices;
  bool number = false;
  bool optional = false;
  bool gap = false;
};

/// True for phrases in scripts without blanks: they are found inside words.
bool holds_unspaced(std::string_view phrase);
/// The spelling a text has in a WordList: folded, no accents; apostrophes vanish ("can't" ->
/// "cant").
std::string phrase_spelling(std::string_view phrase);
/// Steps of a spelt phrase. Errors are permanent and name the word.
Result<std::vector<Step>> read_phrase(std::string_view phrase);

}  // namespace earshot::phrases

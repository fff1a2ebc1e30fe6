#pragma once

/// "Did you mean …?": the nearest known word by edit distance (Damerau–Levenshtein, optimal string
/// alignment). Pure.

#include <span>
#include <string>
#include <string_view>

namespace earshot {

/// The known word nearest to `word`, or "" where none is near enough (a third of its length, at
/// least 1 and at most 4 edits; case does not count).
std::string nearest(std::string_view word, std::span<const std::string> known);

}  // namespace earshot

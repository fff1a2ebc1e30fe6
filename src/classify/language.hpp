#pragma once

/// Which language a text is in. Pure.

#include <string>
#include <string_view>

#include "word_list.hpp"

namespace earshot {

/// A guess by script and stop words, for every post: a BCP 47 tag, or "" where the text is too
/// short or unclear. Covers at least en de es fr it pt nl pl tr sv ja zh ko ru uk ar he hi, and
/// hi-Latn by its function words.
std::string guess_language(const WordList& words);

/// A guess by CLD2's letter statistics, for what guess_language leaves open: some 80 languages, ""
/// below five words and where it is not reliable. About 10 us, so for few posts only. On our corpus
/// it knows more texts than the stop words and errs six times as often, so it is asked second.
std::string guess_rare_language(const WordList& words);

/// True where the shipped model has learnt complaints in the language.
bool is_learnt(std::string_view language);

}  // namespace earshot

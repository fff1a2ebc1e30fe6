#pragma once

/// The cues in the languages people read, so that whoever is woken by a post in another language
/// knows what it is about. Pure data.

#include <string>
#include <string_view>
#include <vector>

#include "earshot/cases/case.hpp"

namespace earshot {

/// "safety", "de" -> "Gefahr: Feuer, Rauch, Verletzung"; "" where cue or language is not known.
std::string cue_words(std::string_view cue, std::string_view language);

/// What helps whoever reads a page: the cues that phrases tell, then those the model hears.
std::vector<std::string> told_and_heard(const Case& it);

}  // namespace earshot

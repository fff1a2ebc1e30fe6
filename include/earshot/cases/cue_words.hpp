#pragma once

/// The cues in the languages people read, so that whoever is woken by a post in another language
/// knows what it is about. Pure data.

#include <string>
#include <string_view>

namespace earshot {

/// "safety", "de" -> "Gefahr: Feuer, Rauch, Verletzung"; "" where cue or language is not known.
std::string cue_words(std::string_view cue, std::string_view language);

}  // namespace earshot

#pragma once

/// Whether a name in a text is spoken to or spoken of: greetings, honorifics, vocatives and "please
/// pass this on to", in the languages of the corpus. Pure.

#include <cstdint>

#include "word_list.hpp"

namespace earshot {

/// `leading`: nothing but @names stands before it.
bool handle_is_spoken_to(const WordList& words, std::size_t i, bool leading);

/// Of the name whose `length` words begin at word i. A first name alone (`first`) is taken for the
/// person only where it is greeted, or stands in front and set off.
bool name_is_spoken_to(const WordList& words, std::size_t i, std::size_t length, bool first);

/// "社長様", "リンド様": a name or title with an honorific, in a script without blanks. `unspaced`
/// as WordList has it, `name` spelt plainly.
bool honoured_in(std::string_view unspaced, std::string_view name);

}  // namespace earshot

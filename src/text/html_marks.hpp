#pragma once

/// What an element does to the text within it.

#include <cstdint>

#include "html_attributes.hpp"
#include "html_tags.hpp"

namespace earshot::detail {

enum Mark : std::uint8_t {
  kHidden = 1,
  kQuote = 2,
  kPre = 4,
  kThread = 8,  ///< Gmail's <div class="gmail_quote"> and its like
};

/// Marks of an element; those of quotes only where they are to be split off.
std::uint8_t marks_of(Tag what, const Attributes& attributes, bool split_quotes);
/// Outlook's signs between what is written now and all that follows.
bool ends_own_words(const Attributes& attributes);

}  // namespace earshot::detail

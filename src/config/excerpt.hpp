#pragma once

/// The line of a file that a diagnostic shows: secrets masked, safe for a terminal, cut where it is
/// very long. Pure.

#include <cstddef>
#include <string>
#include <string_view>

namespace earshot::config {

struct Excerpt {
  std::string text;
  std::size_t caret = 0;  ///< characters before the caret
};
/// `column` counts characters from 0.
Excerpt excerpt_of(std::string_view line, std::size_t column);

/// Stars over what follows `password:`, `token:` and their like, misspelt ones too, over
/// credentials in URLs, addresses that are secrets themselves, and whatever looks like a key or a
/// token wherever it stands: people paste the secret where its file is to be named. As many
/// characters as there were, so that carets stay.
std::string mask_secrets(std::string_view line);

}  // namespace earshot::config

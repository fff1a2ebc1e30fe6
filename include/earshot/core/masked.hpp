#pragma once

/// Secrets in sentences: people paste a token where the name of its file belongs, and an error that
/// quotes it ends up in a journal. Pure.

#include <string>

namespace earshot {

/// Stars over every run that is as long and mixed as keys and tokens are and names are not: 20
/// letters and digits or more, of both. As many characters as there were.
std::string mask_random(std::string text);

}  // namespace earshot

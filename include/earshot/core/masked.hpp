#pragma once

/// Secrets in sentences: people paste a token where the name of its file belongs, and an error that
/// quotes it ends up in a journal. Pure.

#include <string>
#include <string_view>

namespace earshot {

/// Stars over every run that is as long and mixed as keys and tokens are and names are not: 20
/// letters and digits or more, of both. As many characters as there were.
std::string mask_random(std::string text);

/// Stars over this secret in words of somebody to whom it was sent, and over what holds it in
/// base64: a clumsy server says back what it was given.
std::string without_secret(std::string text, std::string_view secret);

}  // namespace earshot

#pragma once

/// config/lexicon/*.yaml and config/notions/*.txt as they were when the program was built.

#include <array>
#include <span>
#include <string_view>

namespace earshot {

struct EmbeddedText {
  std::string_view name;  ///< "en"
  std::string_view text;
};
std::span<const EmbeddedText> embedded_lexicon();
std::span<const EmbeddedText> embedded_notions();

}  // namespace earshot

#pragma once

/// config/lexicon/*.yaml as they were when the program was built.

#include <array>
#include <span>
#include <string_view>

namespace earshot {

struct EmbeddedText {
  std::string_view name;  ///< "en"
  std::string_view text;
};
std::span<const EmbeddedText> embedded_lexicon();

}  // namespace earshot

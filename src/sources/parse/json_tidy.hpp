#pragma once

/// Repairs JSON that a strict reader refuses as a whole because of one character: half a surrogate
/// pair where a text was cut, a raw control character, an unknown escape, a comma too many. Pure.

#include <string>
#include <string_view>
#include <vector>

namespace earshot {

struct TidyJson {
  std::string json;
  std::vector<std::string> warnings;  ///< what was repaired; empty: nothing was found
  bool cut = false;                   ///< the text ends early: what is behind its last whole item
                                      ///< is missing, so no cursor may move past it
};

/// Linear. A text with other mistakes comes back with them.
TidyJson tidy_json(std::string_view text);

}  // namespace earshot

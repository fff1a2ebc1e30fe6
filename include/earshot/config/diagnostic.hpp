#pragma once

/// One mistake in a configuration file, as the operator sees it. Pure.

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace earshot {

struct Diagnostic {
  /// An error keeps the configuration from being used; a warning does not.
  enum class Level { error, warning };
  Level level = Level::error;
  std::string file{};
  std::size_t line = 0;    ///< 1-based; 0 where the whole file is meant (it cannot be read)
  std::size_t column = 0;  ///< 1-based, in characters
  std::string path{};      ///< "routes[2].receivers"; "" where the file is no YAML
  std::string problem{};   ///< what is wrong
  std::string hint{};      ///< what to write instead; may be empty
  std::string excerpt{};   ///< the line of the file, secrets masked, cut where it is very long
  std::size_t caret = 0;   ///< characters of the excerpt before the caret
};

/// The mistake with its place, the line, a caret and the hint, each line ended:
///     earshot.yaml:14:17: route.routes[2].receivers: no receiver is named "pager"
///        14 |     receivers: [pager]
///           |                 ^ did you mean "pagers"? receivers are declared under "receivers"
/// A warning has "warning: " before the path. Safe for a terminal.
std::string render(const Diagnostic& diagnostic);
/// All of them, one after the other.
std::string render(std::span<const Diagnostic> diagnostics);

}  // namespace earshot

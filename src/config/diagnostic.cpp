#include "earshot/config/diagnostic.hpp"

#include <fmt/format.h>

#include "earshot/core/utf8.hpp"

namespace earshot {

std::string render(const Diagnostic& diagnostic) {
  std::string out = printable(diagnostic.file);
  if (diagnostic.line > 0) out += fmt::format(":{}:{}", diagnostic.line, diagnostic.column);
  out += ": ";
  if (diagnostic.level == Diagnostic::Level::warning) out += "warning: ";
  if (!diagnostic.path.empty()) out += fmt::format("{}: ", printable(diagnostic.path));
  out += diagnostic.problem + "\n";
  if (diagnostic.line == 0) {
    if (!diagnostic.hint.empty()) out += fmt::format("      | {}\n", diagnostic.hint);
    return out;
  }
  out += fmt::format("{:5} | {}\n", diagnostic.line, diagnostic.excerpt);
  out += fmt::format("      | {}^{}{}\n", std::string(diagnostic.caret, ' '),
                     diagnostic.hint.empty() ? "" : " ", diagnostic.hint);
  return out;
}

std::string render(std::span<const Diagnostic> diagnostics) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics) out += render(diagnostic);
  return out;
}

}  // namespace earshot

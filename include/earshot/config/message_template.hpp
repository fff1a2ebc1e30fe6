#pragma once

/// Message templates: `{{NAME}}` and `{{#SECTION}}…{{/SECTION}}` in files of the operator's. The
/// names are listed here, so that a misspelt one is a mistake at load with its line, and not an
/// empty place in a page. Pure.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace earshot {

/// subject: one line, stands for the headline. text: stands for everything but headline and links.
/// html: the same for receivers that show HTML (email, matrix).
inline constexpr std::size_t kLongestTemplate = std::size_t{64} << 10U;

struct TemplateMistake {
  std::size_t line = 0;    ///< 1-based
  std::size_t column = 0;  ///< 1-based, in bytes
  std::string problem;
  std::string hint;
};

/// Everything wrong with it: unknown names and modifiers, included files, pragmas, other
/// delimiters, sections that do not close.
std::vector<TemplateMistake> check_template(std::string_view text);

/// Names that hold for the whole message, and those inside {{#CASE}}. Each is a variable, and a
/// section that is shown where the variable has a value.
std::span<const std::string_view> template_names();
std::span<const std::string_view> template_case_names();

}  // namespace earshot

#pragma once

/// What a start tag says of itself, as far as html_to_text() wants it.

#include <string>
#include <string_view>

namespace earshot::detail {

/// Blanks as HTML has them (WHATWG Infra 4.6).
constexpr bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

struct Attributes {
  std::string href, id, class_, type, style, alt, name;
  bool has_href = false;
  bool hidden = false;
};

/// Reads `in` from `at`, which stands after the name of a tag, to after its ">" (WHATWG HTML
/// 13.2.5.32 to 13.2.5.40); false at the end of input. Entities are decoded; a value beyond 8 KiB
/// is left out.
bool read_attributes(std::string_view in, std::size_t& at, Attributes& found, bool& self_closing);

}  // namespace earshot::detail

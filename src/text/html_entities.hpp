#pragma once

/// Character references inside markup. Pure.

#include <cstddef>
#include <string>
#include <string_view>

namespace earshot::detail {

/// Reads the reference that starts at text[0] == '&', appends what it stands for and returns the
/// bytes it took; 0 where it is none (then nothing is appended). In attributes a name without
/// semicolon before "=" or a letter is none (WHATWG HTML 13.2.5.73).
std::size_t take_entity(std::string_view text, bool in_attribute, std::string& out);

}  // namespace earshot::detail

#pragma once

/// Plain text made safe to stand in HTML or XML. Pure.

#include <string>
#include <string_view>

namespace earshot {

/// `& < > " '` by name or number: safe between tags and within quoted attributes. Everything else
/// stays, control characters and mentions too: callers take those apart first.
std::string escape_html(std::string_view text);

}  // namespace earshot

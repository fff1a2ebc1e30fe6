#pragma once

/// The bytes of a feed -> clean UTF-8. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "earshot/core/result.hpp"

namespace earshot {

/// Decides the encoding by byte-order mark, then `content_type`'s charset, then the XML
/// declaration, then UTF-8; labels mean what browsers take them for (iso-8859-1 is windows-1252).
/// What cannot be decoded becomes U+FFFD, with a warning; NUL and other control characters are
/// dropped. UTF-7 is refused.
Result<std::string> feed_to_utf8(std::string_view body, std::string_view content_type,
                                 std::vector<std::string>& warnings);

/// Text that was UTF-8, was taken for Latin-1 and encoded again, is brought back; code points
/// U+0080–U+009F are read as windows-1252. Other text comes back unchanged.
std::string repair_mojibake(std::string text);

}  // namespace earshot

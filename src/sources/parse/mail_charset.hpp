#pragma once

/// Bytes of a declared (often wrongly declared) charset -> UTF-8. Pure.

#include <string>
#include <string_view>

namespace earshot {

/// Reads `bytes` as the charset `label` says, corrected by what mail programs really send:
/// iso-8859-1 and us-ascii are windows-1252, gb2312 and gbk are gb18030, and so on; UTF-8 is seen
/// under any Western label. An unknown label means UTF-8 where the bytes are that, else
/// windows-1252. Never fails: what cannot be read becomes U+FFFD. The result is cleaned.
std::string mail_to_utf8(std::string_view bytes, std::string_view label);

}  // namespace earshot

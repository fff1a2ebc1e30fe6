#pragma once

/// The forms in which IMAP (RFC 3501, 9051) writes names, dates and sets.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "earshot/core/instant.hpp"

namespace earshot {

/// The date of a search: 23-Nov-2026.
std::string imap_date(Instant at);
/// INTERNALDATE: "23-Nov-2026 16:26:34 +0000".
std::optional<Instant> read_imap_date(std::string_view text);
/// A mailbox's name on the wire: modified UTF-7 (RFC 3501 5.1.3), then quoted.
std::string quoted_mailbox(std::string_view name);
/// "imaps://host:993/Folder%20a" -> server and mailbox; no path is INBOX.
std::pair<std::string, std::string> split_mailbox_url(const std::string& url);
/// Sorted UIDs as a set: 1:3,7.
std::string imap_uid_set(const std::vector<std::uint32_t>& uids);

}  // namespace earshot

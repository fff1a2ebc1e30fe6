#pragma once

/// One mail's bytes -> one Post (MIME by GMime 3). Pure: the same bytes give the same post.

#include <string>
#include <string_view>
#include <vector>

#include "earshot/sources/parse/parsed.hpp"

namespace earshot {

/// Reads one message (RFC 5322, MIME; at most 32 MiB, 500 parts, 20 levels: beyond that what was
/// read until then counts, with a warning). Of a header that stands twice the first one that is not
/// blank counts, with a warning.
/// - id: Message-ID without brackets; without one the SHA-256 of the message in hex. conversation:
/// the first of References, else
///   In-Reply-To, else the own Message-ID.
/// - text: the new words of text/plain, or of text/html where that is blank or missing; attached
/// messages and files are not read.
/// - automatic: by headers, never by the subject alone (RFC 3834).
/// Error: the bytes are no message at all (no header field).
/// `own_lists`: List-Ids of shared mailboxes of ours, see automatic_kind().
Result<Parsed> parse_mail(std::string_view bytes, const std::vector<std::string>& own_lists = {});

}  // namespace earshot

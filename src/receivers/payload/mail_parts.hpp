#pragma once

/// What every mail of ours is made of (RFC 5322, RFC 2045). Pure.

#include <string>
#include <string_view>

#include "earshot/core/instant.hpp"

namespace earshot::payload {

/// "Mon, 02 Mar 2026 09:30:00 +0000".
std::string mail_date(Instant at);
/// What stands behind the "@", as far as it is plain; "earshot.invalid" where nothing is.
std::string mail_domain(std::string_view address);
/// Headers and body of a part; plain text comes first (RFC 2046 5.1.4).
std::string mail_part(std::string_view subtype, std::string_view text);
/// A message id of somebody's, as far as it may stand in a header.
bool is_plain_id(std::string_view id);

}  // namespace earshot::payload

#pragma once

/// What GMime may see of a message. It builds an object for every header field, reads addresses by
/// recursion and parses forwarded messages whole: a hostile header costs it hundreds of megabytes
/// or the stack. Pure.

#include <string>
#include <string_view>

namespace earshot {

/// The media type under which a forwarded message (message/rfc822 and its kin) stands in a sieved
/// one: its subtype is kept, and it is a leaf.
inline constexpr std::string_view kForwarded = "x-message";

/// The message without all header fields but Content-Type, Content-Transfer-Encoding and
/// Content-Disposition, of the message and of each part: the first of each, unfolded, at most 4
/// KiB. Bodies stay byte for byte.
std::string sieve_mail(std::string_view message);
/// Once in a process, whichever thread comes first.
void make_gmime_ready();

}  // namespace earshot

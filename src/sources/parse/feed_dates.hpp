#pragma once

/// Dates as feeds write them. Pure: no clock, so a date without a year is none.

#include <optional>
#include <string_view>

#include "earshot/core/instant.hpp"

namespace earshot {

/// Reads RFC 822 and its relatives (two-digit years, named and military zones, missing or wrong
/// weekdays, no seconds, 24:00, month names in English, German, French, Spanish, Italian,
/// Portuguese, Dutch, Greek, Hungarian, Korean forms), asctime, RFC 3339, the partial forms of
/// W3CDTF, ISO 8601 week and ordinal dates, and epoch seconds or milliseconds. A missing zone is
/// UTC. nullopt where the text is no date or names a day that does not exist.
std::optional<Instant> parse_feed_date(std::string_view text);

}  // namespace earshot

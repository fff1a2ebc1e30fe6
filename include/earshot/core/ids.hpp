#pragma once

/// Hashes and ids. Pure: new ids are made from what the caller gives (its clock and its dice).

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "earshot/core/instant.hpp"

namespace earshot {

/// XXH3 of the bytes: fast, for keys that nobody attacks us through.
std::uint64_t hash64(std::string_view bytes, std::uint64_t seed = 0);
std::string hash128_hex(std::string_view bytes);

using Sha256 = std::array<std::uint8_t, 32>;
Sha256 sha256(std::string_view bytes);
Sha256 hmac_sha256(std::string_view key, std::string_view message);
std::string to_hex(std::string_view bytes);
std::string to_hex(const Sha256& digest);

std::string base64(std::string_view bytes);
/// Standard alphabet, padding required; nullopt where malformed.
std::optional<std::string> from_base64(std::string_view text);
std::string base64url(std::string_view bytes);  ///< no padding
std::optional<std::string> from_base64url(std::string_view text);
/// In time that depends on the lengths alone.
bool equal_in_constant_time(std::string_view a, std::string_view b);

/// A time-ordered id of 16 characters (Crockford base 32): milliseconds, then 32 random bits. Sorts
/// by time as text.
std::string ordered_id(Instant at, std::uint64_t random);

}  // namespace earshot

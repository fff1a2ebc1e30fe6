#pragma once

/// Signed acknowledge links (RELIABILITY 4.3): a token that says who may take which case until
/// when. GET shows, POST acts. Pure.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "earshot/core/instant.hpp"
#include "earshot/core/result.hpp"

namespace earshot {

struct AckGrant {
  std::string case_id;
  std::string person;
  int step = 0;
  Instant expires{};
  std::uint64_t nonce = 0;
};

/// A key with its id; two are valid while keys rotate, the first signs.
struct AckKey {
  std::string id;
  std::string secret;  ///< 32 bytes or more
};

/// base64url( "1|key id|ack|case|person|step|expires|nonce" ) "." base64url( HMAC-SHA256 ): fits
/// one path segment.
std::string sign_ack(const AckGrant& grant, const AckKey& key);
/// Refuses anything that is not exactly what sign_ack made with one of the keys, and what has
/// expired; compared in constant time.
Result<AckGrant> verify_ack(std::string_view token, std::span<const AckKey> keys, Instant now);

}  // namespace earshot

#pragma once

/// Signed acknowledge links (RELIABILITY 4.3): a token that says who may take which case until
/// when. GET shows, POST acts. Pure.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "earshot/core/instant.hpp"
#include "earshot/core/result.hpp"
#include "earshot/core/words.hpp"

namespace earshot {

/// What a link may do; each is signed with a key of its own, so that none serves for another.
EARSHOT_ENUM(LinkPurpose, ack, undo, not_worth);

struct AckGrant {
  std::string case_id;
  std::string person;
  int step = 0;
  Instant expires{};
  std::uint64_t nonce = 0;
  LinkPurpose purpose = LinkPurpose::ack;
};

/// A key with its id; two are valid while keys rotate, the first signs.
struct AckKey {
  std::string id;
  std::string secret;      ///< 32 bytes or more
  std::string previous{};  ///< the secret before it, while codes and tags made with that are about
};

/// base64url( "1|key id|purpose|case|person|step|expires|nonce" ) "." base64url( HMAC-SHA256 ):
/// fits one path segment.
std::string sign_ack(const AckGrant& grant, const AckKey& key);
/// Refuses anything that is not exactly what sign_ack made with one of the keys, and what has
/// expired; compared in constant time.
Result<AckGrant> verify_ack(std::string_view token, std::span<const AckKey> keys, Instant now);

/// Four digits that stand in the message to this person about this case. They can be tried through,
/// so every door that takes them counts wrong ones.
std::string ack_code(const AckKey& key, std::string_view case_id, std::string_view person);
bool is_ack_code(std::string_view given, const AckKey& key, std::string_view case_id,
                 std::string_view person);
/// Eight hex digits for the subject of a mail to this person about this case.
std::string reply_tag(const AckKey& key, std::string_view case_id, std::string_view person);
bool is_reply_tag(std::string_view given, const AckKey& key, std::string_view case_id,
                  std::string_view person);

}  // namespace earshot

#pragma once

/// Standard Webhooks: signs what we send and checks what claims to be signed. Pure; `now` is an
/// argument.
///
/// The signature is HMAC-SHA256 over `id.timestamp.body`, written `v1,<base64>`; a header holds
/// several with blanks between while keys rotate.
/// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/core/instant.hpp"
#include "earshot/core/result.hpp"

namespace earshot {

/// The bytes of a secret: 24 to 64 of them.
using WebhookKey = std::string;

/// Reads secrets as files hold them, one a line, blank lines left out: `whsec_` and base64
/// (standard alphabet, padding optional); the prefix may be missing. Refuses an empty text,
/// anything that is not base64, and keys of another length. The message never repeats the secret.
Result<std::vector<WebhookKey>> parse_webhook_secrets(std::string_view text);

/// `v1,<base64>` for each key, in their order, with blanks between: the value of the header
/// `webhook-signature`. `timestamp` is in seconds of Unix time.
std::string sign_webhook(const std::vector<WebhookKey>& keys, std::string_view id,
                         std::int64_t timestamp, std::string_view body);

/// Holds if one of `signatures` (the header's value) is right for one of the keys and `timestamp`
/// (the header's value, seconds) is within `tolerance` of `now`, both ways. Compares in constant
/// time; signatures of other versions are passed over.
Result<void> verify_webhook(const std::vector<WebhookKey>& keys, std::string_view id,
                            std::string_view timestamp, std::string_view signatures,
                            std::string_view body, Instant now, Duration tolerance = minutes{5});

}  // namespace earshot

#pragma once

/// The tokens that the configuration names: `web.token_file` (admin) and `token_file` of a source
/// of type push (service). They stand in the store beside those of `earshot token add`, so that one
/// table says who may.

#include <string>
#include <vector>

#include "earshot/config/config.hpp"
#include "earshot/core/result.hpp"
#include "earshot/store/store.hpp"

namespace earshot {

/// Reads their files. An unreadable one, or a token of fewer than 16 characters, is an error: it
/// could be guessed.
Result<std::vector<TokenRecord>> configured_tokens(const Config& config);

/// What must be written so that exactly `wanted` are valid of those that configurations have named:
/// new ones, changed ones, and those that are named no more, revoked. A secret that the store knows
/// under another id keeps what it was given there; one that was revoked by hand stays so until its
/// file has another.
std::vector<TokenRecord> tokens_to_put(const std::vector<TokenRecord>& stored,
                                       std::vector<TokenRecord> wanted, Instant now);

}  // namespace earshot

#pragma once

/// Tries whether a server can be reached, and sends nothing: for `earshot doctor`.

#include <optional>
#include <string>

#include "earshot/core/instant.hpp"

namespace earshot {

struct Probed {
  std::string error;                 ///< "" where the server was reached
  std::optional<Instant> expires{};  ///< its certificate, where it showed one
};

/// Connects to the host of `url` (http, https, smtp, smtps, imap, imaps; TLS is spoken where the
/// scheme says so) and hangs up. Blocks, at most `limit`.
Probed probe(const std::string& url, const std::string& ca_file, Duration limit);

}  // namespace earshot

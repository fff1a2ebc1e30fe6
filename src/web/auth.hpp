#pragma once

/// Who asks, and what they may: bearer tokens with roles, kept as hashes. Default deny.

#include <optional>
#include <string>

#include "access.hpp"
#include "earshot/runtime/task.hpp"
#include "earshot/web/backend.hpp"
#include "http/request.hpp"
#include "views.hpp"

namespace earshot {

/// The viewer of a request; nullopt where there is no valid token (and none is needed on loopback:
/// see WebConfig).
Task<std::optional<Viewer>> authenticate(Backend& backend, WebRequest request, Instant now);

}  // namespace earshot

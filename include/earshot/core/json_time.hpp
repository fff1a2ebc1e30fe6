#pragma once

/// Moments in JSON.

#include <optional>
#include <string_view>

#include "earshot/core/instant.hpp"
#include "earshot/core/json.hpp"

namespace earshot {

/// RFC 3339 with milliseconds, or null.
inline void instant_or_null(JsonWriter& out, std::string_view name,
                            const std::optional<Instant>& at) {
  out.key(name);
  if (at)
    out.value(to_rfc3339_ms(*at));
  else
    out.null();
}

}  // namespace earshot

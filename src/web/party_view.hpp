#pragma once

/// Whoever did something, as the API shows them.

#include <string>
#include <string_view>

#include "earshot/config/parties.hpp"
#include "earshot/core/json.hpp"

namespace earshot {

/// {"id","name"}, or null for nobody. Who has no name is called by the id.
inline void party_or_null(JsonWriter& out, std::string_view key, const std::string& id,
                          const Parties& parties) {
  out.key(key);
  if (id.empty()) return out.null();
  const std::string name = parties(id).name;
  out.object();
  out.field("id", id);
  out.field("name", name.empty() ? id : name);
  out.end();
}

}  // namespace earshot

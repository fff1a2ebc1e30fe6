#pragma once

/// The two answers a command gets from most of the rules of this room: one event, or a refusal.

#include <string>
#include <utility>
#include <vector>

#include "earshot/cases/machine.hpp"

namespace earshot {

/// `field` is the argument that was wrong, `missing` what is owed first.
inline Applied refuse(std::string code, std::string text, std::string field = {},
                      std::vector<std::string> missing = {}) {
  return {{}, Refusal{std::move(code), std::move(text), std::move(missing), std::move(field)}};
}

inline Applied one(const Command& command, Instant now, EventKind kind, Arguments data) {
  return {{Event{kind, command.who, now, std::move(data)}}, {}};
}

}  // namespace earshot

#pragma once

/// What a person did that keeps words from being seen. Private to this room.

#include <optional>

#include "earshot/digest/digest.hpp"

namespace earshot {

/// nullopt where the entry is nothing of the kind. `about`: how its case is called; "" without one.
std::optional<ByHand> by_hand_of(const Fact& fact, const std::string& about);

}  // namespace earshot

#pragma once

/// Situations by name, and which of them a seed met (I16).

#include <string_view>
#include <vector>

#include "checks.hpp"

namespace earshot::sim {

/// Those that many days must meet, or the world is too tame.
const std::vector<std::string_view>& situations();

/// Marks what can be read from the store and from what the world wrote down.
void see_situations(World& world, const House& house);

}  // namespace earshot::sim

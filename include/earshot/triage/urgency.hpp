#pragma once

/// How fast somebody must look. Pure.

#include <string_view>

#include "earshot/core/words.hpp"

namespace earshot {

/// Ordered: a later one is more urgent.
EARSHOT_ENUM(Urgency, ignore, digest, queue, page);

}  // namespace earshot

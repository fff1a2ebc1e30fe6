#pragma once

/// Rare things that are legal: a batch of one, an early timer, a wake for nothing, a cache that has
/// forgotten. `rare("room.site")` is the constant false in everything that is shipped, and the
/// branch vanishes; in the simulator alone (compiled with EARSHOT_BUGGIFY) it is true now and then,
/// as the seed draws. Only where the product must live with it anyway, and only in `.cpp` files.

#include <string_view>

namespace earshot {

#ifdef EARSHOT_BUGGIFY
bool rare(std::string_view site);
#else
constexpr bool rare(std::string_view) {
  return false;
}
#endif

}  // namespace earshot

#include <cstdlib>

#include "earshot/core/planted.hpp"

namespace earshot {

int planted_bug() {
  static const int bug = [] {
    const char* const asked = std::getenv("EARSHOT_PLANT");
    return asked == nullptr ? 0 : std::atoi(asked);
  }();
  return bug;
}

}  // namespace earshot

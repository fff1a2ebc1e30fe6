#include "support/tree.hpp"

namespace earshot {

std::string source_tree() {
  return EARSHOT_SOURCE_DIR;
}

std::string build_tree() {
  return EARSHOT_BINARY_DIR;
}

}  // namespace earshot

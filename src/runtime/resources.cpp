#include "earshot/runtime/resources.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace earshot {

std::string resource_path(std::string_view name) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (const char* share = std::getenv("EARSHOT_SHARE"); share != nullptr && *share != '\0') {
    const fs::path path = fs::path{share} / name;
    if (fs::exists(path, error)) return path.string();
  }
  fs::path at = fs::read_symlink("/proc/self/exe", error).parent_path();
  const fs::path installed = at / "../share/earshot/config" / name;
  if (fs::exists(installed, error)) return installed.lexically_normal().string();
  // build/<preset>/earshot, build/<preset>/tests/test_classify …
  for (int up = 0; up < 5 && !at.empty(); ++up, at = at.parent_path()) {
    const fs::path path = at / "config" / name;
    if (fs::exists(path, error)) return path.string();
  }
  return {};
}

}  // namespace earshot

/// Configuration files: whatever the bytes, a configuration or errors, never both, never neither.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "earshot/config/load.hpp"
#include "earshot/core/check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace earshot;
  const std::vector<ConfigText> texts{{"fuzz.yaml", {reinterpret_cast<const char*>(data), size}}};
  const Loaded loaded = parse_config(texts, ".");
  bool wrong = false;
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    wrong = wrong || diagnostic.level == Diagnostic::Level::error;
  }
  EARSHOT_CHECK(loaded.config.has_value() != wrong);
  static_cast<void>(render(loaded.diagnostics));
  return 0;
}

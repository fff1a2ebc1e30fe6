#include "configured.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

#include "command.hpp"

namespace earshot::cli {
namespace {

Config load(const std::vector<std::string>& paths, const LoadOptions& options) {
  Loaded loaded = load_config(paths, options);
  if (loaded.config) return std::move(*loaded.config);
  std::size_t errors = 0;
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    if (diagnostic.level != Diagnostic::Level::error) continue;
    ++errors;
    fmt::print(stderr, "{}", render(diagnostic));
  }
  throw Failure(kConfig, fmt::format("the configuration has {} {}", errors,
                                     errors == 1 ? "mistake" : "mistakes"));
}

}  // namespace

Config load_for_question(const std::vector<std::string>& paths) {
  LoadOptions options;
  options.tolerate_planned = true;
  return load(paths, options);
}

Config load_for_action(const std::vector<std::string>& paths) {
  LoadOptions options;
  options.secrets = true;
  if (const char* folder = std::getenv("CREDENTIALS_DIRECTORY"))
    options.credentials_directory = folder;
  return load(paths, options);
}

}  // namespace earshot::cli

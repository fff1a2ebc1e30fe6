#pragma once

/// YAML files -> Config, or every mistake in them with its line. `earshotd`, its reload and
/// `earshot check-config` all call load_config, so that what was checked is what runs (P12). Reads
/// the files it is given and, where asked, looks at the secret files they name; else pure.

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/config/config.hpp"
#include "earshot/config/diagnostic.hpp"

namespace earshot {

struct LoadOptions {
  /// Look at the secret files: absent ones, empty ones and those that others may read are mistakes.
  bool secrets = false;
  /// $CREDENTIALS_DIRECTORY; "" = not run by systemd. A plain name is then looked for beside the
  /// configuration only, and its absence is a warning, because the unit may still provide it.
  std::string credentials_directory{};
  /// Parts that this release does not have yet (a receiver `type: sms`) are warnings. For commands
  /// that answer a question from the configuration and send nothing.
  bool tolerate_planned = false;
};

struct Loaded {
  std::optional<Config> config{};         ///< absent where there is an error
  std::vector<Diagnostic> diagnostics{};  ///< sorted by place: file as given, line, column
  /// Where the route nodes ("route.routes[0]") and schedules ("schedules[0]") stand, for findings
  /// about what a right configuration means: a Diagnostic with everything but the problem.
  std::map<std::string, Diagnostic> places{};
};

/// Bytes of one file with the name it has in diagnostics.
struct ConfigText {
  std::string name;
  std::string bytes;
};

/// Each path is a file, or a folder whose *.yaml and *.yml files are read in the order of their
/// names. Sections of all files are merged: lists are joined, and a key that is set twice is a
/// mistake. Names of secret files and other paths are relative to the first path's folder.
Loaded load_config(std::span<const std::string> paths, const LoadOptions& options = {});
/// The same for texts in memory; `directory` becomes Config::directory.
Loaded parse_config(std::span<const ConfigText> texts, const std::string& directory,
                    const LoadOptions& options = {});

}  // namespace earshot

#pragma once

/// App: the daemon. Owns everything, in the order in which the parts depend on each other, and
/// implements what the sources (Intake) and the web room (Backend) ask of it.

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace earshot {

struct AppOptions {
  std::vector<std::string> config;  ///< files or folders
  std::string store;                ///< overrides store.path; "" = as configured
  std::size_t ballast_mib = 64;     ///< held back for a full disk, 0: nothing
  bool reader_apart = true;         ///< what strangers send is read in a process of its own
  bool landlock = false;            ///< write nowhere but below the folder of the store
  bool quiet = false;               ///< no line about readiness on standard error
};

struct LoadOptions;
/// How the daemon loads its configuration: secret files are looked at, systemd's credentials too.
LoadOptions load_options();

/// Runs until SIGTERM or SIGINT and returns the exit code: 0 drained, 75 the store failed, 78 the
/// configuration is wrong.
int run_daemon(const AppOptions& options);

}  // namespace earshot

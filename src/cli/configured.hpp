#pragma once

/// The configuration for a command: loaded by the daemon's own loader, mistakes printed, exit 78.

#include <string>
#include <vector>

#include "earshot/config/config.hpp"
#include "earshot/config/load.hpp"

namespace earshot::cli {

/// For commands that answer a question from the configuration and send nothing: parts that this
/// release lacks (receivers of other types) do not matter to them. Errors go to stderr and end the
/// command with 78; warnings are `check-config`'s business and stay unsaid.
Config load_for_question(const std::vector<std::string>& paths);
/// For commands that reach out: all must be as the daemon wants it, secret files too.
Config load_for_action(const std::vector<std::string>& paths);

}  // namespace earshot::cli

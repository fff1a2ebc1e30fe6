#pragma once

/// Looks at the files a configuration names. Reads metadata only.

#include <string>

#include "context.hpp"

namespace earshot::config {

/// Complains of secret files that are absent, empty or open to others, and of other files that are
/// absent. `directory` is where relative names begin.
void check_files(Context& context, const std::string& directory);

}  // namespace earshot::config

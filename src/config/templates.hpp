#pragma once

/// Reads the template files that receivers name. Touches the disk.

#include <string>
#include <vector>

#include "earshot/config/config.hpp"
#include "earshot/config/diagnostic.hpp"

namespace earshot::config {

/// Puts the words of each file into its receiver; every mistake in one becomes a diagnostic with
/// the template's own name, line and caret.
void load_templates(std::vector<ReceiverConfig>& receivers, const std::string& directory,
                    std::vector<Diagnostic>& out);

}  // namespace earshot::config

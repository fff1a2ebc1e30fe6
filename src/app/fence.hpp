#pragma once

#include <string>
#include <vector>

#include "earshot/config/config.hpp"

namespace earshot {

/// Where the daemon must write: the folder of the store, those of the receivers' files, /dev/null;
/// with a receiver of type exec the folders for temporary files too, because its program inherits
/// the fence.
std::vector<std::string> written_paths(const Config& config, const std::string& store);

/// write_only_below() all of these, and a line about it. False, said on standard error, where the
/// kernel has Landlock and it failed.
bool raise_fence(const Config& config, const std::string& store);

}  // namespace earshot

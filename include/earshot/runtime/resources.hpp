#pragma once

/// Where the files that come with the program lie: installed in <prefix>/share/earshot/config, or
/// in config/ of the source tree the binary was built in. Looks at the disk.

#include <string>
#include <string_view>

namespace earshot {

/// The path of a shipped file, e.g. "model/complaint.model"; "" where it is nowhere.
/// $EARSHOT_SHARE, where set, is asked first.
std::string resource_path(std::string_view name);

}  // namespace earshot

#pragma once

#include "earshot/core/result.hpp"

namespace earshot {

/// From now on no file can be opened, made or removed by its name. Returns Landlock's version; 0:
/// the kernel has none.
Result<int> name_no_file();

}  // namespace earshot

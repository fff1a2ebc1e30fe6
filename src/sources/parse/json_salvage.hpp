#pragma once

/// What is left of a list in JSON that is broken in the middle. Pure.

#include <string>
#include <string_view>
#include <vector>

namespace earshot {

struct SalvagedJson {
  std::string json;               ///< The document with the whole items of its list "items" only.
  std::vector<std::string> lost;  ///< What stands between them, at most 64 KiB of each.
};

/// Keeps the items that are JSON by themselves (tidied), drops the others, and looks for the next
/// behind each: an object with an "id" or content, after "},". Work is bounded by the size of the
/// text. Nothing found: `json` is empty.
SalvagedJson salvage_items(std::string_view text);

}  // namespace earshot

#pragma once

/// Where the tree lies that these tests are built from. One file alone is told, so that every other
/// compiles to the same object in every checkout.

#include <string>

namespace earshot {

/// The checkout, without a slash at its end.
std::string source_tree();

/// The folder it is built in, without a slash at its end.
std::string build_tree();

}  // namespace earshot

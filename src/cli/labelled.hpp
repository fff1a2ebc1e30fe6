#pragma once

/// Reading labelled texts for `train` and `eval`.

#include <span>
#include <string>
#include <vector>

#include "earshot/classify/train.hpp"

namespace earshot::cli {

/// All rows of the files. A row without "dataset" gets the file's name. Bad lines are reported on
/// stderr with file and line; `bad` counts them.
std::vector<Example> read_examples(std::span<const std::string> files, std::size_t& bad);

}  // namespace earshot::cli

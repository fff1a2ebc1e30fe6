#pragma once

/// What `classify` and `eval` judge with: model, lexicon, watch list, from the options --model,
/// --lexicon and --config.

#include "command.hpp"
#include "earshot/classify/classifier.hpp"

namespace earshot::cli {

/// Options that judging_with() reads: "config=", "model=", "lexicon=".
Classifier judging_with(const Args& args);

}  // namespace earshot::cli

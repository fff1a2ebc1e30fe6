#pragma once

/// What `classify` and `eval` judge with: model, lexicon, watch list, from the options --model,
/// --lexicon and --config.

#include "command.hpp"
#include "earshot/classify/classifier.hpp"

namespace earshot::cli {

Model read_model(const Args& args);
Lexicon read_lexicon(const Args& args);

}  // namespace earshot::cli

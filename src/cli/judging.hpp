#pragma once

/// What `classify` and `eval` judge with: model, lexicon, watch list, from the options --model,
/// --lexicon and --config.

#include "command.hpp"
#include "earshot/classify/classifier.hpp"
#include "earshot/classify/train.hpp"

namespace earshot::cli {

/// Options that judging_with() reads: "config=", "model=", "lexicon=".
/// `model` other than "" goes before --model.
Classifier judging_with(const Args& args, const std::string& model = {});
/// What a model is trained with, from the same options.
TrainWith training_with(const Args& args);

}  // namespace earshot::cli

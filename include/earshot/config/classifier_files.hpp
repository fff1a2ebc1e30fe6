#pragma once

/// Makes the classifier from its files: the model and further lexicon files. Pure but for reading
/// them.

#include <string>

#include "earshot/classify/classifier.hpp"
#include "earshot/core/result.hpp"

namespace earshot {

/// Where what is shipped lies: beside the program's source tree or installed under share/earshot.
/// "" where neither is there.
std::string shipped_config_dir();

/// `model`: a file; "" = the shipped one. `lexicon`: a folder whose *.yaml files add to the
/// built-in lexicon; "" = none. Errors name the file and what is wrong with it.
/// The built-in lexicon and the files of a folder ("" = none) on top of it.
Result<Lexicon> load_lexicon(const std::string& folder);
/// Maps a model file; "" = the shipped one.
Result<Model> load_model(const std::string& model);
Result<Classifier> load_classifier(const std::string& model, const std::string& lexicon,
                                   const Watch& watch);

}  // namespace earshot

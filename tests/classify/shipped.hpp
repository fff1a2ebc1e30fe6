#pragma once

/// What tests of the shipped model share.

#include <string>
#include <vector>

#include "earshot/classify/classifier.hpp"
#include "earshot/classify/train.hpp"

namespace earshot::test {

/// The bytes of a file of the project.
std::string file(const std::string& name);
Model shipped();
/// A company that some texts are about.
Watch brightwave();
/// The shipped model where nobody is watched, and where the company is.
const Classifier& unwatched();
const Classifier& watched();
Post post_of(std::string text);
/// Labelled texts of a file of the project.
std::vector<Example> examples_of(const std::string& name);

}  // namespace earshot::test

#pragma once

/// What a complaint is about (billing, delivery …): one judge a topic. Heard in what is a matter
/// only.

#include <cstddef>
#include <string>
#include <vector>

#include "earshot/classify/model.hpp"
#include "earshot/classify/train.hpp"
#include "small_judges.hpp"

namespace earshot {

/// The topics that enough rows have, by name; `most` of them.
LearntJudges learn_topics(const TrainingRows& rows, std::size_t most, const TrainOptions& options);

/// Names of the topics above their threshold, the surest first, at most three.
std::vector<std::string> topics_of(const Model& model, const FeatureText& text);

}  // namespace earshot

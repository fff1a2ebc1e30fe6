#pragma once

/// What a complaint is about (billing, delivery …): one judge a topic against all others, over the
/// same features in fewer buckets. Heard in what is a matter only.

#include <cstdint>
#include <string>
#include <vector>

#include "earshot/classify/model.hpp"
#include "earshot/classify/train.hpp"
#include "training_rows.hpp"

namespace earshot {

inline constexpr std::uint32_t kTopicLog2 = 15;  ///< or what the judges have, where that is less

/// The topics that enough rows have, by name, and their weights, side by side for each bucket.
struct LearntTopics {
  std::uint32_t log2_buckets = 0;
  std::vector<TopicNumbers> topics;
  std::vector<std::int8_t> weights;
};
LearntTopics learn_topics(const TrainingRows& rows, const TrainOptions& options);

/// Names of the topics above their threshold, the surest first, at most three.
std::vector<std::string> topics_of(const Model& model, const FeatureText& text);

}  // namespace earshot

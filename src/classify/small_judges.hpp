#pragma once

/// Judges of one matter each (a topic, a hazard) against all others: the same features in fewer
/// buckets, the weights of all of them side by side for each bucket.

#include <cstdint>
#include <span>
#include <vector>

#include "earshot/classify/model.hpp"
#include "earshot/classify/train.hpp"
#include "solver.hpp"
#include "training_rows.hpp"

namespace earshot {

inline constexpr std::uint32_t kSmallLog2 = 15;  ///< or what the judges have, where that is less

/// Labelled texts in fewer buckets.
struct SmallRows {
  std::uint32_t log2_buckets = 0;
  Matrix matrix;
  std::vector<std::size_t> index;  ///< of the row in TrainingRows
  std::vector<const Example*> examples;
  std::vector<std::uint64_t> groups;
};
SmallRows small_rows(const TrainingRows& rows, const TrainOptions& options,
                     bool (*wanted)(const Example&));

struct LearntJudges {
  std::vector<TopicNumbers> judges;  ///< their scale is set as they are packed
  std::vector<LinearWeights> weights;
};
/// As they stand in a model's file.
struct PackedJudges {
  std::uint32_t log2_buckets = 0;
  std::vector<TopicNumbers> judges;
  std::vector<std::int8_t> weights;
};
PackedJudges pack(LearntJudges first, LearntJudges then, const TrainOptions& options);

LinearWeights learn_small(const SmallRows& rows, std::span<const Label> labels,
                          std::span<const std::uint32_t> order, const TrainOptions& options);
/// Rows whose fold is not `without`, in the order in which they are learnt.
std::vector<std::uint32_t> without_fold(const SmallRows& rows, std::uint64_t folds,
                                        std::uint64_t without);

/// Where a judge's F1 is best on rows that it did not learn from and that are `asked`, while
/// `surest` of those above are right.
double threshold_of(const SmallRows& rows, std::span<const Label> labels,
                    bool (*asked)(const Example&), double surest, const TrainOptions& options);

/// Log-odds of the judges `first` to `first + scores.size() - 1` of a model.
void small_scores(const Model& model, const FeatureText& text, std::size_t first,
                  std::span<double> scores);

}  // namespace earshot

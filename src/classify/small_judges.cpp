#include "small_judges.hpp"

#include <algorithm>
#include <iterator>
#include <map>

namespace earshot {
namespace {

/// Such a matter has few rows: its words may weigh more where they lean to it.
constexpr double kSmallTrust = 3;

}  // namespace

SmallRows small_rows(const TrainingRows& rows, const TrainOptions& options,
                     bool (*wanted)(const Example&)) {
  SmallRows out;
  out.log2_buckets = std::min(kSmallLog2, options.log2_buckets);
  const std::uint32_t mask = (1U << out.log2_buckets) - 1U;
  for (std::size_t i = 0; i < rows.examples.size(); ++i) {
    if (!wanted(*rows.examples[i])) continue;
    std::map<std::uint32_t, float> cells;
    for (const Matrix::Cell& cell : rows.natural.row(i)) cells[cell.at & mask] += cell.value;
    std::vector<Matrix::Cell> row;
    row.reserve(cells.size());
    for (const auto& [at, value] : cells) row.push_back({at, value});
    out.matrix.add_row(row);
    out.index.push_back(i);
    out.examples.push_back(rows.examples[i]);
    out.groups.push_back(rows.groups[i]);
  }
  return out;
}

LinearWeights learn_small(const SmallRows& rows, std::span<const Label> labels,
                          std::span<const std::uint32_t> order, const TrainOptions& options) {
  const SolveOptions solve{1U << rows.log2_buckets, options.epsilon, options.max_passes};
  const std::vector<double> trust =
      class_lean(rows.matrix, labels, order, solve.columns, kSmallTrust);
  return solve_logistic(rows.matrix, labels, order, solve, {}, trust);
}

PackedJudges pack(LearntJudges first, LearntJudges then, const TrainOptions& options) {
  std::ranges::move(then.judges, std::back_inserter(first.judges));
  std::ranges::move(then.weights, std::back_inserter(first.weights));
  PackedJudges out;
  out.judges = std::move(first.judges);
  if (out.judges.empty()) return out;
  out.log2_buckets = std::min(kSmallLog2, options.log2_buckets);
  out.weights.resize(out.judges.size() << out.log2_buckets);
  for (std::size_t k = 0; k < out.judges.size(); ++k)
    out.judges[k].scale = quantise(first.weights[k], k, out.judges.size(), out.weights);
  return out;
}

std::vector<std::uint32_t> without_fold(const SmallRows& rows, std::uint64_t folds,
                                        std::uint64_t without) {
  std::vector<std::uint32_t> out;
  for (const std::uint32_t i : shuffled(rows.groups.size())) {
    if (rows.groups[i] % folds != without) out.push_back(i);
  }
  return out;
}

void small_scores(const Model& model, const FeatureText& text, std::size_t first,
                  std::span<double> scores) {
  const std::vector<TopicNumbers>& judges = model.parts().topics;
  std::ranges::fill(scores, 0.0);
  thread_local Blocks blocks;
  extract_features(text, (1U << model.parts().topic_log2) - 1U, blocks);
  for (std::size_t b = 0; b < kBlocks; ++b) {
    const double value = block_value(b, static_cast<std::uint32_t>(blocks[b].size()));
    for (const Feature& feature : blocks[b]) {
      const auto weights =
          model.parts().topic_weights.subspan(feature.hash * judges.size() + first, scores.size());
      for (std::size_t k = 0; k < scores.size(); ++k) scores[k] += value * weights[k];
    }
  }
  for (std::size_t k = 0; k < scores.size(); ++k)
    scores[k] = judges[first + k].bias + judges[first + k].scale * scores[k];
}

}  // namespace earshot

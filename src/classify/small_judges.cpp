#include "small_judges.hpp"

#include <algorithm>
#include <iterator>
#include <map>

namespace earshot {
namespace {

/// Such a matter has few rows: its words may weigh more where they lean to it.
constexpr double kSmallTrust = 3;
constexpr std::uint64_t kHeldOut = 2;  ///< folds whose scores set a threshold

/// The score from which F1 is best, while `surest` of those above have it.
double best_cut(std::vector<Scored> scored, double surest) {
  std::ranges::stable_sort(scored,
                           [](const Scored& a, const Scored& b) { return a.score > b.score; });
  const auto wanted =
      static_cast<double>(std::ranges::count_if(scored, [](const Scored& it) { return it.yes; }));
  double right = 0;
  double best = 0;
  double cut = scored.empty() ? 0 : scored.front().score + 1;
  for (std::size_t i = 0; i + 1 < scored.size(); ++i) {
    right += scored[i].yes ? 1 : 0;
    const auto said = static_cast<double>(i + 1);
    const double f1 = 2 * right / (said + wanted);
    if (right < surest * said || f1 <= best) continue;
    best = f1;
    cut = (scored[i].score + scored[i + 1].score) / 2;
  }
  return cut;
}

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

double threshold_of(const SmallRows& rows, std::span<const Label> labels,
                    bool (*asked)(const Example&), double surest, const TrainOptions& options) {
  const auto folds = static_cast<std::uint64_t>(options.folds);
  std::vector<Scored> scored;
  for (std::uint64_t fold = 0; fold < std::min(kHeldOut, folds); ++fold) {
    const LinearWeights w = learn_small(rows, labels, without_fold(rows, folds, fold), options);
    for (std::size_t i = 0; i < labels.size(); ++i) {
      if (rows.groups[i] % folds == fold && asked(*rows.examples[i]))
        scored.push_back({w.score(rows.matrix.row(i)), labels[i].yes});
    }
  }
  return best_cut(std::move(scored), surest);
}

namespace {

/// The first kLanes judges, by the fast way.
void first_scores(const Model& model, const FeatureText& text, std::span<double> scores) {
  const ModelParts& parts = model.parts();
  const LaneSums sums = sum_weights(text, (1U << parts.topic_log2) - 1U, parts.topic_weights.data(),
                                    model.serial(), parts.topics.size());
  for (std::size_t b = 0; b < kBlocks; ++b) {
    const double value = block_value(b, sums.count[b]);
    for (std::size_t k = 0; k < scores.size(); ++k) scores[k] += value * sums.sum[b][k];
  }
}

void any_scores(const Model& model, const FeatureText& text, std::size_t first,
                std::span<double> scores) {
  const std::size_t many = model.parts().topics.size();
  thread_local Blocks blocks;
  extract_features(text, (1U << model.parts().topic_log2) - 1U, blocks);
  for (std::size_t b = 0; b < kBlocks; ++b) {
    const double value = block_value(b, static_cast<std::uint32_t>(blocks[b].size()));
    for (const Feature& feature : blocks[b]) {
      const auto weights =
          model.parts().topic_weights.subspan(feature.hash * many + first, scores.size());
      for (std::size_t k = 0; k < scores.size(); ++k) scores[k] += value * weights[k];
    }
  }
}

}  // namespace

void small_scores(const Model& model, const FeatureText& text, std::size_t first,
                  std::span<double> scores) {
  const std::vector<TopicNumbers>& judges = model.parts().topics;
  std::ranges::fill(scores, 0.0);
  if (first == 0 && scores.size() <= kLanes && judges.size() > kLanes)
    first_scores(model, text, scores);
  else
    any_scores(model, text, first, scores);
  for (std::size_t k = 0; k < scores.size(); ++k)
    scores[k] = judges[first + k].bias + judges[first + k].scale * scores[k];
}

}  // namespace earshot

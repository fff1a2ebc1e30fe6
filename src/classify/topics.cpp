#include "topics.hpp"

#include <algorithm>
#include <map>

#include "solver.hpp"

namespace earshot {
namespace {

constexpr std::size_t kFewest = 60;    ///< rows of a topic from which it is learnt
constexpr std::size_t kMost = 3;       ///< topics of one text
constexpr double kSurest = 0.5;        ///< share of right ones that a threshold must keep
constexpr std::uint64_t kHeldOut = 2;  ///< folds whose scores set the thresholds
/// A topic has few rows: its words may weigh more where they lean to it.
constexpr double kTrustInLeaning = 3;

/// The rows whose topics are known, in fewer buckets.
struct TopicRows {
  std::uint32_t log2_buckets = 0;
  Matrix matrix;
  std::vector<const Example*> examples;
  std::vector<std::uint64_t> groups;
};

TopicRows fold(const TrainingRows& rows, std::uint32_t log2_buckets) {
  const std::uint32_t mask = (1U << log2_buckets) - 1U;
  TopicRows out;
  out.log2_buckets = log2_buckets;
  for (std::size_t i = 0; i < rows.examples.size(); ++i) {
    if (!rows.examples[i]->topics) continue;
    std::map<std::uint32_t, float> cells;
    for (const Matrix::Cell& cell : rows.natural.row(i)) cells[cell.at & mask] += cell.value;
    std::vector<Matrix::Cell> row;
    for (const auto& [at, value] : cells) row.push_back({at, value});
    out.matrix.add_row(row);
    out.examples.push_back(rows.examples[i]);
    out.groups.push_back(rows.groups[i]);
  }
  return out;
}

bool has(const Example& example, std::string_view topic) {
  return std::ranges::find(*example.topics, topic) != example.topics->end();
}

LinearWeights learn(const TopicRows& rows, std::span<const Label> labels,
                    std::span<const std::uint32_t> order, const TrainOptions& options) {
  const SolveOptions solve{1U << rows.log2_buckets, options.epsilon, options.max_passes};
  const std::vector<double> trust =
      class_lean(rows.matrix, labels, order, solve.columns, kTrustInLeaning);
  return solve_logistic(rows.matrix, labels, order, solve, {}, trust);
}

/// The score from which F1 of the topic is best, while half of those above have it.
double best_cut(std::vector<Scored> scored) {
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
    if (right < kSurest * said || f1 <= best) continue;
    best = f1;
    cut = (scored[i].score + scored[i + 1].score) / 2;
  }
  return cut;
}

double threshold_of(const TopicRows& rows, std::span<const Label> labels,
                    const TrainOptions& options) {
  const auto folds = static_cast<std::uint64_t>(options.folds);
  std::vector<Scored> scored;
  for (std::uint64_t fold = 0; fold < std::min(kHeldOut, folds); ++fold) {
    std::vector<std::uint32_t> chosen;
    for (const std::uint32_t i : shuffled(labels.size())) {
      if (rows.groups[i] % folds != fold) chosen.push_back(i);
    }
    const LinearWeights w = learn(rows, labels, chosen, options);
    for (std::size_t i = 0; i < labels.size(); ++i) {
      if (rows.groups[i] % folds == fold)
        scored.push_back({w.score(rows.matrix.row(i)), labels[i].yes});
    }
  }
  return best_cut(std::move(scored));
}

}  // namespace

LearntTopics learn_topics(const TrainingRows& rows, const TrainOptions& options) {
  const TopicRows known = fold(rows, std::min(kTopicLog2, options.log2_buckets));
  std::map<std::string, std::size_t> count;
  for (const Example* example : known.examples) {
    for (const std::string& topic : *example->topics) ++count[topic];
  }
  std::erase_if(count, [](const auto& it) {
    return it.second < kFewest || it.first.size() > kTopicNameBytes;
  });
  while (count.size() > kMostTopics)
    count.erase(std::ranges::min_element(count, {}, [](const auto& it) { return it.second; }));
  LearntTopics out;
  if (count.empty()) return out;
  out.log2_buckets = known.log2_buckets;
  out.weights.resize(count.size() << known.log2_buckets);
  for (const auto& [topic, n] : count) {
    std::vector<Label> labels;
    for (const Example* example : known.examples)
      labels.push_back({has(*example, topic), options.c});
    const LinearWeights w = learn(known, labels, shuffled(labels.size()), options);
    const double scale = quantise(w, out.topics.size(), count.size(), out.weights);
    out.topics.push_back({topic, scale, w.bias, threshold_of(known, labels, options)});
  }
  return out;
}

std::vector<std::string> topics_of(const Model& model, const FeatureText& text) {
  const std::vector<TopicNumbers>& topics = model.parts().topics;
  if (topics.empty()) return {};
  thread_local Blocks blocks;
  extract_features(text, (1U << model.parts().topic_log2) - 1U, blocks);
  std::vector<double> scores(topics.size());
  for (std::size_t b = 0; b < kBlocks; ++b) {
    const double value = block_value(b, static_cast<std::uint32_t>(blocks[b].size()));
    for (const Feature& feature : blocks[b]) {
      const auto weights = model.parts().topic_weights.subspan(feature.hash * topics.size());
      for (std::size_t t = 0; t < topics.size(); ++t) scores[t] += value * weights[t];
    }
  }
  std::vector<std::pair<double, std::size_t>> heard;
  for (std::size_t t = 0; t < topics.size(); ++t) {
    const double above = topics[t].bias + topics[t].scale * scores[t] - topics[t].threshold;
    if (above >= 0) heard.emplace_back(-above, t);
  }
  std::ranges::sort(heard);
  std::vector<std::string> out;
  for (std::size_t i = 0; i < std::min(kMost, heard.size()); ++i)
    out.push_back(topics[heard[i].second].name);
  return out;
}

}  // namespace earshot

#include <algorithm>
#include <cmath>

#include "earshot/classify/train.hpp"
#include "notions.hpp"
#include "reading.hpp"
#include "solver.hpp"
#include "training_rows.hpp"

namespace earshot {
namespace {

constexpr std::size_t kFewestLabels = 10;  ///< labels of each class from which words may move
constexpr std::size_t kCalibrated = 50;    ///< labels from which probabilities are fitted anew
constexpr double kDeltaCost = 1.0;
constexpr std::uint64_t kFolds = 5;

/// The labels of one source and what the shipped weights say of them.
struct Labels {
  Matrix matrix;
  Matrix bare;  ///< no features: only the bias can move
  std::vector<Label> labels;
  std::vector<double> base;
  std::vector<Place> places;
  std::size_t complaints = 0;
};

Labels read_labels(const Model& base, std::string_view source, std::span<const Example> examples,
                   const TrainWith& with) {
  Labels out;
  const NameTable names{with.watch};
  for (const Example& example : examples) {
    if (example.complaint < 0 || example.post.source != source) continue;
    const std::string text = words_of(example.post);
    const WordList words{text};
    const std::string language = language_of(example.post, words);
    const auto hits = with.lexicon.find(words, language);
    const auto notions = Notions::builtin().find(words, language);
    const FeatureText reading{
        text,   &words, hits, &names, example.post.channel, keeps_handles(example.post.channel),
        notions};
    out.places.push_back(place_of(example.post, text, !with.watch.company.name.empty()));
    const LaneSums sums =
        sum_weights(reading, base.mask(), base.parts().weights.data(), base.serial());
    out.base.push_back(mix(base.place(out.places.back()), head_scores(base, sums)).log_odds);
    out.matrix.add_row(cells_of(reading, (1U << kDeltaLog2) - 1U));
    out.bare.add_row({});
    out.labels.push_back({example.complaint == 1, kDeltaCost * example.weight});
    out.complaints += example.complaint == 1 ? 1U : 0U;
  }
  return out;
}

std::vector<Scored> held_out(const Labels& labels, const SolveOptions& options) {
  std::vector<Scored> out;
  for (std::uint64_t fold = 0; fold < kFolds; ++fold) {
    std::vector<std::uint32_t> chosen;
    for (const std::uint32_t i : shuffled(labels.labels.size())) {
      if (i % kFolds != fold) chosen.push_back(i);
    }
    const LinearWeights w =
        solve_logistic(labels.matrix, labels.labels, chosen, options, labels.base);
    for (std::size_t i = fold; i < labels.labels.size(); i += kFolds)
      out.push_back({labels.base[i] + w.score(labels.matrix.row(i)), labels.labels[i].yes,
                     labels.labels[i].cost});
  }
  return out;
}

Delta learn(const Model& base, std::string_view source, const Labels& labels,
            std::vector<std::int8_t>& weights) {
  const std::size_t count = labels.labels.size();
  const bool words_move =
      labels.complaints >= kFewestLabels && count - labels.complaints >= kFewestLabels;
  const SolveOptions options{1U << kDeltaLog2, 0.01, 200};
  const LinearWeights w = solve_logistic(words_move ? labels.matrix : labels.bare, labels.labels,
                                         shuffled(count), options, labels.base);
  Delta delta;
  delta.source = source;
  delta.labels = count;
  weights.assign(std::size_t{1} << kDeltaLog2, 0);
  delta.numbers = {quantise(w, 0, 1, weights), w.bias};
  delta.weights = weights;
  delta.calibration.threshold = base.place(labels.places.front()).threshold;
  if (!words_move || count < kCalibrated) return delta;
  const std::vector<Scored> scored = held_out(labels, options);
  const Sigmoid s = fit_platt(scored);
  if (s.a <= 0) return delta;
  delta.calibration = {s.a, s.b,
                       std::clamp(sigmoid(s.a * best_threshold(scored, 1) + s.b), 0.05, 0.95)};
  return delta;
}

}  // namespace

Result<Model> adapt(const Model& base, std::string_view source, std::span<const Example> examples,
                    const TrainWith& with) {
  if (base.empty()) return permanent("there are no weights to move");
  if (source.empty() || source.size() > 63)
    return permanent("a label needs the name of its source, at most 63 bytes long");
  ModelParts parts = base.parts();
  std::erase_if(parts.deltas, [&](const Delta& delta) { return delta.source == source; });
  const Labels labels = read_labels(base, source, examples, with);
  std::vector<std::int8_t> weights;
  if (!labels.labels.empty()) parts.deltas.push_back(learn(base, source, labels, weights));
  std::sort(parts.deltas.begin(), parts.deltas.end(),
            [](const Delta& a, const Delta& b) { return a.source < b.source; });
  if (parts.deltas.size() > 256)
    return permanent("at most 256 sources can have labels of their own");
  return Model::make(parts);
}

}  // namespace earshot

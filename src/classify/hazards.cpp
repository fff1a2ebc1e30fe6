#include "hazards.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace earshot {
namespace {

constexpr std::array kCues{Cue::safety, Cue::medical, Cue::fraud,  Cue::breach,
                           Cue::legal,  Cue::press,   Cue::outage, Cue::threat};
constexpr std::size_t kFewTold = 60;  ///< rows of a hazard from which it is learnt
/// A mistake costs what it costs the urgency judge in a row of ours (kCosts in train.cpp).
constexpr double kCost = 2;

bool may_teach(const Example& example) {
  return example.cues || example.urgent == 0 || (example.urgent < 0 && example.complaint == 0);
}

bool tells(const Example& example, Cue cue) {
  return example.cues && std::ranges::find(*example.cues, cue) != example.cues->end();
}

std::vector<Label> labels_of(const SmallRows& rows, Cue cue, const TrainOptions& options) {
  std::vector<Label> out;
  for (const Example* example : rows.examples)
    out.push_back({tells(*example, cue), kCost * options.c * example->weight});
  return out;
}

std::vector<Cue> learnt(const SmallRows& rows) {
  std::vector<Cue> out;
  for (const Cue cue : kCues) {
    const auto count = static_cast<std::size_t>(std::ranges::count_if(
        rows.examples, [&](const Example* example) { return tells(*example, cue); }));
    if (count >= kFewTold) out.push_back(cue);
  }
  return out;
}

/// Log-odds that one or more of independent things is so.
double any_of(std::span<const double> log_odds) {
  double none = 1;
  for (const double s : log_odds) none *= 1 - sigmoid(s);
  none = std::clamp(none, 1e-6, 1 - 1e-6);
  return std::max(kNoHazard, steady_log((1 - none) / none));
}

}  // namespace

LearntJudges learn_hazards(const TrainingRows& rows, const TrainOptions& options) {
  LearntJudges out;
  const SmallRows known = small_rows(rows, options, may_teach);
  for (const Cue cue : learnt(known)) {
    const std::vector<Label> labels = labels_of(known, cue, options);
    out.weights.push_back(learn_small(known, labels, shuffled(labels.size()), options));
    out.judges.push_back(
        {std::string{kHazardPrefix} + std::string{to_word(cue)}, 0, out.weights.back().bias, 0});
  }
  return out;
}

std::vector<double> hazards_out_of_fold(const TrainingRows& rows, std::span<const double> urgent,
                                        const TrainOptions& options) {
  std::vector<double> out(rows.examples.size(), kNoHazard);
  const SmallRows known = small_rows(rows, options, may_teach);
  const std::vector<Cue> cues = learnt(known);
  if (cues.empty()) return out;
  const auto folds = static_cast<std::uint64_t>(options.folds);
  for (std::uint64_t fold = 0; fold < folds; ++fold) {
    const std::vector<std::uint32_t> order = without_fold(known, folds, fold);
    std::vector<LinearWeights> judges;
    judges.reserve(cues.size());
    for (const Cue cue : cues)
      judges.push_back(learn_small(known, labels_of(known, cue, options), order, options));
    for (std::size_t i = 0; i < known.groups.size(); ++i) {
      if (known.groups[i] % folds != fold || urgent[known.index[i]] < kHazardsAsked) continue;
      std::vector<double> scores;
      scores.reserve(judges.size());
      for (const LinearWeights& judge : judges) scores.push_back(judge.score(known.matrix.row(i)));
      out[known.index[i]] = any_of(scores);
    }
  }
  return out;
}

std::size_t hazards_in(const Model& model) {
  const auto& judges = model.parts().topics;
  const auto end = std::ranges::find_if_not(
      judges, [](const TopicNumbers& it) { return it.name.starts_with(kHazardPrefix); });
  return static_cast<std::size_t>(end - judges.begin());
}

double hazard_of(const Model& model, const FeatureText& text, double urgent) {
  if (urgent < kHazardsAsked) return kNoHazard;
  std::array<double, kCues.size()> scores{};
  const std::size_t many = std::min(scores.size(), hazards_in(model));
  if (many == 0) return kNoHazard;
  small_scores(model, text, 0, std::span{scores}.first(many));
  return any_of(std::span{scores}.first(many));
}

}  // namespace earshot

#include "hazards.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace earshot {
namespace {

/// The hazards in front.
constexpr std::array kCues{
    Cue::safety,         Cue::medical,        Cue::fraud,      Cue::breach,         Cue::legal,
    Cue::press,          Cue::outage,         Cue::threat,     Cue::discrimination, Cue::churn,
    Cue::repeat_contact, Cue::broken_promise, Cue::wants_human};
constexpr std::size_t kHazards = 8;
constexpr std::size_t kFewTold = 60;  ///< rows of a cue from which it is learnt
constexpr double kSurest = 2.0 / 3;   ///< share of right ones that a cue's threshold must keep
/// A mistake costs what it costs the urgency judge in a row of ours (kCosts in train.cpp).
constexpr double kCost = 2;

bool may_teach(const Example& example) {
  return example.cues || example.urgent == 0 || (example.urgent < 0 && example.complaint == 0);
}

bool is_matter(const Example& example) {
  return example.cues && (example.complaint == 1 || example.urgent == 1);
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

/// Of `cues`, those that enough rows tell.
std::vector<Cue> learnt(const SmallRows& rows, std::span<const Cue> cues) {
  std::vector<Cue> out;
  for (const Cue cue : cues) {
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

bool is_cue(const TopicNumbers& judge) {
  return judge.name.starts_with(kCuePrefix);
}

Cue cue_of(const TopicNumbers& judge) {
  return from_word<Cue>(std::string_view{judge.name}.substr(kCuePrefix.size()))
      .value_or(Cue::safety);
}

std::size_t leading(const Model& model, bool (*is)(const TopicNumbers&)) {
  const auto& judges = model.parts().topics;
  return static_cast<std::size_t>(std::ranges::find_if_not(judges, is) - judges.begin());
}

}  // namespace

LearntJudges learn_cues(const TrainingRows& rows, const TrainOptions& options) {
  LearntJudges out;
  const SmallRows known = small_rows(rows, options, may_teach);
  for (const Cue cue : learnt(known, kCues)) {
    const std::vector<Label> labels = labels_of(known, cue, options);
    out.weights.push_back(learn_small(known, labels, shuffled(labels.size()), options));
    out.judges.push_back({std::string{kCuePrefix} + std::string{to_word(cue)}, 0,
                          out.weights.back().bias,
                          threshold_of(known, labels, is_matter, kSurest, options)});
  }
  return out;
}

std::vector<double> hazards_out_of_fold(const TrainingRows& rows, std::span<const double> urgent,
                                        const TrainOptions& options) {
  std::vector<double> out(rows.examples.size(), kNoHazard);
  const SmallRows known = small_rows(rows, options, may_teach);
  const std::vector<Cue> cues = learnt(known, std::span{kCues}.first(kHazards));
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

std::size_t cues_in(const Model& model) {
  return leading(model, is_cue);
}

std::size_t hazards_in(const Model& model) {
  return leading(model, [](const TopicNumbers& it) {
    const auto hazards = std::span{kCues}.first(kHazards);
    return is_cue(it) && std::ranges::find(hazards, cue_of(it)) != hazards.end();
  });
}

std::vector<Cue> cues_of(const Model& model, const FeatureText& text) {
  std::vector<Cue> out;
  std::vector<double> scores(cues_in(model));
  if (scores.empty()) return out;
  small_scores(model, text, 0, scores);
  for (std::size_t k = 0; k < scores.size(); ++k) {
    const TopicNumbers& judge = model.parts().topics[k];
    if (scores[k] >= judge.threshold) out.push_back(cue_of(judge));
  }
  return out;
}

double hazard_of(const Model& model, const FeatureText& text, double urgent) {
  if (urgent < kHazardsAsked) return kNoHazard;
  std::array<double, kHazards> scores{};
  const std::size_t many = std::min(scores.size(), hazards_in(model));
  if (many == 0) return kNoHazard;
  small_scores(model, text, 0, std::span{scores}.first(many));
  return any_of(std::span{scores}.first(many));
}

}  // namespace earshot

#include "earshot/classify/train.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "earshot/classify/classifier.hpp"
#include "hazards.hpp"
#include "solver.hpp"
#include "topics.hpp"
#include "training_rows.hpp"

namespace earshot {
namespace {

constexpr std::size_t kPlaces = kWordsOf<Place>.size();
constexpr std::size_t kExperts = kWordsOf<Expert>.size();
/// A place with fewer texts of either class is read like `post`.
constexpr std::size_t kFewTexts = 20;

/// What a mistake in a row costs each judge, by the kind of the row: own, tweets, finance, open.
/// Chosen by cross-validation; docs/model-card.md has the figures.
constexpr std::array<std::array<double, kExperts>, kLanes> kCosts{{{0.1, 1, 0, 1},
                                                                   {0.1, 0.2, 1, 1},
                                                                   {2, 0.3, 0.1, 1},
                                                                   {1, 1, 1, 1},
                                                                   {0.3, 1, 0.2, 1},
                                                                   {2, 0.3, 0.1, 1},
                                                                   {2, 1, 0.1, 1},
                                                                   {2, 0, 0, 0}}};
/// What a row counts when the judges' scores are mixed.
constexpr std::array<double, kExperts> kMixCosts{1, 1, 0.3, 1};
/// Our own texts are six times the tweets. Posts where nobody is watched are not what they were
/// written for: there a row of ours counts this much of its weight.
constexpr double kOwnInAddressed = 0.05;
constexpr double kOwnInPosts = 0.2;

/// Words that lean to one class may weigh more than those that stand in both; chosen by
/// cross-validation of 1, 1.5 and 3.
constexpr double kTrustInLeaning = 3;

/// A hazard missed costs more than a look in vain: the urgency judge speaks a little earlier than
/// where its mistakes are fewest.
constexpr double kUrgentLean = 0.7;

Label complaint_label(const Example& example, double cost) {
  return example.complaint < 0 ? Label{} : Label{example.complaint == 1, cost};
}

/// What a row says to a judge, and at what cost a mistake.
Label label_of(const Example& example, Head head, double c) {
  const double cost =
      c * example.weight *
      kCosts[static_cast<std::size_t>(head)][static_cast<std::size_t>(example.expert)];
  switch (head) {
    case Head::gate:
      return {example.expert == Expert::finance, cost};
    case Head::urgent:
      if (example.urgent >= 0) return {example.urgent == 1, cost};
      return example.complaint == 0 ? Label{false, cost} : Label{};
    case Head::serious:
      if (!example.severity || *example.severity == Severity::none) return {};
      return {*example.severity != Severity::mild, cost};
    default:
      return complaint_label(example, cost);
  }
}

const Matrix& matrix_of(const TrainingRows& rows, Head head) {
  return head == Head::public_plain || head == Head::own_plain ? rows.without_handles
                                                               : rows.natural;
}

std::vector<Label> labels_of(const TrainingRows& rows, Head head, double c) {
  std::vector<Label> labels;
  for (const Example* example : rows.examples) labels.push_back(label_of(*example, head, c));
  return labels;
}

bool both_classes(std::span<const Label> labels) {
  std::size_t yes = 0;
  std::size_t no = 0;
  for (const Label& label : labels) {
    if (label.cost > 0) ++(label.yes ? yes : no);
  }
  return yes >= 10 && no >= 10;
}

/// A judge's weights, learnt from the rows of `order`.
LinearWeights learn(const Matrix& matrix, std::span<const Label> labels,
                    std::span<const std::uint32_t> order, const TrainOptions& options) {
  const SolveOptions solve{1U << options.log2_buckets, options.epsilon, options.max_passes};
  const std::vector<double> trust =
      class_lean(matrix, labels, order, solve.columns, kTrustInLeaning);
  return solve_logistic(matrix, labels, order, solve, {}, trust);
}

/// Out-of-fold log-odds of every row as the classifier reads it; rows of one group lie in one fold.
std::vector<double> out_of_fold(const TrainingRows& rows, Head head, const TrainOptions& options) {
  const Matrix& matrix = matrix_of(rows, head);
  const std::vector<Label> labels = labels_of(rows, head, options.c);
  std::vector<double> scores(matrix.rows());
  if (!both_classes(labels)) return scores;
  const auto folds = static_cast<std::uint64_t>(options.folds);
  const std::vector<std::uint32_t> order = shuffled(matrix.rows());
  for (std::uint64_t fold = 0; fold < folds; ++fold) {
    std::vector<std::uint32_t> chosen;
    for (const std::uint32_t i : order) {
      if (rows.groups[i] % folds != fold) chosen.push_back(i);
    }
    const LinearWeights w = learn(matrix, labels, chosen, options);
    for (std::size_t i = 0; i < matrix.rows(); ++i) {
      if (rows.groups[i] % folds == fold) scores[i] = w.score(rows.natural.row(i));
    }
  }
  return scores;
}

/// What the judges say of a text.
struct Said {
  HeadScores heads{};
  double hazard = kNoHazard;
};

/// The judges' out-of-fold scores, one row a text.
std::vector<Said> all_out_of_fold(const TrainingRows& rows, const TrainOptions& options) {
  std::vector<Said> scores(rows.examples.size());
  for (std::size_t k = 0; k < kLanes; ++k) {
    const std::vector<double> one = out_of_fold(rows, static_cast<Head>(k), options);
    for (std::size_t i = 0; i < one.size(); ++i) scores[i].heads[k] = one[i];
    if (static_cast<Head>(k) != Head::urgent) continue;
    const std::vector<double> hazards = hazards_out_of_fold(rows, one, options);
    for (std::size_t i = 0; i < one.size(); ++i) scores[i].hazard = hazards[i];
  }
  return scores;
}

bool is_question(Place place) {
  return place == Place::urgent || place == Place::serious;
}

double mix_cost(const Example& example, Place place) {
  const double cost = example.weight * kMixCosts[static_cast<std::size_t>(example.expert)];
  if (example.expert != Expert::own) return cost;
  if (place == Place::addressed) return cost * kOwnInAddressed;
  return place == Place::post ? cost * kOwnInPosts : cost;
}

/// What a row says to a place's mixing; cost 0 where it does not belong there.
Label mix_label(const TrainingRows& rows, std::size_t i, Place place) {
  const Example& example = *rows.examples[i];
  const double cost = mix_cost(example, place);
  if (is_question(place)) {
    Label label = label_of(example, place == Place::urgent ? Head::urgent : Head::serious, 1);
    if (label.cost > 0) label.cost = cost;
    return label;
  }
  if (rows.places[i] == place) return complaint_label(example, cost);
  const bool ours = example.expert == Expert::own || example.expert == Expert::open;
  return ours && watched(rows.places[i]) == place ? complaint_label(example, cost) : Label{};
}

Place plain(Place place) {
  const auto index = static_cast<std::size_t>(place);
  return index < kPlainPlaces ? place : static_cast<Place>(index - kPlainPlaces);
}

/// The numbers that a place mixes: 1, the scores, the gate, and the gated scores; urgency hears of
/// hazards in the gate's place.
std::array<double, kMixed> mix_inputs(const Said& said, Place place) {
  const HeadScores& scores = said.heads;
  std::array<double, kMixed> in{};
  in[0] = 1;
  if (place == Place::serious) {
    in[1 + static_cast<std::size_t>(Head::serious)] =
        scores[static_cast<std::size_t>(Head::serious)];
    return in;
  }
  const std::size_t judges = place == Place::urgent ? static_cast<std::size_t>(Head::urgent) + 1
                                                    : static_cast<std::size_t>(Head::urgent);
  for (std::size_t k = 0; k < judges; ++k) {
    if (k != static_cast<std::size_t>(Head::gate)) in[1 + k] = scores[k];
  }
  if (place == Place::urgent) in[1 + kLanes] = said.hazard;
  if (is_question(place) || (plain(place) != Place::addressed && plain(place) != Place::post))
    return in;
  const double gate = sigmoid(scores[static_cast<std::size_t>(Head::gate)]);
  in[1 + kLanes] = gate;
  for (std::size_t k = 0; k < kGated; ++k) in[2 + kLanes + k] = gate * scores[k];
  return in;
}

/// Mixing and threshold of a place, from the rows whose fold is not `without` (-1: from all).
Mixing mixing_of(const TrainingRows& rows, const std::vector<Said>& scores, Place place,
                 const TrainOptions& options, std::int64_t without) {
  std::vector<MixRow> mixed;
  std::vector<bool> everyday;
  std::size_t yes = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (static_cast<std::int64_t>(rows.groups[i] % static_cast<std::uint64_t>(options.folds)) ==
        without)
      continue;
    const Label label = mix_label(rows, i, place);
    if (!(label.cost > 0)) continue;
    mixed.push_back({mix_inputs(scores[i], place), label.yes, label.cost});
    everyday.push_back(rows.examples[i]->expert == Expert::open);
    yes += label.yes ? 1U : 0U;
  }
  if (place != Place::post && !is_question(place) &&
      (yes < kFewTexts || mixed.size() - yes < kFewTexts))
    return mixing_of(rows, scores, plain(place) == place ? Place::post : plain(place), options,
                     without);
  Mixing out;
  const std::vector<double> fitted = fit_mix(mixed);
  std::copy(fitted.begin(), fitted.end(), out.of.begin());
  std::vector<Scored> scored;
  const bool posts = place == Place::post || place == Place::watched_post;
  for (std::size_t i = 0; i < mixed.size(); ++i) {
    double s = 0;
    for (std::size_t k = 0; k < kMixed; ++k) s += out.of[k] * mixed[i].in[k];
    scored.push_back({s, mixed[i].yes, mixed[i].cost, !posts || everyday[i]});
  }
  const bool ours = !is_question(place) && plain(place) != place;
  const double cut = best_threshold(scored, options.most_alarms[static_cast<std::size_t>(place)],
                                    ours ? Aim::accuracy : Aim::macro_f1);
  out.threshold = std::clamp(sigmoid(cut), 0.02, 0.98);
  if (place == Place::urgent) out.threshold *= kUrgentLean;
  return out;
}

Result<void> check(std::span<const Example> examples, const TrainOptions& options) {
  if (options.log2_buckets < 10 || options.log2_buckets > 22)
    return permanent("the number of buckets must lie between 2^10 and 2^22");
  if (options.folds < 2 || options.folds > 100)
    return permanent("between 2 and 100 folds are possible");
  std::size_t complaints = 0;
  std::size_t others = 0;
  for (const Example& example : examples) {
    if (example.complaint >= 0) ++(example.complaint == 1 ? complaints : others);
  }
  if (complaints < 10 || others < 10) {
    return permanent(
        fmt::format("{} complaints and {} others: at least 10 of each are needed to train",
                    complaints, others));
  }
  return {};
}

}  // namespace

Result<Model> train(std::span<const Example> examples, const TrainWith& with,
                    const TrainOptions& options, std::string_view note) {
  if (auto ok = check(examples, options); !ok) return ok.error();
  const TrainingRows rows = read_rows(examples, with, options.log2_buckets);
  ModelParts parts;
  parts.log2_buckets = options.log2_buckets;
  parts.note = note;
  const std::vector<Said> scores = all_out_of_fold(rows, options);
  for (std::size_t p = 0; p < kPlaces; ++p)
    parts.places[p] = mixing_of(rows, scores, static_cast<Place>(p), options, -1);
  std::vector<std::int8_t> weights(kLanes << options.log2_buckets);
  for (std::size_t k = 0; k < kLanes; ++k) {
    const auto head = static_cast<Head>(k);
    const std::vector<Label> labels = labels_of(rows, head, options.c);
    if (!both_classes(labels)) continue;
    const Matrix& matrix = matrix_of(rows, head);
    const LinearWeights w = learn(matrix, labels, shuffled(matrix.rows()), options);
    parts.lanes[k] = {quantise(w, k, kLanes, weights), w.bias};
  }
  parts.weights = weights;
  LearntJudges cues = learn_cues(rows, options);
  LearntJudges topics;
  if (options.topics) topics = learn_topics(rows, kMostTopics - cues.judges.size(), options);
  const PackedJudges small = pack(std::move(cues), std::move(topics), options);
  parts.topics = small.judges;
  parts.topic_weights = small.weights;
  parts.topic_log2 = small.log2_buckets;
  return Model::make(parts);
}

Result<std::vector<Judged>> cross_validate(std::span<const Example> examples, const TrainWith& with,
                                           const TrainOptions& options) {
  if (auto ok = check(examples, options); !ok) return ok.error();
  const TrainingRows rows = read_rows(examples, with, options.log2_buckets);
  const std::vector<Said> scores = all_out_of_fold(rows, options);
  const auto folds = static_cast<std::uint64_t>(options.folds);
  const bool watching = !with.watch.company.name.empty();
  const Classifier rules{Model{}, with.lexicon, with.watch};
  std::vector<Judged> judged;
  for (std::uint64_t fold = 0; fold < folds; ++fold) {
    std::array<Mixing, kPlaces> places;
    for (std::size_t p = 0; p < kPlaces; ++p)
      places[p] =
          mixing_of(rows, scores, static_cast<Place>(p), options, static_cast<std::int64_t>(fold));
    for (std::size_t i = 0; i < rows.examples.size(); ++i) {
      if (rows.examples[i]->complaint < 0 || rows.groups[i] % folds != fold) continue;
      // Texts to firms that are not watched have no target: there the words alone are judged.
      const bool aimed = rows.examples[i]->about.has_value();
      const Place where = aimed && watching ? watched(rows.places[i]) : rows.places[i];
      const Mixing& place = places[static_cast<std::size_t>(where)];
      const Mixing& urgent = places[static_cast<std::size_t>(Place::urgent)];
      const Mixing& serious = places[static_cast<std::size_t>(Place::serious)];
      Classifier::Scores said;
      said.complaint = sigmoid(mix(place, scores[i].heads).log_odds);
      said.threshold = place.threshold;
      said.urgent = sigmoid(mix_urgent(urgent, scores[i].heads, scores[i].hazard));
      said.urgent_threshold = urgent.threshold;
      said.serious = sigmoid(mix(serious, scores[i].heads).log_odds) - serious.threshold;
      Assessment a = rules.assess(rows.examples[i]->post, said);
      judged.push_back({rows.examples[i], said.complaint,
                        aimed ? a.is_complaint : said.complaint >= said.threshold, a.urgent,
                        std::move(a)});
    }
  }
  return judged;
}

}  // namespace earshot

#include "earshot/classify/train.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "earshot/classify/features.hpp"
#include "earshot/core/ids.hpp"
#include "earshot/core/post_json.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/text/near.hpp"

namespace earshot {
namespace {

/// One training text as the solver sees it: the distinct buckets of the three blocks and the value
/// each of a block has.
struct Row {
  std::array<std::vector<std::uint32_t>, kBlocks> at;
  std::array<double, kBlocks> value{};
  double norm = 1;  ///< x·x, bias included
  bool complaint = false;
  double cost = 1;
  std::uint64_t group = 0;
  const Example* example = nullptr;
  bool copy = false;  ///< made by us (without handles): trains, but is not measured
};

struct Weights {
  std::vector<double> of;
  double bias = 0;
};

double dot(const Weights& w, const Row& row) {
  double sum = w.bias;
  for (std::size_t b = 0; b < kBlocks; ++b) {
    double block = 0;
    for (const std::uint32_t at : row.at[b]) block += w.of[at];
    sum += row.value[b] * block;
  }
  return sum;
}

void add(Weights& w, const Row& row, double by) {
  w.bias += by;
  for (std::size_t b = 0; b < kBlocks; ++b) {
    const double each = by * row.value[b];
    for (const std::uint32_t at : row.at[b]) w.of[at] += each;
  }
}

Row make_row(std::string_view text, std::uint32_t mask) {
  Blocks blocks;
  extract_features(text, mask, blocks);
  Row row;
  for (std::size_t b = 0; b < kBlocks; ++b) {
    row.at[b].reserve(blocks[b].size());
    for (const Feature& feature : blocks[b]) row.at[b].push_back(feature.hash);
    if (blocks[b].empty()) continue;
    const auto count = static_cast<double>(blocks[b].size());
    row.value[b] = kBlockWeights[b] / std::sqrt(count);
    row.norm += row.value[b] * row.value[b] * count;
  }
  return row;
}

/// Which rows a head learns from, and with what cost. The head `addressed` sees texts as they are.
/// The head `plain` sees all of them without handles, so that a missing handle says nothing.
std::vector<Row> rows_for(std::span<const Example> examples, Head head,
                          const TrainOptions& options) {
  const std::uint32_t mask = (1U << options.log2_buckets) - 1U;
  std::vector<Row> rows;
  rows.reserve(examples.size());
  for (const Example& example : examples) {
    if (!example.labelled) continue;
    const std::string words = words_of(example.post);
    const bool handle = has_handle(words);
    Row row = head == Head::addressed ? make_row(words, mask)
                                      : make_row(handle ? without_handles(words) : words, mask);
    row.complaint = example.complaint;
    row.group = copy_hash(without_handles(words));
    row.example = &example;
    row.cost = example.weight;
    // Texts to nobody teach the head of the addressed ones what people talk about, at a lower
    // price.
    if (head == Head::addressed && !handle) row.cost *= 0.5, row.copy = true;
    if (head == Head::plain && handle) row.copy = true;
    rows.push_back(std::move(row));
  }
  return rows;
}

/// The order in which rows are visited: a fixed shuffle, so that a file sorted by label does no
/// harm.
std::vector<std::uint32_t> shuffled(std::size_t count) {
  std::vector<std::uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0U);
  std::uint64_t state = 0x2545F4914F6CDD1DULL;
  for (std::size_t i = count; i > 1; --i) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    std::swap(order[i - 1], order[(state >> 33U) % i]);
  }
  return order;
}

/// One coordinate: the minimum of z log z + (C - z) log (C - z) + a/2 (z - alpha)^2 + b (z -
/// alpha), by Newton's method with the steps of Yu, Huang, Lin (2011), algorithm 4. `pair` holds
/// alpha and C - alpha. Returns the change of alpha.
double solve_coordinate(std::array<double, 2>& pair, double cost, double a, double b,
                        double tolerance, double& violation) {
  std::size_t first = 0;
  std::size_t second = 1;
  double sign = 1;
  if (0.5 * a * (pair[1] - pair[0]) + b < 0) first = 1, second = 0, sign = -1;
  const double old = pair[first];
  double z = old;
  if (cost - z < 0.5 * cost) z *= 0.1;
  double slope = a * (z - old) + sign * b + std::log(z / (cost - z));
  violation = std::abs(slope);
  bool moved = false;
  for (int i = 0; i < 100 && std::abs(slope) >= tolerance; ++i) {
    const double curve = a + cost / (cost - z) / z;
    const double next = z - slope / curve;
    z = next <= 0 ? z * 0.1 : next;
    slope = a * (z - old) + sign * b + std::log(z / (cost - z));
    moved = true;
  }
  if (!moved) return 0;
  pair[first] = z;
  pair[second] = cost - z;
  return sign * (z - old);
}

Weights solve(const std::vector<Row>& rows, const std::vector<std::uint32_t>& chosen,
              const TrainOptions& options) {
  Weights w;
  w.of.assign(std::size_t{1} << options.log2_buckets, 0.0);
  std::vector<std::array<double, 2>> alpha(rows.size());
  for (const std::uint32_t i : chosen) {
    const double cost = rows[i].cost * options.c;
    alpha[i][0] = std::min(0.001 * cost, 1e-8);
    alpha[i][1] = cost - alpha[i][0];
    add(w, rows[i], (rows[i].complaint ? 1 : -1) * alpha[i][0]);
  }
  double tolerance = 1e-2;
  for (int pass = 0; pass < options.max_passes; ++pass) {
    double worst = 0;
    int newton = 0;
    for (const std::uint32_t i : chosen) {
      const double y = rows[i].complaint ? 1 : -1;
      double violation = 0;
      const double by = solve_coordinate(alpha[i], rows[i].cost * options.c, rows[i].norm,
                                         y * dot(w, rows[i]), tolerance, violation);
      worst = std::max(worst, violation);
      if (by == 0) continue;
      ++newton;
      add(w, rows[i], y * by);
    }
    if (worst < options.epsilon) break;
    if (newton <= static_cast<int>(chosen.size() / 10)) tolerance = std::max(1e-8, 0.1 * tolerance);
  }
  return w;
}

double sigmoid(double x) {
  return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x));
}

/// Platt's sigmoid p = 1 / (1 + exp(-(a s + b))), by Newton's method with a line search (Lin, Lin,
/// Weng 2007).
std::pair<double, double> fit_platt(const std::vector<double>& scores,
                                    const std::vector<bool>& labels) {
  const auto positives = static_cast<double>(std::count(labels.begin(), labels.end(), true));
  const double negatives = static_cast<double>(labels.size()) - positives;
  if (positives < 1 || negatives < 1) return {1, 0};
  const double high = (positives + 1) / (positives + 2);
  const double low = 1 / (negatives + 2);
  double a = 1;
  double b = 0;
  const auto loss = [&](double at, double bt) {
    double sum = 0;
    for (std::size_t i = 0; i < scores.size(); ++i) {
      const double f = at * scores[i] + bt;
      const double t = labels[i] ? high : low;
      sum += (f >= 0 ? std::log1p(std::exp(-f)) : -f + std::log1p(std::exp(f))) + (1 - t) * f;
    }
    return sum;
  };
  double now = loss(a, b);
  for (int i = 0; i < 100; ++i) {
    double h11 = 1e-9, h22 = 1e-9, h12 = 0, g1 = 0, g2 = 0;
    for (std::size_t k = 0; k < scores.size(); ++k) {
      const double p = sigmoid(a * scores[k] + b);
      const double d = p - (labels[k] ? high : low);
      const double w = p * (1 - p);
      h11 += scores[k] * scores[k] * w, h12 += scores[k] * w, h22 += w;
      g1 += scores[k] * d, g2 += d;
    }
    if (std::abs(g1) < 1e-6 && std::abs(g2) < 1e-6) break;
    const double det = h11 * h22 - h12 * h12;
    const double da = -(h22 * g1 - h12 * g2) / det;
    const double db = -(h11 * g2 - h12 * g1) / det;
    double length = 1;
    for (; length > 1e-10; length /= 2) {
      const double there = loss(a + length * da, b + length * db);
      if (there < now + 1e-4 * length * (g1 * da + g2 * db)) {
        a += length * da, b += length * db, now = there;
        break;
      }
    }
    if (length <= 1e-10) break;
  }
  return {a, b};
}

/// The probability at which macro-F1 is best; between the two scores that it parts.
double best_threshold(const std::vector<double>& probabilities, const std::vector<bool>& labels) {
  std::vector<std::uint32_t> order(probabilities.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](std::uint32_t x, std::uint32_t y) {
    return probabilities[x] != probabilities[y] ? probabilities[x] > probabilities[y] : x < y;
  });
  const auto positives = static_cast<double>(std::count(labels.begin(), labels.end(), true));
  const double negatives = static_cast<double>(labels.size()) - positives;
  double hits = 0, alarms = 0, best = -1, threshold = 0.5;
  for (std::size_t i = 0; i < order.size(); ++i) {
    (labels[order[i]] ? hits : alarms) += 1;
    if (i + 1 < order.size() && probabilities[order[i + 1]] == probabilities[order[i]]) continue;
    const double f1 = 2 * hits / (hits + alarms + positives);
    const double other =
        2 * (negatives - alarms) / ((negatives - alarms) + (positives - hits) + negatives);
    if (f1 + other > best) {
      best = f1 + other;
      const double next = i + 1 < order.size() ? probabilities[order[i + 1]] : 0.0;
      threshold = (probabilities[order[i]] + next) / 2;
    }
  }
  return std::clamp(threshold, 0.05, 0.95);
}

/// Out-of-fold log-odds of every row; rows of one group lie in one fold.
std::vector<double> out_of_fold(const std::vector<Row>& rows, const TrainOptions& options) {
  std::vector<double> scores(rows.size());
  const auto folds = static_cast<std::uint64_t>(options.folds);
  const std::vector<std::uint32_t> order = shuffled(rows.size());
  for (std::uint64_t fold = 0; fold < folds; ++fold) {
    std::vector<std::uint32_t> chosen;
    for (const std::uint32_t i : order) {
      if (rows[i].group % folds != fold) chosen.push_back(i);
    }
    const Weights w = solve(rows, chosen, options);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (rows[i].group % folds == fold) scores[i] = dot(w, rows[i]);
    }
  }
  return scores;
}

struct Calibrated {
  std::vector<double> scores;
  HeadNumbers numbers;
};

Calibrated calibrate(const std::vector<Row>& rows, const TrainOptions& options) {
  Calibrated out;
  out.scores = out_of_fold(rows, options);
  std::vector<double> scores;
  std::vector<bool> labels;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].copy) continue;
    scores.push_back(out.scores[i]);
    labels.push_back(rows[i].complaint);
  }
  std::tie(out.numbers.platt_a, out.numbers.platt_b) = fit_platt(scores, labels);
  for (double& score : scores) score = sigmoid(out.numbers.platt_a * score + out.numbers.platt_b);
  out.numbers.threshold = best_threshold(scores, labels);
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
    if (example.labelled) ++(example.complaint ? complaints : others);
  }
  if (complaints < 10 || others < 10) {
    return permanent(
        fmt::format("{} complaints and {} others: at least 10 of each are needed to train",
                    complaints, others));
  }
  return {};
}

std::vector<std::int8_t> quantise(const Weights& w, double& scale) {
  double most = 0;
  for (const double value : w.of) most = std::max(most, std::abs(value));
  scale = most > 0 ? most / 127 : 1;
  std::vector<std::int8_t> out(w.of.size());
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<std::int8_t>(std::lround(w.of[i] / scale));
  return out;
}

}  // namespace

Result<Model> train(std::span<const Example> examples, const TrainOptions& options,
                    std::string_view note) {
  if (auto ok = check(examples, options); !ok) return ok.error();
  std::array<HeadNumbers, 2> numbers;
  std::array<std::vector<std::int8_t>, 2> weights;
  for (const Head head : {Head::addressed, Head::plain}) {
    const auto h = static_cast<std::size_t>(head);
    const std::vector<Row> rows = rows_for(examples, head, options);
    const bool any =
        std::any_of(rows.begin(), rows.end(), [](const Row& row) { return !row.copy; });
    numbers[h] = any ? calibrate(rows, options).numbers : HeadNumbers{};
    const Weights w = solve(rows, shuffled(rows.size()), options);
    weights[h] = quantise(w, numbers[h].scale);
    numbers[h].bias = w.bias;
  }
  return Model::make(options.log2_buckets, numbers, {weights[0], weights[1]}, note);
}

Result<std::vector<Judged>> cross_validate(std::span<const Example> examples,
                                           const TrainOptions& options) {
  if (auto ok = check(examples, options); !ok) return ok.error();
  std::vector<Judged> judged;
  for (const Head head : {Head::addressed, Head::plain}) {
    const std::vector<Row> rows = rows_for(examples, head, options);
    const Calibrated out = calibrate(rows, options);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (rows[i].copy) continue;
      const double p = sigmoid(out.numbers.platt_a * out.scores[i] + out.numbers.platt_b);
      judged.push_back({rows[i].example, p, p >= out.numbers.threshold, false});
    }
  }
  return judged;
}

Result<Example> example_from_json(const JsonValue& value) {
  if (!value.IsObject()) return permanent("a labelled text must be a JSON object");
  Example example;
  auto post = post_from_json(value);
  if (!post) return post.error();
  example.post = std::move(*post);
  const JsonValue* label = find(value, "complaint");
  example.labelled = label != nullptr && label->IsBool();
  if (label != nullptr && !label->IsBool() && !label->IsNull())
    return permanent("\"complaint\" must be true, false or null");
  example.complaint = example.labelled && label->GetBool();
  const JsonValue* urgent = find(value, "urgent");
  if (urgent != nullptr && urgent->IsBool()) example.urgent = urgent->GetBool() ? 1 : 0;
  example.dataset = std::string{string_at(value, "dataset")};
  example.domain = std::string{string_at(value, "domain")};
  example.kind = std::string{string_at(value, "kind")};
  example.language = std::string{string_at(value, "lang")};
  if (example.language.empty()) example.language = example.post.language;
  example.weight = number_at(value, "weight").value_or(1.0);
  if (!(example.weight > 0) || example.weight > 1000)
    return permanent("\"weight\" must lie between 0 and 1000");
  return example;
}

}  // namespace earshot

#include "solver.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numeric>

namespace earshot {

double steady_log(double x) {
  int exponent = 0;
  double mantissa = std::frexp(x, &exponent);  // [0.5, 1)
  if (mantissa < 0.70710678118654752) mantissa *= 2, --exponent;
  const double s = (mantissa - 1) / (mantissa + 1);
  const double square = s * s;
  double sum = 0;
  for (int k = 23; k >= 1; k -= 2) sum = sum * square + 1.0 / k;
  return 2 * s * sum + exponent * 0.69314718055994531;
}

double steady_exp(double x) {
  if (x > 700) return steady_exp(700);
  if (x < -700) return 0;
  const double whole = std::nearbyint(x / 0.69314718055994531);
  const double rest = x - whole * 0.69314718055994531;
  double sum = 1;
  for (int k = 14; k >= 1; --k) sum = 1 + sum * rest / k;
  return std::ldexp(sum, static_cast<int>(whole));
}

double sigmoid(double x) {
  return x >= 0 ? 1 / (1 + steady_exp(-x)) : steady_exp(x) / (1 + steady_exp(x));
}

void Matrix::add_row(std::span<const Cell> cells) {
  cells_.insert(cells_.end(), cells.begin(), cells.end());
  ends_.push_back(cells_.size());
}

double LinearWeights::score(std::span<const Matrix::Cell> row) const {
  double sum = bias;
  for (const Matrix::Cell& cell : row) sum += double{cell.value} * of[cell.at];
  return sum;
}

namespace {

/// What each column is trusted: 1 where nothing is given.
class Trust {
 public:
  explicit Trust(std::span<const double> given) : given_(given) {}
  double of(std::uint32_t column) const { return given_.empty() ? 1 : given_[column]; }

 private:
  std::span<const double> given_;
};

void add(LinearWeights& w, std::span<const Matrix::Cell> row, double by, const Trust& trust) {
  w.bias += by;
  for (const Matrix::Cell& cell : row) w.of[cell.at] += by * double{cell.value} * trust.of(cell.at);
}

/// x·x of a row, the constant 1 of the bias included.
double norm_of(std::span<const Matrix::Cell> row, const Trust& trust) {
  double norm = 1;
  for (const Matrix::Cell& cell : row)
    norm += double{cell.value} * double{cell.value} * trust.of(cell.at);
  return norm;
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
  double slope = a * (z - old) + sign * b + steady_log(z / (cost - z));
  violation = std::abs(slope);
  bool moved = false;
  for (int i = 0; i < 100 && std::abs(slope) >= tolerance; ++i) {
    const double curve = a + cost / (cost - z) / z;
    const double next = z - slope / curve;
    z = next <= 0 ? z * 0.1 : next;
    slope = a * (z - old) + sign * b + steady_log(z / (cost - z));
    moved = true;
  }
  if (!moved) return 0;
  pair[first] = z;
  pair[second] = cost - z;
  return sign * (z - old);
}

/// The bias that fits the other weights best: b + sum of cost (p - y) = 0, by Newton's method.
/// Coordinate descent moves it with every row and leaves it where the last rows pushed it, a few
/// tenths off and elsewhere in each fold; thresholds learnt from the folds would not fit the whole.
void settle_bias(const Matrix& matrix, std::span<const Label> labels,
                 std::span<const std::uint32_t> chosen, std::span<const double> offsets,
                 LinearWeights& w) {
  std::vector<double> rest;
  rest.reserve(chosen.size());
  for (const std::uint32_t i : chosen)
    rest.push_back(w.score(matrix.row(i)) - w.bias + (offsets.empty() ? 0 : offsets[i]));
  for (int step = 0; step < 50; ++step) {
    double slope = w.bias;
    double curve = 1;
    for (std::size_t k = 0; k < chosen.size(); ++k) {
      const Label& label = labels[chosen[k]];
      const double p = sigmoid(rest[k] + w.bias);
      slope += label.cost * (p - (label.yes ? 1 : 0));
      curve += label.cost * p * (1 - p);
    }
    const double by = std::clamp(slope / curve, -1.0, 1.0);
    w.bias -= by;
    if (std::abs(by) < 1e-6) break;
  }
}

}  // namespace

LinearWeights solve_logistic(const Matrix& matrix, std::span<const Label> labels,
                             std::span<const std::uint32_t> order, const SolveOptions& options,
                             std::span<const double> offsets, std::span<const double> given) {
  const Trust trust{given};
  LinearWeights w;
  w.of.assign(options.columns, 0.0);
  std::vector<std::array<double, 2>> alpha(matrix.rows());
  std::vector<double> norms(matrix.rows());
  std::vector<std::uint32_t> chosen;
  for (const std::uint32_t i : order) {
    if (!(labels[i].cost > 0)) continue;
    chosen.push_back(i);
    norms[i] = norm_of(matrix.row(i), trust);
    alpha[i][0] = std::min(0.001 * labels[i].cost, 1e-8);
    alpha[i][1] = labels[i].cost - alpha[i][0];
    add(w, matrix.row(i), (labels[i].yes ? 1 : -1) * alpha[i][0], trust);
  }
  double tolerance = 1e-2;
  for (int pass = 0; pass < options.max_passes; ++pass) {
    double worst = 0;
    std::size_t newton = 0;
    for (const std::uint32_t i : chosen) {
      const double y = labels[i].yes ? 1 : -1;
      double violation = 0;
      const double fixed = offsets.empty() ? 0 : offsets[i];
      const double by =
          solve_coordinate(alpha[i], labels[i].cost, norms[i], y * (w.score(matrix.row(i)) + fixed),
                           tolerance, violation);
      worst = std::max(worst, violation);
      if (by == 0) continue;
      ++newton;
      add(w, matrix.row(i), y * by, trust);
    }
    if (worst < options.epsilon) break;
    if (newton <= chosen.size() / 10) tolerance = std::max(1e-8, 0.1 * tolerance);
  }
  settle_bias(matrix, labels, chosen, offsets, w);
  return w;
}

std::vector<double> class_lean(const Matrix& matrix, std::span<const Label> labels,
                               std::span<const std::uint32_t> order, std::uint32_t columns,
                               double scale) {
  double dearest = 0;
  for (const std::uint32_t i : order) dearest = std::max(dearest, labels[i].cost);
  if (!(dearest > 0)) return {};
  std::vector<std::array<double, 2>> rows_with(columns, {1, 1});
  std::array<double, 2> rows{};
  for (const std::uint32_t i : order) {
    const std::size_t side = labels[i].yes ? 1 : 0;
    const double share = labels[i].cost / dearest;
    rows[side] += share;
    if (share > 0)
      for (const Matrix::Cell& cell : matrix.row(i)) rows_with[cell.at][side] += share;
  }
  std::vector<double> lean(columns);
  double squares = 0;
  std::size_t occur = 0;
  for (std::size_t j = 0; j < columns; ++j) {
    const auto& [no, yes] = rows_with[j];
    lean[j] = std::abs(steady_log(yes / no * (rows[0] / rows[1])));
    if (no + yes > 2) squares += lean[j] * lean[j], ++occur;
  }
  if (!(squares > 0 && rows[0] > 0 && rows[1] > 0)) return {};
  const double mean = std::sqrt(squares / static_cast<double>(std::max<std::size_t>(occur, 1)));
  for (double& one : lean) one *= scale / mean;
  return lean;
}

double quantise(const LinearWeights& w, std::size_t first, std::size_t stride,
                std::vector<std::int8_t>& out) {
  double most = 0;
  for (const double value : w.of) most = std::max(most, std::abs(value));
  const double scale = most > 0 ? most / 127 : 1;
  for (std::size_t i = 0; i < w.of.size(); ++i)
    out[first + stride * i] = static_cast<std::int8_t>(std::lround(w.of[i] / scale));
  return scale;
}

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

Sigmoid fit_platt(std::span<const Scored> scored) {
  double positives = 0;
  double negatives = 0;
  for (const Scored& one : scored) (one.yes ? positives : negatives) += one.weight;
  if (positives < 1 || negatives < 1) return {};
  const double high = (positives + 1) / (positives + 2);
  const double low = 1 / (negatives + 2);
  Sigmoid at;
  const auto loss = [&](const Sigmoid& s) {
    double sum = 0;
    for (const Scored& one : scored) {
      const double f = s.a * one.score + s.b;
      const double soft =
          f >= 0 ? steady_log(1 + steady_exp(-f)) : steady_log(1 + steady_exp(f)) - f;
      sum += one.weight * (soft + (1 - (one.yes ? high : low)) * f);
    }
    return sum;
  };
  double now = loss(at);
  for (int i = 0; i < 100; ++i) {
    double h11 = 1e-9, h22 = 1e-9, h12 = 0, g1 = 0, g2 = 0;
    for (const Scored& one : scored) {
      const double p = sigmoid(at.a * one.score + at.b);
      const double d = one.weight * (p - (one.yes ? high : low));
      const double w = one.weight * p * (1 - p);
      h11 += one.score * one.score * w, h12 += one.score * w, h22 += w;
      g1 += one.score * d, g2 += d;
    }
    if (std::abs(g1) < 1e-6 && std::abs(g2) < 1e-6) break;
    const double det = h11 * h22 - h12 * h12;
    const double da = -(h22 * g1 - h12 * g2) / det;
    const double db = -(h11 * g2 - h12 * g1) / det;
    double length = 1;
    for (; length > 1e-10; length /= 2) {
      const Sigmoid next{at.a + length * da, at.b + length * db};
      const double there = loss(next);
      if (there < now + 1e-4 * length * (g1 * da + g2 * db)) {
        at = next, now = there;
        break;
      }
    }
    if (length <= 1e-10) break;
  }
  return at;
}

namespace {
/// A place to cut, and how well: a macro-F1 twice, or right answers more than with no cut at all.
struct Cut {
  double score = 0;
  double reached = 0;
};
/// Of cuts whose macro-F1 or accuracy differ by less than this none is the better one.
constexpr double kAsGood = 0.0015;
}  // namespace

double best_threshold(std::span<const Scored> scored, double most_alarms, Aim aim) {
  std::vector<std::uint32_t> order(scored.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](std::uint32_t x, std::uint32_t y) {
    return scored[x].score != scored[y].score ? scored[x].score > scored[y].score : x < y;
  });
  double positives = 0;
  double negatives = 0;
  double capped = 0;
  for (const Scored& one : scored) {
    (one.yes ? positives : negatives) += one.weight;
    if (!one.yes && one.capped) capped += one.weight;
  }
  double hits = 0, alarms = 0, capped_alarms = 0;
  std::vector<Cut> cuts;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const Scored& one = scored[order[i]];
    (one.yes ? hits : alarms) += one.weight;
    if (!one.yes && one.capped) capped_alarms += one.weight;
    if (capped_alarms > most_alarms * capped) break;
    if (i + 1 < order.size() && scored[order[i + 1]].score == one.score) continue;
    const double f1 = 2 * hits / (hits + alarms + positives);
    const double other =
        2 * (negatives - alarms) / ((negatives - alarms) + (positives - hits) + negatives);
    const double reached = aim == Aim::macro_f1 ? f1 + other : hits - alarms;
    const double here =
        i + 1 < order.size() ? (one.score + scored[order[i + 1]].score) / 2 : one.score;
    cuts.push_back({here, reached});
  }
  if (cuts.empty()) return 0;
  double best = cuts.front().reached;
  for (const Cut& cut : cuts) best = std::max(best, cut.reached);
  // The top of the curve is flat and its very peak is luck: the cut that flags least of those as
  // good moves less from training to training.
  const double slack = kAsGood * (aim == Aim::macro_f1 ? 2 : positives + negatives);
  return std::find_if(cuts.begin(), cuts.end(),
                      [&](const Cut& cut) { return cut.reached >= best - slack; })
      ->score;
}

}  // namespace earshot

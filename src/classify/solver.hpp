#pragma once

/// L2-regularised logistic regression by dual coordinate descent, and what turns its scores into
/// probabilities. Deterministic to the bit on any machine with IEEE doubles: logarithm and
/// exponential are computed here, for the C library's differ from processor to processor. Pure.

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "earshot/classify/model.hpp"

namespace earshot {

/// Sparse rows one after the other.
class Matrix {
 public:
  struct Cell {
    std::uint32_t at;
    float value;
  };
  /// Cells with the same `at` must have been added up.
  void add_row(std::span<const Cell> cells);
  std::size_t rows() const { return ends_.size(); }
  std::span<const Cell> row(std::size_t i) const {
    const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
    return std::span{cells_}.subspan(begin, ends_[i] - begin);
  }

 private:
  std::vector<Cell> cells_;
  std::vector<std::size_t> ends_;
};

struct LinearWeights {
  std::vector<double> of;
  double bias = 0;
  double score(std::span<const Matrix::Cell> row) const;
};

/// What one row is worth and says.
struct Label {
  bool yes = false;
  double cost = 0;  ///< how much a mistake counts; 0: the row is passed over
};
struct SolveOptions {
  std::uint32_t columns = 0;
  double epsilon = 0.01;
  int max_passes = 200;
};

/// Yu, Huang, Lin (2011), algorithm 5, with a cost per row. `order` names the rows to learn from,
/// in the order of the visits; `offsets`, where given, are fixed parts of the rows' scores; `trust`
/// divides each column's penalty (as if its values were larger by the root), 1 where not given.
LinearWeights solve_logistic(const Matrix& matrix, std::span<const Label> labels,
                             std::span<const std::uint32_t> order, const SolveOptions& options,
                             std::span<const double> offsets = {},
                             std::span<const double> trust = {});

/// How far each column leans to one class, by the rows of `order` alone: |log-count ratio| with
/// one row of the dearest kind added to either class (Wang, Manning 2012, "Baselines and Bigrams",
/// eq. 1), divided by its root mean square over the columns that occur, times `scale`. As `trust`
/// this is their SVM with NB features, of logistic loss, half as bold.
std::vector<double> class_lean(const Matrix& matrix, std::span<const Label> labels,
                               std::span<const std::uint32_t> order, std::uint32_t columns,
                               double scale);

/// Puts weights as bytes into every `stride`-th place of `out`, from `first` on; returns what one
/// of them stands for.
double quantise(const LinearWeights& w, std::size_t first, std::size_t stride,
                std::vector<std::int8_t>& out);

/// A fixed shuffle of 0..count-1, so that a file sorted by label does no harm.
std::vector<std::uint32_t> shuffled(std::size_t count);

/// One score that came from weights which had not seen its row.
struct Scored {
  double score = 0;
  bool yes = false;
  double weight = 1;
  bool capped = true;  ///< a false alarm here counts for the cap of best_threshold()
};
/// Platt's sigmoid p = 1 / (1 + exp(-(a s + b))), by Newton's method with a line search (Platt
/// 1999; Lin, Lin, Weng 2007).
struct Sigmoid {
  double a = 1;
  double b = 0;
};
Sigmoid fit_platt(std::span<const Scored> scored);
enum class Aim : std::uint8_t { macro_f1, accuracy };
/// The score at which `aim` is best while at most `most_alarms` of the capped negatives are
/// flagged; half way between the two scores that it parts. Of cuts as good within 0.0015 the one
/// that flags least. 0 without scores or where no cut keeps the cap.
double best_threshold(std::span<const Scored> scored, double most_alarms, Aim aim = Aim::macro_f1);

/// One text's numbers for a mixing.
struct MixRow {
  std::array<double, kMixed> in{};
  bool yes = false;
  double cost = 1;
};
/// Logistic regression over a handful of numbers, by Newton's method; a small penalty keeps numbers
/// that never vary at 0.
std::vector<double> fit_mix(std::span<const MixRow> rows);

double steady_log(double x);
double steady_exp(double x);
double sigmoid(double x);

}  // namespace earshot

#include "../../src/classify/solver.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace earshot {
namespace {

/// 300 rows of three cells each out of 40, two thirds of them no; a tenth of the labels are wrong.
struct Noisy {
  Matrix matrix;
  std::vector<Label> labels;
};
Noisy noisy() {
  Noisy out;
  std::uint64_t state = 7;
  const auto below = [&](std::uint32_t n) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::uint32_t>((state >> 33U) % n);
  };
  for (int i = 0; i < 300; ++i) {
    const bool yes = below(3) == 0;
    const std::uint32_t first = yes ? below(12) : 8 + below(12);
    const Matrix::Cell cells[] = {{first, 0.6F}, {20 + below(10), 0.5F}, {30 + below(10), 0.5F}};
    out.matrix.add_row(cells);
    out.labels.push_back({below(10) == 0 ? !yes : yes, 4});
  }
  return out;
}

TEST(Solver, TheBiasFitsTheWeightsHoweverEarlyItStops) {
  const Noisy data = noisy();
  for (const int passes : {1, 3, 60}) {
    const LinearWeights w =
        solve_logistic(data.matrix, data.labels, shuffled(data.matrix.rows()), {40, 0.01, passes});
    double slope = w.bias;
    for (std::size_t i = 0; i < data.matrix.rows(); ++i) {
      const double p = 1 / (1 + std::exp(-w.score(data.matrix.row(i))));
      slope += data.labels[i].cost * (p - (data.labels[i].yes ? 1 : 0));
    }
    EXPECT_NEAR(slope, 0, 1e-2) << passes << " passes";
  }
}

TEST(Solver, RowsOfOneKindOnlyEndInABiasThatTheirPenaltyHolds) {
  Matrix matrix;
  const Matrix::Cell cell[] = {{0, 1.0F}};
  for (int i = 0; i < 20; ++i) matrix.add_row(cell);
  const std::vector<Label> labels(20, Label{true, 4});
  const LinearWeights w = solve_logistic(matrix, labels, shuffled(20), {1, 0.01, 60});
  EXPECT_TRUE(std::isfinite(w.bias));
  EXPECT_GT(w.score(matrix.row(0)), 2);
}

TEST(Solver, AColumnThatIsTrustedMoreWeighsMore) {
  Matrix matrix;
  const Matrix::Cell yes[] = {{0, 1.0F}, {1, 1.0F}};
  const Matrix::Cell no[] = {{2, 1.0F}};
  std::vector<Label> labels;
  for (int i = 0; i < 40; ++i) {
    matrix.add_row(i % 2 == 0 ? std::span<const Matrix::Cell>{yes} : no);
    labels.push_back({i % 2 == 0, 1});
  }
  const std::vector<double> trust{4, 1, 1};
  const LinearWeights w = solve_logistic(matrix, labels, shuffled(40), {3, 0.001, 200}, {}, trust);
  EXPECT_NEAR(w.of[0] / w.of[1], 4, 0.01);
  const LinearWeights even = solve_logistic(matrix, labels, shuffled(40), {3, 0.001, 200}, {},
                                            std::vector<double>{1, 1, 1});
  const LinearWeights none = solve_logistic(matrix, labels, shuffled(40), {3, 0.001, 200});
  EXPECT_EQ(even.of, none.of);
}

TEST(Lean, IsTheLogOfHowOftenAColumnStandsInEitherClass) {
  Matrix matrix;
  std::vector<Label> labels;
  // Column 0 stands in 3 of 4 yes and in none of 4 no; column 1 in every row.
  for (int i = 0; i < 8; ++i) {
    const bool yes = i < 4;
    std::vector<Matrix::Cell> cells{{1, 1.0F}};
    if (i < 3) cells.insert(cells.begin(), {0, 1.0F});
    matrix.add_row(cells);
    labels.push_back({yes, 2});  // twice the cost of 1, and no row costs more: one row is one row
  }
  const std::vector<double> lean = class_lean(matrix, labels, shuffled(8), 3, 1);
  ASSERT_EQ(lean.size(), 3U);
  EXPECT_NEAR(lean[1], 0, 1e-12);
  EXPECT_NEAR(lean[0], std::sqrt(2.0), 1e-9) << "the root mean square of both is 1";
  EXPECT_NEAR(lean[2], 0, 1e-12) << "a column that never stands";
  labels[7].cost = 0;
  const std::vector<double> without = class_lean(matrix, labels, shuffled(8), 3, 1);
  EXPECT_NEAR(without[1] / without[0],
              std::log((4.0 + 1) / (3 + 1) * (3.0 / 4)) / std::log((3.0 + 1) / 1 * (3.0 / 4)) * -1,
              1e-9);
}

TEST(Lean, RowsOfOneClassOnlyTellNothing) {
  Matrix matrix;
  const Matrix::Cell cell[] = {{0, 1.0F}};
  for (int i = 0; i < 4; ++i) matrix.add_row(cell);
  EXPECT_TRUE(class_lean(matrix, std::vector<Label>(4, Label{true, 1}), shuffled(4), 1, 1).empty());
  EXPECT_TRUE(class_lean(matrix, std::vector<Label>(4), shuffled(4), 1, 1).empty());
}

TEST(Threshold, OfCutsAsGoodTheOneThatFlagsLeast) {
  std::vector<Scored> scored;
  for (int i = 0; i < 1000; ++i) scored.push_back({i < 400 ? 2.0 : -2.0, i < 400, 1});
  EXPECT_NEAR(best_threshold(scored, 1), 0, 1e-9);
  // One hit more at -1 is worth less than the slack; twenty are worth more.
  scored.push_back({-1, true, 1});
  EXPECT_NEAR(best_threshold(scored, 1), 0.5, 1e-9);
  for (int i = 0; i < 20; ++i) scored.push_back({-1, true, 1});
  EXPECT_NEAR(best_threshold(scored, 1), -1.5, 1e-9);
  EXPECT_NEAR(best_threshold(scored, 1, Aim::accuracy), -1.5, 1e-9);
}

TEST(Threshold, TheCapGoesBeforeTheAim) {
  std::vector<Scored> scored;
  for (int i = 0; i < 100; ++i) scored.push_back({i < 50 ? 1.0 : 0.0, true, 1});
  for (int i = 0; i < 100; ++i) scored.push_back({i < 5 ? 0.0 : -1.0, false, 1});
  EXPECT_NEAR(best_threshold(scored, 1), -0.5, 1e-9);
  EXPECT_NEAR(best_threshold(scored, 0.02), 0.5, 1e-9);
  EXPECT_EQ(best_threshold({}, 1), 0);
}

}  // namespace
}  // namespace earshot

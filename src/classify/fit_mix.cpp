#include <cmath>

#include "solver.hpp"

namespace earshot {
namespace {

constexpr double kPenalty = 2.0;
constexpr int kSteps = 25;

using Square = std::array<std::array<double, kMixed>, kMixed>;
using Column = std::array<double, kMixed>;

/// Solves a x = b for a positive definite a, by Cholesky's decomposition.
Column solve_square(Square a, Column b) {
  for (std::size_t i = 0; i < kMixed; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = a[i][j];
      for (std::size_t k = 0; k < j; ++k) sum -= a[i][k] * a[j][k];
      a[i][j] = i == j ? std::sqrt(sum) : sum / a[j][j];
    }
  }
  for (std::size_t i = 0; i < kMixed; ++i) {
    for (std::size_t k = 0; k < i; ++k) b[i] -= a[i][k] * b[k];
    b[i] /= a[i][i];
  }
  for (std::size_t i = kMixed; i-- > 0;) {
    for (std::size_t k = i + 1; k < kMixed; ++k) b[i] -= a[k][i] * b[k];
    b[i] /= a[i][i];
  }
  return b;
}

}  // namespace

std::vector<double> fit_mix(std::span<const MixRow> rows) {
  Column w{};
  for (int step = 0; step < kSteps; ++step) {
    Square curve{};
    Column slope{};
    for (std::size_t i = 0; i < kMixed; ++i) {
      curve[i][i] = kPenalty;
      slope[i] = kPenalty * w[i];
    }
    for (const MixRow& row : rows) {
      double s = 0;
      for (std::size_t k = 0; k < kMixed; ++k) s += w[k] * row.in[k];
      const double p = sigmoid(s);
      const double d = row.cost * (p - (row.yes ? 1 : 0));
      const double v = row.cost * std::max(p * (1 - p), 1e-4);
      for (std::size_t i = 0; i < kMixed; ++i) {
        slope[i] += d * row.in[i];
        for (std::size_t j = 0; j <= i; ++j) curve[i][j] += v * row.in[i] * row.in[j];
      }
    }
    const Column by = solve_square(curve, slope);
    double most = 0;
    for (std::size_t k = 0; k < kMixed; ++k) {
      w[k] -= by[k];
      most = std::max(most, std::abs(by[k]));
    }
    if (most < 1e-9) break;
  }
  return {w.begin(), w.end()};
}

}  // namespace earshot

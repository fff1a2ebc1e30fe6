#pragma once

/// Seeded randomness as a tree: each part of the world draws from a stream of its own, so that one
/// more draw in the network does not shift what the people do. Pure.

#include <array>
#include <cmath>
#include <cstdint>
#include <string_view>

#include "earshot/core/ids.hpp"

namespace earshot::sim {

/// xoshiro256**, seeded by SplitMix64 (Blackman and Vigna, public domain).
class Random {
 public:
  explicit Random(std::uint64_t seed) {
    for (std::uint64_t& word : state_) {
      seed += 0x9E37'79B9'7F4A'7C15ULL;
      std::uint64_t mixed = seed;
      mixed = (mixed ^ (mixed >> 30U)) * 0xBF58'476D'1CE4'E5B9ULL;
      mixed = (mixed ^ (mixed >> 27U)) * 0x94D0'49BB'1331'11EBULL;
      word = mixed ^ (mixed >> 31U);
    }
  }
  /// The stream of one part.
  Random branch(std::string_view part) const { return Random{hash64(part, state_[0])}; }

  std::uint64_t bits() {
    const std::uint64_t out = turn(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17U;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = turn(state_[3], 45);
    return out;
  }
  double unit() { return static_cast<double>(bits() >> 11U) * 0x1.0p-53; }
  bool chance(double share) { return unit() < share; }
  /// [0, n)
  std::uint64_t below(std::uint64_t n) { return n == 0 ? 0 : bits() % n; }
  double between(double least, double most) { return least + (most - least) * unit(); }
  /// Many small ones, few big ones: rates of faults and pauses.
  double skewed(double least, double most) { return least * std::pow(most / least, unit()); }
  double exponential(double mean) { return -mean * std::log(1.0 - unit()); }

 private:
  static std::uint64_t turn(std::uint64_t x, unsigned by) { return (x << by) | (x >> (64U - by)); }
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace earshot::sim

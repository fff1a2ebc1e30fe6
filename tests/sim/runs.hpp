#pragma once

/// Seeds run as processes of their own, so that an abort is one failure and not the end.

#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "earshot/app/rules.hpp"

namespace earshot::sim {

struct Run {
  std::uint64_t seed = 0;
  double days = 1;
  std::set<std::string> without{};  ///< of what the seed drew (faults.cpp)
  auto operator<=>(const Run&) const = default;
  /// The line that runs it again.
  std::string again() const;
};

struct Outcome {
  Run run;
  bool good = false;
  std::string hash;
  double seconds = 0;
  std::string said;  ///< lines: "has FAULT,FAULT", "hash H", "mark M", "count N NAME", "wrong TEXT"
};

/// The invariants that it broke: "I4" of "wrong 2026-03-02T09:00:00Z: I4: SENTENCE"; for what is no
/// invariant its first words.
std::set<std::string> broken(const Outcome& outcome);

/// Runs all of them, `jobs` at a time, and hands each outcome to `take` as it comes.
void run_all(const std::vector<Run>& runs, unsigned jobs, bool verbose,
             const std::shared_ptr<const Rules>& rules,
             const std::function<void(const Outcome&)>& take);

}  // namespace earshot::sim

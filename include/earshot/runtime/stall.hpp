#pragma once

/// How long the event loop was busy with one thing: a timer that should fire every few milliseconds
/// says how late it was.

#include <array>
#include <chrono>

#include "earshot/runtime/metrics.hpp"
#include "earshot/runtime/task.hpp"

namespace earshot {

class StallWatch {
 public:
  /// `tick`: short ones see short stalls and cost more; 10 ms take about 0.1 % of a core.
  explicit StallWatch(Duration tick = milliseconds{10}) : tick_(tick) {}

  /// Until cancelled. With `metrics`: exports the worst of the last minute and since the start,
  /// once a second.
  Task<> run(Metrics* metrics);

  std::chrono::microseconds worst() const { return worst_; }
  void reset() { worst_ = {}; }

 private:
  Duration tick_;
  std::chrono::microseconds worst_{0};
};

}  // namespace earshot

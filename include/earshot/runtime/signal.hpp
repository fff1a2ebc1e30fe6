#pragma once

/// Signal: somebody pokes, somebody waits. Pokes between two waits count as one. One waiter; one
/// thread.

#include <memory>

#include "earshot/core/instant.hpp"
#include "earshot/runtime/task.hpp"

namespace earshot {

class Clock;

class Signal {
 public:
  explicit Signal(Executor executor);
  ~Signal();
  void poke();
  /// Returns at the next poke, or at once where one came before.
  Task<> wait();
  /// The same, or after `limit`.
  Task<> wait(Clock& clock, Duration limit);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace earshot

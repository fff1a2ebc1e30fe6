#pragma once

/// The shell's clocks and dice. Wall time is what people and stored deadlines speak; the steady
/// clock measures intervals.

#include <cstdint>
#include <memory>
#include <string>

#include "earshot/core/instant.hpp"
#include "earshot/runtime/task.hpp"

namespace earshot {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
  /// Since some fixed moment; never goes back, does not see steps of the wall clock.
  virtual Duration steady() const = 0;
  /// Throws boost::system::system_error(operation_aborted) when cancelled.
  virtual Task<> sleep_for(Duration span) = 0;
};
std::unique_ptr<Clock> make_clock(Executor executor);

/// Randomness of the shell: jitter, ids, nonces. Pure code takes the numbers.
class Dice {
 public:
  virtual ~Dice() = default;
  virtual double unit() = 0;  ///< [0, 1)
  virtual std::uint64_t bits() = 0;
  /// Bytes fit for keys and tokens.
  virtual std::string secret(std::size_t bytes) = 0;
};
std::unique_ptr<Dice> make_dice();

}  // namespace earshot

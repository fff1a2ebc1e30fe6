#pragma once

/// Polls one source for ever: jitter, back-off, Retry-After, blindness, poison guard. Nothing but
/// cancellation ends it.

#include <string>

#include "earshot/core/instant.hpp"
#include "earshot/core/result.hpp"
#include "earshot/runtime/task.hpp"
#include "earshot/sources/source.hpp"

namespace earshot {

/// What the poller hands its findings to. The app implements it.
class Intake {
 public:
  virtual ~Intake() = default;
  /// The state that was committed last; "" the first time.
  virtual Task<std::string> state(std::string source) = 0;
  /// Returns once the batch is durable. An Error: nothing of it was stored, and the state stays.
  virtual Task<Result<void>> accept(Batch batch) = 0;
  /// A poll failed. `refused`: trying again soon is no use, somebody must act.
  virtual Task<> failed(std::string source, Error error, int failures, bool refused) = 0;
  /// For the health page.
  virtual void next_poll(const std::string& source, Instant at) = 0;
};

struct PollPolicy {
  Duration every = minutes{1};
  Duration first = seconds{0};  ///< pause before the first poll: spreads a thousand sources
  double jitter = 0.1;          ///< each pause varies by this share either way
};

/// 2^failures seconds between 1 s and `most`, full jitter down to half. Pure.
Duration backoff(int failures, Duration least, Duration most, double unit);

Task<> poll_forever(Source& source, std::string name, Intake& intake, Clock& clock, Dice& dice,
                    PollPolicy policy);

}  // namespace earshot

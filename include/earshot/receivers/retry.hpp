#pragma once

/// What follows an attempt (RELIABILITY 2.1): the next state of an outbox row. Pure.

#include "earshot/core/instant.hpp"
#include "earshot/receivers/receiver.hpp"
#include "earshot/store/store.hpp"

namespace earshot {

struct AfterAttempt {
  OutboxRow row;         ///< as it is to be stored
  bool trouble = false;  ///< somebody must know, and the next channel is tried at once
  bool gone = false;     ///< 410: the receiver is to be disabled
};

/// `unit` in [0,1) spreads the next try by +-20 %. `attempts` has been raised before the attempt
/// began.
AfterAttempt after_attempt(OutboxRow row, const Delivery& delivery, bool honours_keys, Instant now,
                           double unit);

/// Closed: all is well. Open: five failures in a row; one probe each 30 s.
class Breaker {
 public:
  bool allows(Instant now) const { return failures_ < kLimit || now >= next_probe_; }
  bool open() const { return failures_ >= kLimit; }
  Instant next_probe() const { return next_probe_; }
  void probing(Instant now) {
    if (open()) next_probe_ = now + kProbe;
  }
  void succeeded() { failures_ = 0; }
  void failed(Instant now) {
    if (++failures_ >= kLimit) next_probe_ = now + kProbe;
  }

 private:
  static constexpr int kLimit = 5;
  static constexpr Duration kProbe = seconds{30};
  int failures_ = 0;
  Instant next_probe_{};
};

}  // namespace earshot

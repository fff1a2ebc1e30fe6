#pragma once

/// A token bucket: how many messages a receiver may be sent now, with a part that only pages may
/// use. Pure.

#include <algorithm>

#include "earshot/config/config.hpp"
#include "earshot/core/instant.hpp"
#include "earshot/store/store.hpp"

namespace earshot {

class Bucket {
 public:
  static constexpr int kNoLimit = 1 << 20;

  /// Full at first. A rate of 0 does not limit.
  explicit Bucket(RateLimit rate = {}) : rate_(rate), tokens_(rate.burst) {}

  const RateLimit& rate() const { return rate_; }
  bool limits() const { return rate_.per_minute > 0; }
  /// So many may begin now; notices leave the reserve to the pages.
  int room(Lane lane, Instant now) {
    if (!limits()) return kNoLimit;
    refill(now);
    const double kept = lane == Lane::page ? 0 : rate_.reserve;
    return std::max(0, static_cast<int>(tokens_ - kept + kGrain));
  }
  void take(Instant now) {
    if (!limits()) return;
    refill(now);
    tokens_ = std::max(0.0, tokens_ - 1);
  }
  /// When the next one may begin; `now` where one may.
  Instant next(Lane lane, Instant now) {
    if (!limits() || room(lane, now) > 0) return now;
    const double missing = 1 + (lane == Lane::page ? 0 : rate_.reserve) - tokens_;
    return now + Duration{static_cast<Duration::rep>(missing * 60'000 / rate_.per_minute) + 1};
  }

 private:
  static constexpr double kGrain = 1e-6;  // of rounding

  /// A clock that was set back gives nothing and takes nothing.
  void refill(Instant now) {
    if (filled_ == Instant{}) filled_ = now;
    const double span = static_cast<double>((now - filled_).count());
    filled_ = now;
    if (span > 0)
      tokens_ = std::min<double>(rate_.burst, tokens_ + span * rate_.per_minute / 60'000);
  }

  RateLimit rate_;
  double tokens_ = 0;
  Instant filled_{};
};

}  // namespace earshot

#include "earshot/runtime/clock.hpp"

#include <sodium.h>
#include <time.h>  // NOLINT(modernize-deprecated-headers): POSIX

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <limits>

#include "earshot/core/check.hpp"
#include "earshot/runtime/steady.hpp"

namespace earshot {

namespace asio = boost::asio;

namespace {

// CLOCK_MONOTONIC stands still while the machine is suspended, and a timer armed on it fires late
// by as much. So intervals are measured on CLOCK_BOOTTIME, and no single wait is longer than this.
constexpr Duration kSlice = seconds{30};

class SystemClock final : public Clock {
 public:
  explicit SystemClock(Executor executor) : executor_(std::move(executor)) {}

  Instant now() const override {
    return std::chrono::floor<Duration>(std::chrono::system_clock::now());
  }

  Duration steady() const override { return steady_now(); }

  Task<> sleep_for(Duration span) override {
    asio::steady_timer timer(executor_);
    const Duration until =
        steady() + std::clamp<Duration>(span, Duration{0}, hours{24 * 365 * 100});
    Duration left = span;
    do {
      timer.expires_after(std::clamp<Duration>(left, Duration{0}, kSlice));
      co_await timer.async_wait(asio::use_awaitable);
      left = until - steady();
    } while (left > Duration{0});
  }

 private:
  Executor executor_;
};

/// The kernel's randomness through libsodium: one kind of dice for jitter and for keys.
class SystemDice final : public Dice {
 public:
  SystemDice() { EARSHOT_CHECK(sodium_init() >= 0); }

  double unit() override { return static_cast<double>(bits() >> 11U) * 0x1.0p-53; }

  std::uint64_t bits() override {
    std::uint64_t value = 0;
    randombytes_buf(&value, sizeof value);
    return value;
  }

  std::string secret(std::size_t bytes) override {
    std::string value(bytes, '\0');
    randombytes_buf(value.data(), value.size());
    return value;
  }
};

}  // namespace

Duration steady_now() {
  timespec at{};
  EARSHOT_CHECK(clock_gettime(CLOCK_BOOTTIME, &at) == 0);
  return seconds{at.tv_sec} + std::chrono::floor<Duration>(std::chrono::nanoseconds{at.tv_nsec});
}

std::unique_ptr<Clock> make_clock(Executor executor) {
  return std::make_unique<SystemClock>(std::move(executor));
}

std::unique_ptr<Dice> make_dice() {
  return std::make_unique<SystemDice>();
}

}  // namespace earshot

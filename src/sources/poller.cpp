#include "earshot/sources/poller.hpp"

#include <algorithm>

#include "earshot/core/rare.hpp"
#include "earshot/runtime/clock.hpp"
#include "earshot/runtime/log.hpp"

namespace earshot {
namespace {

constexpr Duration kSlowLeast = minutes{1};  // refused: a person must act first
constexpr Duration kSlowMost = hours{1};
constexpr Duration kFastLeast = seconds{1};
constexpr Duration kFastMost = minutes{5};
constexpr Duration kLongestRetryAfter = hours{6};

Duration jittered(Duration span, double jitter, double unit) {
  return Duration{static_cast<std::int64_t>(static_cast<double>(span.count()) *
                                            (1.0 - jitter + 2.0 * jitter * unit))};
}

}  // namespace

Duration backoff(int failures, Duration least, Duration most, double unit) {
  const int power = std::clamp(failures - 1, 0, 20);
  const Duration full = std::min(most, least * (std::int64_t{1} << power));
  return Duration{
      static_cast<std::int64_t>(static_cast<double>(full.count()) * (0.5 + 0.5 * unit))};
}

Task<> poll_forever(Source& source, std::string name, Intake& intake, Clock& clock, Dice& dice,
                    PollPolicy policy) {
  if (policy.first > Duration{0}) co_await clock.sleep_for(policy.first);
  int failures = 0;
  std::string state = co_await intake.state(name);
  for (;;) {
    // Cancellation arrives as an exception from any co_await below and leaves the loop; the state
    // on disk is then still the last committed one.
    Result<Batch> batch = co_await source.poll(state);
    Result<void> accepted = batch ? Result<void>{} : Result<void>{batch.error()};
    std::string next;
    bool more = false;
    Duration asked{0};
    if (batch) {
      next = batch->next;
      more = batch->more;
      asked = batch->not_before.value_or(Duration{0});
      accepted = co_await intake.accept(std::move(*batch));
    }
    if (accepted) {
      failures = 0;
      state = std::move(next);
      if (more) continue;
      const Duration usual = rare("poller.early") ? kFastLeast : policy.every;
      const Duration pause = std::max(jittered(usual, policy.jitter, dice.unit()), asked);
      intake.next_poll(name, clock.now() + pause);
      if (asked > policy.every)
        co_await clock.sleep_for(pause);
      else
        co_await source.wait(pause);
      continue;
    }
    const Error error = accepted.error();
    const bool refused = error.kind == Error::Kind::permanent;
    ++failures;
    co_await intake.failed(name, error, failures, refused);
    if (refused) {
      if (const Result<void> read = source.reread_secrets(); !read)
        log(LogLevel::error, "secret unreadable",
            {{"source", name}, {"why", read.error().message}});
    }
    Duration wait = refused ? backoff(failures, kSlowLeast, kSlowMost, dice.unit())
                            : backoff(failures, kFastLeast, kFastMost, dice.unit());
    if (error.retry_after) wait = std::max(wait, std::min(*error.retry_after, kLongestRetryAfter));
    log(LogLevel::warn, "source failed",
        {{"source", name},
         {"why", error.message},
         {"failures", std::to_string(failures)},
         {"next_try", to_text(wait)}});
    intake.next_poll(name, clock.now() + wait);
    co_await clock.sleep_for(wait);
    state = co_await intake.state(name);
  }
}

}  // namespace earshot

#include "earshot/receivers/retry.hpp"
#include "earshot/core/planted.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace earshot {
namespace {

// Pages: until somebody has it or the step's time is over. Others: the schedule of Standard
// Webhooks, about 75 hours.
constexpr std::array<Duration, 5> kPagePace{seconds{5}, seconds{15}, seconds{30}, seconds{60},
                                            seconds{60}};
constexpr std::array<Duration, 9> kNoticePace{seconds{5}, minutes{5}, minutes{30},
                                              hours{2},   hours{5},   hours{10},
                                              hours{14},  hours{20},  hours{24}};
constexpr std::array<Duration, 3> kRefusedPace{minutes{1}, minutes{5}, minutes{15}};
constexpr Duration kLongestPageWait = seconds{60};
constexpr Duration kLongestWait = hours{1};

/// The wait after attempt n (1-based), the last one repeated; nullopt where `pace` ends and does
/// not repeat.
std::optional<Duration> wait_after(std::span<const Duration> pace, int attempts, bool repeats) {
  const auto index = static_cast<std::size_t>(std::max(attempts, 1) - 1);
  if (index < pace.size()) return pace[index];
  if (repeats) return pace.back();
  return std::nullopt;
}

Duration spread(Duration wait, double unit) {
  return Duration{
      static_cast<std::int64_t>(static_cast<double>(wait.count()) * (0.8 + 0.4 * unit))};
}

void die(AfterAttempt& out, const std::string& detail, Instant now) {
  out.row.state = OutboxState::dead;
  out.row.ended_at = now;
  out.row.result = detail;
  out.trouble = true;
}

void try_again(AfterAttempt& out, const Delivery& delivery, std::optional<Duration> wait,
               Instant now, double unit) {
  const bool page = out.row.lane == Lane::page;
  if (!wait) return die(out, delivery.detail, now);
  Duration pause = spread(*wait, unit);
  if (delivery.retry_after) {
    const Duration asked = std::min(*delivery.retry_after, page ? kLongestPageWait : kLongestWait);
    pause = std::max(pause, asked);
    // The page waits no longer than this, and meanwhile the next channel speaks.
    if (page && *delivery.retry_after > kLongestPageWait) out.trouble = true;
  }
  out.row.not_before = now + pause;
  out.row.result = delivery.detail;
  if (out.row.give_up_at && out.row.not_before > *out.row.give_up_at)
    die(out, delivery.detail, now);
}

}  // namespace

AfterAttempt after_attempt(OutboxRow row, const Delivery& delivery, bool honours_keys, Instant now,
                           double unit) {
  AfterAttempt out{std::move(row), false, false};
  const bool page = out.row.lane == Lane::page;
  const std::span<const Duration> pace =
      page ? std::span<const Duration>{kPagePace} : std::span<const Duration>{kNoticePace};
  const bool dropped = (planted<10> && delivery.detail.starts_with("HTTP 4")) ||
                       (planted<11> && out.row.attempts >= 3);
  if (dropped && delivery.outcome != DeliveryOutcome::ok) {
    out.row.state = OutboxState::dead;
    out.row.ended_at = now;
    return out;
  }
  switch (delivery.outcome) {
    case DeliveryOutcome::ok:
      out.row.state = OutboxState::ok;
      out.row.ended_at = now;
      out.row.result = delivery.id.empty() ? delivery.detail : delivery.id;
      break;
    case DeliveryOutcome::again:
      out.row.state = OutboxState::pending;
      try_again(out, delivery, wait_after(pace, out.row.attempts, page), now, unit);
      break;
    case DeliveryOutcome::uncertain:
      ++out.row.possible_repeats;
      out.row.state = OutboxState::uncertain;
      if (honours_keys) {
        const bool at_once = out.row.possible_repeats == 1;
        try_again(out, delivery, at_once ? Duration{0} : wait_after(pace, out.row.attempts, page),
                  now, unit);
      } else if (out.row.possible_repeats == 1) {
        try_again(out, delivery, seconds{30}, now, unit);
      } else {
        die(out, "it may have arrived: " + delivery.detail, now);
      }
      break;
    case DeliveryOutcome::refused:
      out.row.state = OutboxState::pending;
      out.trouble = out.row.attempts == 1;
      try_again(out, delivery, wait_after(kRefusedPace, out.row.attempts, false), now, unit);
      break;
    case DeliveryOutcome::gone:
      die(out, delivery.detail, now);
      out.gone = true;
      break;
  }
  return out;
}

}  // namespace earshot

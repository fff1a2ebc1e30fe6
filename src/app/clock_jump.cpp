#include "clock_jump.hpp"

#include <fmt/format.h>

#include "earshot/runtime/guarded_clock.hpp"
#include "rota.hpp"

namespace earshot {
namespace {

constexpr std::size_t kAll = 10'000'000;
constexpr Duration kFar = hours{24 * 366 * 100};

}  // namespace

void follow_steady_clock(StoreWriter& writer, Effects& effects, Duration by, Instant now) {
  std::size_t moved = 0;
  for (TimerRecord timer : writer.due_timers(now + kFar, kAll)) {
    if (timer.kind == kHandoff) continue;
    timer.due += by;
    writer.arm(timer);
    ++moved;
  }
  for (OutboxRow row : writer.due_outbox(now + kFar, kAll)) {
    row.not_before += by;
    if (row.give_up_at) *row.give_up_at += by;
    writer.update_outbox(row);
    ++moved;
  }
  JsonWriter data;
  data.object();
  data.field("by_s", std::chrono::duration_cast<seconds>(by).count());
  data.field("moved", static_cast<std::uint64_t>(moved));
  data.end();
  writer.append_ledger({0, now + by, "tick", "clock_jumped", "", data.take(), ""});
  effects.tell_ops(
      fmt::format("The clock jumped by {}", to_text(by)),
      fmt::format("{} deadlines go on by the steady clock. Is time synchronised?", moved),
      "clock/" + to_rfc3339(now + by));
}

Task<std::optional<Duration>> mind_the_clock(GuardedClock& clock, Store& store,
                                             std::shared_ptr<const Rules> rules, AckKey key,
                                             std::uint64_t seed) {
  const std::optional<Duration> by = clock.jump();
  if (!by) co_return std::nullopt;
  const Instant now = clock.now();
  // Nothing may look due early: ahead, deadlines move before the clock does; back, after it.
  if (*by < Duration{0}) clock.adopt();
  auto move = [&](StoreWriter& writer) {
    Effects effects{writer, *rules, key, Chance{now + *by, seed}};
    follow_steady_clock(writer, effects, *by, now);
  };
  co_await store.write(move);
  if (*by > Duration{0}) clock.adopt();
  co_return by;
}

}  // namespace earshot

#include "earshot/receivers/outbox.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <exception>

#include "earshot/core/planted.hpp"
#include "earshot/core/rare.hpp"
#include "earshot/runtime/clock.hpp"
#include "earshot/runtime/log.hpp"
#include "outbox_plan.hpp"

namespace earshot {
namespace {

constexpr int kAtOnce = 256;           // attempts in flight over all receivers
constexpr int kReservedForPages = 64;  // of them, kept free for pages
constexpr Duration kTick = seconds{1};

}  // namespace

Outbox::Outbox(Executor executor, Store& store, Clock& clock, Dice& dice, Hooks hooks)
    : executor_(executor),
      store_(store),
      clock_(clock),
      dice_(dice),
      hooks_(std::move(hooks)),
      signal_(executor),
      attempts_(executor, hooks_.failed) {}

Outbox::~Outbox() = default;

void Outbox::use(Receivers receivers, const Rates& rates) {
  receivers_ = std::move(receivers);
  std::map<std::string, Bucket, std::less<>> buckets;
  for (const auto& [name, rate] : rates) {
    const auto old = buckets_.find(name);  // a reload does not fill what has been used up
    const bool same = old != buckets_.end() && old->second.rate() == rate;
    buckets.emplace(name, same ? old->second : Bucket{rate});
  }
  buckets_ = std::move(buckets);
  gone_.clear();
  looked_for_strays_ = Instant{};
  poke();
}

void Outbox::poke() {
  signal_.poke();
}

bool Outbox::broken(std::string_view receiver) const {
  const auto it = breakers_.find(receiver);
  return it != breakers_.end() && it->second.open();
}

std::string Outbox::why_missing(const std::string& receiver) const {
  const auto gone = gone_.find(receiver);
  if (gone == gone_.end()) return "no receiver has this name";
  return gone->second + "; not asked again before the next reload";
}

/// What is due is looked for at least once a second. A task of its own, because a wait with a limit
/// begins and ends two.
Task<> Outbox::beat() {
  for (;;) {
    co_await clock_.sleep_for(kTick);
    signal_.poke();
  }
}

Task<> Outbox::run() {
  std::exception_ptr why;
  attempts_.spawn("beat", [this] { return beat(); });
  try {
    for (;;) {
      co_await round();
      co_await signal_.wait();
    }
  } catch (...) {
    why = std::current_exception();  // co_await cannot stand in a catch
  }
  attempts_.cancel();
  // A cancelled coroutine's next co_await throws, and the attempts would outlive this object.
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  co_await attempts_.join();
  co_await keep_results();
  std::rethrow_exception(why);
}

/// What ended before the last round could store it. A store that fails here has failed before.
Task<> Outbox::keep_results() {
  if (ended_.empty()) co_return;
  Plan plan = make_plan(clock_.now());
  plan.slots.clear();
  plan.strays = false;
  auto work = [&](StoreWriter& writer) { carry_out(plan, writer); };
  try {
    co_await store_.write(work);
  } catch (const StoreError&) {
    co_return;
  }
  settle(plan);
}

Outbox::Plan Outbox::make_plan(Instant now) {
  Plan out;
  out.now = now;
  out.trouble = hooks_.trouble();
  out.taken = hooks_.taken;
  out.ended = std::move(ended_);
  ended_.clear();
  std::map<std::string, int, std::less<>> leaving;
  for (const Ended& it : out.ended) ++leaving[it.after.row.receiver];
  const int flying = static_cast<int>(flying_.size()) - static_cast<int>(out.ended.size());
  out.room = kAtOnce - flying;
  out.room_for_notices = out.room - kReservedForPages;
  if (closed_) return out;
  for (const auto& [name, receiver] : receivers_) {
    const Breaker& breaker = breakers_[name];
    Slot& slot = out.slots[name];
    slot.moves = receiver->may_move();
    slot.honours = receiver->honours_keys();
    slot.room = receiver->at_once() - flying_per_receiver_[name] + leaving[name];
    if (planted<24>) slot.room = kAtOnce;
    if (rare("outbox.one_at_a_time")) slot.room = std::min(slot.room, 1);
    slot.allowed = !breaker.open() ? kAtOnce : breaker.allows(now) && !planted<34> ? 1 : 0;
    slot.next_probe = breaker.next_probe();
    if (const auto bucket = buckets_.find(name); bucket != buckets_.end()) {
      slot.pages = bucket->second.room(Lane::page, now);
      slot.notices = bucket->second.room(Lane::notice, now);
    }
  }
  for (const auto& [name, why] : gone_) out.missing[name] = why_missing(name);
  out.troubled = troubled_;
  out.strays = now - looked_for_strays_ >= kTick;
  return out;
}

/// One at a time: whoever comes meanwhile leaves word, and the one that is at work goes on for
/// them.
Task<> Outbox::round() {
  again_ = true;
  if (in_round_ || gave_up_) co_return;
  struct Busy {
    bool& flag;
    ~Busy() { flag = false; }
  };
  in_round_ = true;
  const Busy busy{in_round_};
  while (again_ || !ended_.empty()) {
    again_ = false;
    co_await one_round();
  }
}

/// Stores what has ended and marks what is due as started, in one commit; only then do the attempts
/// begin.
Task<> Outbox::one_round() {
  const Instant now = clock_.now();
  if (closed_ && ended_.empty()) co_return;
  if (ended_.empty()) {
    const std::uint64_t commits = store_.commits();
    if (nothing_due_.holds(commits, now)) co_return;
    bool due = false;
    auto look = [&](StoreReader& reader) {
      due = !reader.due_outbox(now, 1).empty();
      if (!due) nothing_due_.note(commits, reader.next_due());
    };
    co_await store_.read(look);
    if (!due) delays_.clear();
    if (!due && ended_.empty()) co_return;
  }
  if (rare("outbox.slow_round")) co_await clock_.sleep_for(milliseconds{300});
  Plan plan = make_plan(now);
  auto work = [&](StoreWriter& writer) { carry_out(plan, writer); };
  std::exception_ptr failed;
  try {
    co_await store_.write(work);
  } catch (...) {
    failed = std::current_exception();
  }
  if (failed) {
    for (Ended& it : plan.ended) ended_.push_back(std::move(it));  // tried once more at the end
    gave_up_ = true;  // whoever hears of it ends the process
    std::rethrow_exception(failed);
  }
  if (plan.strays) looked_for_strays_ = now;
  note_delays(plan);
  settle(plan);
  launch(std::move(plan.started), now);
}

void Outbox::settle(Plan& plan) {
  troubled_.insert(plan.held.begin(), plan.held.end());
  for (Ended& it : plan.ended) {
    const OutboxRow& row = it.after.row;
    flying_.erase(row.id);
    --flying_per_receiver_[row.receiver];
    if (it.after.gone) {
      gone_[row.receiver] = it.delivery.detail;
      receivers_.erase(row.receiver);
    }
    hooks_.ended(row, it.delivery, it.took);
  }
}

void Outbox::note_delays(const Plan& plan) {
  delays_.clear();
  for (const auto& [name, lane] : plan.short_of) {
    if (const auto bucket = buckets_.find(name); bucket != buckets_.end())
      delays_.push_back({name, lane, bucket->second.next(lane, plan.now)});
  }
}

void Outbox::launch(std::vector<OutboxRow> started, Instant now) {
  for (OutboxRow& row : started) {
    if (planted<6> && flying_.contains(row.id)) continue;
    if (const auto bucket = buckets_.find(row.receiver); bucket != buckets_.end())
      bucket->second.take(now);
    breakers_[row.receiver].probing(now);
    flying_.insert(row.id);
    ++flying_per_receiver_[row.receiver];
    const auto found = receivers_.find(row.receiver);
    if (found == receivers_.end()) {  // went away while its row was being claimed
      note_end(row, {DeliveryOutcome::again, "the receiver went away"});
      continue;
    }
    attempts_.spawn("deliver", [this, row = std::move(row), receiver = found->second] {
      return attempt(row, receiver);
    });
  }
}

void Outbox::note_end(const OutboxRow& row, const Delivery& delivery) {
  ended_.push_back({after_attempt(row, delivery, true, clock_.now(), dice_.unit()), delivery, {}});
  signal_.poke();
}

Task<> Outbox::attempt(OutboxRow row, std::shared_ptr<Receiver> receiver) {
  const Duration began = clock_.steady();
  const Delivery delivery = co_await receiver->deliver(row);
  if (rare("outbox.late_result")) co_await clock_.sleep_for(seconds{2});
  const Instant now = clock_.now();
  Breaker& breaker = breakers_[row.receiver];
  if (delivery.outcome == DeliveryOutcome::ok)
    breaker.succeeded();
  else
    breaker.failed(now);
  if (delivery.outcome != DeliveryOutcome::ok) {
    log(LogLevel::warn, "delivery failed",
        {{"receiver", row.receiver},
         {"outcome", std::string{to_word(delivery.outcome)}},
         {"attempt", std::to_string(row.attempts)},
         {"case", row.case_id},
         {"why", delivery.detail}});
  }
  row.body.clear();  // the store has it; only state and result change
  AfterAttempt after =
      after_attempt(std::move(row), delivery, receiver->honours_keys(), now, dice_.unit());
  // An open breaker never delays the next channel.
  if (breaker.open() && troubled_.insert(after.row.id).second) after.trouble = true;
  if (after.row.ended_at) troubled_.erase(after.row.id);
  ended_.push_back({std::move(after), delivery, clock_.steady() - began});
  co_await round();  // stores this result, and those that come in meanwhile
}

}  // namespace earshot

#include "earshot/receivers/outbox.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <exception>

#include "earshot/runtime/clock.hpp"
#include "earshot/runtime/log.hpp"

namespace earshot {
namespace {

constexpr std::size_t kAtOnce = 64;            // attempts in flight over all receivers
constexpr std::size_t kReservedForPages = 16;  // of them, kept free for pages
constexpr int kAtOncePerReceiver = 8;
constexpr Duration kTick = seconds{1};
constexpr Duration kLookAgain = minutes{5};    // for a receiver that is not there
constexpr Duration kBlindPause = seconds{30};  // before a repeat that the other side cannot drop

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

void Outbox::use(Receivers receivers) {
  receivers_ = std::move(receivers);
  gone_.clear();
  poke();
}

std::string Outbox::why_missing(const std::string& receiver) const {
  const auto gone = gone_.find(receiver);
  if (gone == gone_.end()) return "no receiver has this name";
  return gone->second + "; not asked again before the next reload";
}

void Outbox::poke() {
  signal_.poke();
}

Task<> Outbox::run() {
  std::exception_ptr why;
  try {
    for (;;) {
      co_await round();
      co_await signal_.wait(clock_, kTick);
    }
  } catch (...) {
    why = std::current_exception();  // co_await cannot stand in a catch
  }
  attempts_.cancel();
  // A cancelled coroutine's next co_await throws, and the attempts would outlive this object.
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  co_await attempts_.join();
  std::rethrow_exception(why);
}

bool Outbox::broken(std::string_view receiver) const {
  const auto it = breakers_.find(receiver);
  return it != breakers_.end() && it->second.open();
}

Outbox::Plan Outbox::plan_one(const OutboxRow& row, Instant now) {
  Plan out;
  out.id = row.id;
  const auto receiver = receivers_.find(row.receiver);
  if (receiver == receivers_.end()) {
    out = {Plan::Kind::hold, row.id, nullptr, now + kLookAgain, why_missing(row.receiver), false};
  } else if (Breaker& breaker = breakers_[row.receiver]; !breaker.allows(now)) {
    out = {Plan::Kind::hold,
           row.id,
           nullptr,
           breaker.next_probe(),
           "the receiver has failed five times in a row",
           false};
  } else {
    out.receiver = receiver->second;
    const bool blind_repeat =
        row.state == OutboxState::uncertain && !out.receiver->honours_keys() && row.started_at;
    if (blind_repeat && row.possible_repeats > 1) {
      out.kind = Plan::Kind::end;
      out.why = "it may have arrived: two attempts ended without an answer";
    } else if (blind_repeat && now < *row.started_at + kBlindPause) {
      out.kind = Plan::Kind::hold;
      out.until = *row.started_at + kBlindPause;
    } else {
      breaker.probing(now);
    }
  }
  out.first = !out.why.empty() && troubled_.insert(row.id).second;
  return out;
}

std::vector<Outbox::Plan> Outbox::plan(const std::vector<OutboxRow>& due, Instant now) {
  std::vector<Plan> out;
  std::size_t starting = 0;
  std::map<std::string, int, std::less<>> taken;
  for (const OutboxRow& row : due) {
    const auto flying = flying_per_receiver_.find(row.receiver);
    const int there = flying == flying_per_receiver_.end() ? 0 : flying->second;
    const std::size_t limit = row.lane == Lane::page ? kAtOnce : kAtOnce - kReservedForPages;
    if (flying_.size() + starting >= limit || there + taken[row.receiver] >= kAtOncePerReceiver)
      continue;
    out.push_back(plan_one(row, now));
    if (out.back().kind != Plan::Kind::start) continue;
    ++starting;
    ++taken[row.receiver];
  }
  return out;
}

/// Marks what is due as started, in one commit, and only then lets the attempts begin.
Task<> Outbox::round() {
  const Instant now = clock_.now();
  std::vector<OutboxRow> due;
  auto look = [&](StoreReader& reader) { due = reader.due_outbox(now, 2 * kAtOnce); };
  co_await store_.read(look);
  std::erase_if(due, [&](const OutboxRow& row) { return flying_.contains(row.id); });
  const std::vector<Plan> plans = plan(due, now);
  if (plans.empty() || closed_) co_return;

  std::vector<std::pair<OutboxRow, std::shared_ptr<Receiver>>> started;
  const Hooks::Trouble trouble = hooks_.trouble();
  auto claim = [&](StoreWriter& writer) {
    started.clear();
    for (const Plan& plan : plans) {
      std::optional<OutboxRow> row = writer.outbox_row(plan.id);  // an ack may have come between
      if (!row || (row->state != OutboxState::pending && row->state != OutboxState::uncertain))
        continue;
      if (plan.kind == Plan::Kind::start) {
        row->state = OutboxState::started;
        row->started_at = now;
        ++row->attempts;
      } else {
        row->not_before = plan.until;
        if (!plan.why.empty()) row->result = plan.why;
        if (plan.kind == Plan::Kind::end) row->state = OutboxState::dead, row->ended_at = now;
      }
      writer.update_outbox(*row);
      if (plan.first) trouble(writer, *row, plan.why);
      if (plan.kind == Plan::Kind::start) started.emplace_back(std::move(*row), plan.receiver);
    }
  };
  co_await store_.write(claim);

  for (auto& [row, receiver] : started) {
    flying_.insert(row.id);
    ++flying_per_receiver_[row.receiver];
    attempts_.spawn("deliver",
                    [this, row = row, receiver = receiver] { return attempt(row, receiver); });
  }
}

Task<> Outbox::attempt(OutboxRow row, std::shared_ptr<Receiver> receiver) {
  const Duration began = clock_.steady();
  const Delivery delivery = co_await receiver->deliver(row);
  const Instant now = clock_.now();
  Breaker& breaker = breakers_[row.receiver];
  const bool healthy = delivery.outcome == DeliveryOutcome::ok;
  if (healthy)
    breaker.succeeded();
  else
    breaker.failed(now);

  AfterAttempt after = after_attempt(row, delivery, receiver->honours_keys(), now, dice_.unit());
  // An open breaker never delays the next channel.
  if (!healthy && breaker.open() && troubled_.insert(row.id).second) after.trouble = true;
  if (after.row.ended_at) troubled_.erase(row.id);
  const Hooks::Trouble trouble = hooks_.trouble();
  auto store = [&](StoreWriter& writer) {
    const std::optional<OutboxRow> current = writer.outbox_row(row.id);
    // Acknowledged while it flew: what has been sent was sent, but nothing follows.
    if (current && current->state == OutboxState::cancelled && after.row.state != OutboxState::ok)
      after.row.state = OutboxState::cancelled;
    writer.update_outbox(after.row);
    if (after.trouble && after.row.state != OutboxState::cancelled)
      trouble(writer, after.row, delivery.detail);
  };
  co_await store_.write(store);

  flying_.erase(row.id);
  --flying_per_receiver_[row.receiver];
  if (!healthy) {
    log(LogLevel::warn, "delivery failed",
        {{"receiver", row.receiver},
         {"outcome", std::string{to_word(delivery.outcome)}},
         {"attempt", std::to_string(row.attempts)},
         {"case", row.case_id},
         {"why", delivery.detail}});
  }
  if (after.gone) {
    gone_[row.receiver] = delivery.detail;
    receivers_.erase(row.receiver);
  }
  hooks_.ended(after.row, delivery, clock_.steady() - began);
  signal_.poke();
}

}  // namespace earshot

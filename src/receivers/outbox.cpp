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

}  // namespace

Outbox::Outbox(Executor executor, Store& store, Clock& clock, Dice& dice, Hooks hooks)
    : executor_(executor),
      store_(store),
      clock_(clock),
      dice_(dice),
      hooks_(std::move(hooks)),
      signal_(executor),
      attempts_(executor) {}

Outbox::~Outbox() = default;

void Outbox::use(Receivers receivers) {
  receivers_ = std::move(receivers);
  gone_.clear();
  poke();
}

void Outbox::poke() {
  signal_.poke();
}

bool Outbox::has_room(const OutboxRow& row) const {
  const std::size_t limit = row.lane == Lane::page ? kAtOnce : kAtOnce - kReservedForPages;
  if (flying_.size() >= limit) return false;
  const auto it = flying_per_receiver_.find(row.receiver);
  return it == flying_per_receiver_.end() || it->second < kAtOncePerReceiver;
}

std::string Outbox::why_missing(const std::string& receiver) const {
  const auto gone = gone_.find(receiver);
  if (gone == gone_.end()) return "no receiver has this name";
  return gone->second + "; not asked again before the next reload";
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

/// Marks what is due as started, in one commit, and only then lets the attempts begin.
Task<> Outbox::round() {
  const Instant now = clock_.now();
  std::vector<OutboxRow> due;
  auto look = [&](StoreReader& reader) { due = reader.due_outbox(now, 2 * kAtOnce); };
  co_await store_.read(look);
  std::erase_if(due, [&](const OutboxRow& row) { return flying_.contains(row.id); });
  if (due.empty()) co_return;

  std::vector<OutboxRow> started;
  auto claim = [&](StoreWriter& writer) {
    started.clear();
    std::map<std::string, int> taken;
    for (const OutboxRow& seen : due) {
      if (started.size() + flying_.size() >= kAtOnce || !has_room(seen)) continue;
      std::optional<OutboxRow> row = writer.outbox_row(seen.id);  // an ack may have come between
      if (!row || (row->state != OutboxState::pending && row->state != OutboxState::uncertain))
        continue;
      if (taken[row->receiver] + flying_per_receiver_[row->receiver] >= kAtOncePerReceiver)
        continue;
      const auto receiver = receivers_.find(row->receiver);
      Breaker& breaker = breakers_[row->receiver];
      if (receiver == receivers_.end() || !breaker.allows(now)) {
        const std::string text = receiver != receivers_.end()
                                     ? "the receiver has failed five times in a row"
                                     : why_missing(row->receiver);
        row->not_before = receiver == receivers_.end() ? now + minutes{5} : breaker.next_probe();
        row->result = text;
        writer.update_outbox(*row);
        if (troubled_.insert(row->id).second) hooks_.trouble(writer, *row, text);
        continue;
      }
      breaker.probing(now);
      row->state = OutboxState::started;
      row->started_at = now;
      ++row->attempts;
      ++taken[row->receiver];
      writer.update_outbox(*row);
      started.push_back(std::move(*row));
    }
  };
  co_await store_.write(claim);

  for (OutboxRow& row : started) {
    flying_.insert(row.id);
    ++flying_per_receiver_[row.receiver];
    const std::shared_ptr<Receiver> receiver = receivers_.find(row.receiver)->second;
    attempts_.spawn("deliver", [this, row, receiver] { return attempt(row, receiver); });
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
  auto store = [&](StoreWriter& writer) {
    const std::optional<OutboxRow> current = writer.outbox_row(row.id);
    // Acknowledged while it flew: what has been sent was sent, but nothing follows.
    if (current && current->state == OutboxState::cancelled && after.row.state != OutboxState::ok)
      after.row.state = OutboxState::cancelled;
    writer.update_outbox(after.row);
    if (after.trouble && after.row.state != OutboxState::cancelled)
      hooks_.trouble(writer, after.row, delivery.detail);
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

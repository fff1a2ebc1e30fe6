#pragma once

/// The delivery loop: outbox row -> receiver, at least once. `attempt n started` is committed
/// before the socket opens, the result after; a crash in between leaves a row whose outcome is
/// known to be uncertain, and it is sent again under the same key.

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "earshot/receivers/receiver.hpp"
#include "earshot/receivers/retry.hpp"
#include "earshot/runtime/signal.hpp"
#include "earshot/runtime/task.hpp"
#include "earshot/store/store.hpp"

namespace earshot {

class Clock;
class Dice;

using Receivers = std::map<std::string, std::shared_ptr<Receiver>,
                           std::less<>>;  // shared: a reload may drop one while it sends

class Outbox {
 public:
  struct Hooks {
    using Trouble = std::function<void(StoreWriter&, const OutboxRow&, const std::string& why)>;
    /// Made on the I/O thread, called in the transaction that stores the row, on the store's: tell
    /// somebody, try the next channel.
    std::function<Trouble()> trouble;
    /// After the result is durable.
    std::function<void(const OutboxRow&, const Delivery&, Duration took)> ended;
    /// An attempt ended with an exception: the store's, as a rule (a full disk).
    TaskGroup::OnFailure failed{};
  };
  Outbox(Executor executor, Store& store, Clock& clock, Dice& dice, Hooks hooks);
  ~Outbox();

  /// In force for every attempt that begins after this.
  void use(Receivers receivers);
  /// New rows may be due.
  void poke();
  /// No attempt begins after this; those in flight end.
  void close() { closed_ = true; }
  /// Runs until cancelled; then waits for attempts in flight.
  Task<> run();
  std::size_t in_flight() const { return flying_.size(); }
  /// Its breaker is open: it failed five times in a row and is only probed.
  bool broken(std::string_view receiver) const;

 private:
  /// What is to become of a row that is due, decided on the I/O thread: the transaction runs on the
  /// store's and must not look at what attempts change meanwhile.
  struct Plan {
    enum class Kind { start, hold, end };
    Kind kind = Kind::start;
    std::int64_t id = 0;
    std::shared_ptr<Receiver> receiver;
    Instant until{};     ///< hold: not before
    std::string why;     ///< hold, end; "" where nobody need know
    bool first = false;  ///< nobody was told of it yet
  };
  std::vector<Plan> plan(const std::vector<OutboxRow>& due, Instant now);
  Plan plan_one(const OutboxRow& row, Instant now);
  Task<> round();
  Task<> attempt(OutboxRow row, std::shared_ptr<Receiver> receiver);
  std::string why_missing(const std::string& receiver) const;

  Executor executor_;
  Store& store_;
  Clock& clock_;
  Dice& dice_;
  Hooks hooks_;
  Receivers receivers_;
  std::map<std::string, std::string, std::less<>>
      gone_;  ///< receivers that answered 410 and what they said; until the next use()
  std::map<std::string, Breaker, std::less<>> breakers_;
  std::map<std::string, int, std::less<>> flying_per_receiver_;
  std::set<std::int64_t> flying_;
  std::set<std::int64_t>
      troubled_;  ///< rows that were held back by an open breaker and have been told of
  bool closed_ = false;
  Signal signal_;
  TaskGroup attempts_;
};

}  // namespace earshot

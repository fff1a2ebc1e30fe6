#pragma once

/// The delivery loop: outbox row -> receiver, at least once. `attempt n started` is committed
/// before the socket opens, the result after; a crash in between leaves a row whose outcome is
/// known to be uncertain, and it is sent again under the same key. One commit stores the results of
/// what has ended and claims what takes its place, so a busy outbox pays for few syncs.

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "earshot/receivers/bucket.hpp"
#include "earshot/receivers/receiver.hpp"
#include "earshot/receivers/retry.hpp"
#include "earshot/runtime/signal.hpp"
#include "earshot/runtime/task.hpp"
#include "earshot/store/nothing_due.hpp"
#include "earshot/store/store.hpp"

namespace earshot {

class Clock;
class Dice;

/// Keys of rows that follow a message of the same case: status updates.
inline constexpr std::string_view kUpdatePrefix = "update/";
/// Keys of rows that tell the state of a case: one goes behind all that is under way to its
/// receiver, because the state that arrives last is the one that counts.
inline constexpr std::string_view kAlertPrefix = "alert/";

using Receivers = std::map<std::string, std::shared_ptr<Receiver>,
                           std::less<>>;  // shared: a reload may drop one while it sends

using Rates = std::map<std::string, RateLimit, std::less<>>;  // those that have one

class Outbox {
 public:
  struct Hooks {
    using Trouble = std::function<void(StoreWriter&, const OutboxRow&, const std::string& why)>;
    /// Made on the I/O thread, called in the transaction that stores the row, on the store's: tell
    /// somebody, try the next channel.
    std::function<Trouble()> trouble;
    /// Whether nobody is wanted any more for the case of this page, which has been tried before. In
    /// the transaction that would begin the next attempt, on the store's thread. Empty: never.
    std::function<bool(StoreWriter&, const OutboxRow&)> taken{};
    /// After the result is durable.
    std::function<void(const OutboxRow&, const Delivery&, Duration took)> ended;
    /// An attempt, or the storing of its result, ended with an exception: the store's, as a rule
    /// (a full disk).
    TaskGroup::OnFailure failed{};
  };
  Outbox(Executor executor, Store& store, Clock& clock, Dice& dice, Hooks hooks);
  ~Outbox();

  /// In force for every attempt that begins after this.
  void use(Receivers receivers, const Rates& rates = {});
  /// New rows may be due.
  void poke();
  /// No attempt begins after this; those in flight end.
  void close() { closed_ = true; }
  /// Runs until cancelled; then waits for attempts in flight and stores what they brought.
  Task<> run();
  std::size_t in_flight() const { return flying_.size(); }
  /// Its breaker is open: it failed five times in a row and is only probed.
  bool broken(std::string_view receiver) const;
  /// Where a rate limit made rows wait in the last round: when the next one goes.
  struct Delay {
    std::string receiver;
    Lane lane = Lane::notice;
    Instant until{};
  };
  const std::vector<Delay>& delays() const { return delays_; }

 private:
  /// An attempt that has come to its end and is not stored yet.
  struct Ended {
    AfterAttempt after;
    Delivery delivery;
    Duration took{};
  };
  /// What a transaction may do for one receiver; it runs on the store's thread and sees no more
  /// than this.
  struct Slot {
    bool moves = false;
    bool honours = true;
    int room = 0;     ///< attempts that may begin
    int allowed = 0;  ///< by the breaker: none, one probe, or any number
    Instant next_probe{};
    int pages = Bucket::kNoLimit;    ///< by the rate limit
    int notices = Bucket::kNoLimit;  ///< the same; the reserve is left to the pages
  };
  struct Plan;

  Task<> beat();
  Task<> round();
  Task<> one_round();
  Task<> attempt(OutboxRow row, std::shared_ptr<Receiver> receiver);
  Task<> keep_results();
  Plan make_plan(Instant now);
  // These run in the transaction, on the store's thread.
  static void carry_out(Plan& plan, StoreWriter& writer);
  static void claim(Plan& plan, StoreWriter& writer, const std::string& name, const Slot& slot,
                    Lane lane);
  static void hold(Plan& plan, StoreWriter& writer, OutboxRow row, Instant until,
                   const std::string& why);
  void settle(Plan& plan);
  void launch(std::vector<OutboxRow> started, Instant now);
  void note_delays(const Plan& plan);
  void note_end(const OutboxRow& row, const Delivery& delivery);
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
  std::map<std::string, Bucket, std::less<>> buckets_;  ///< of those that have a rate
  std::vector<Delay> delays_;
  std::map<std::string, int, std::less<>> flying_per_receiver_;
  std::set<std::int64_t> flying_;
  std::vector<Ended> ended_;
  std::set<std::int64_t>
      troubled_;  ///< rows that were held back by an open breaker and have been told of
  Instant looked_for_strays_{};
  NothingDue nothing_due_;
  bool closed_ = false;
  bool in_round_ = false;
  bool again_ = false;    ///< somebody asked for a round during one
  bool gave_up_ = false;  ///< the store does not take results: nothing begins any more
  Signal signal_;
  TaskGroup attempts_;
};

}  // namespace earshot

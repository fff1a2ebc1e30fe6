#pragma once

/// The parts of the daemon and how they are tied together. Only app.cpp and main know of an
/// io_context.

#include <map>
#include <memory>
#include <set>
#include <stop_token>
#include <string>

#include "audit.hpp"
#include "earshot/app/app.hpp"
#include "earshot/app/rules.hpp"
#include "earshot/receivers/outbox.hpp"
#include "earshot/runtime/clock.hpp"
#include "earshot/runtime/guarded_clock.hpp"
#include "earshot/runtime/metrics.hpp"
#include "earshot/runtime/signal.hpp"
#include "earshot/sources/poller.hpp"
#include "earshot/sources/source.hpp"
#include "earshot/store/backups.hpp"
#include "earshot/store/store.hpp"
#include "earshot/web/backend.hpp"
#include "earshot/web/server.hpp"
#include "outside.hpp"
#include "pipeline.hpp"
#include "second_opinion.hpp"
#include "tick.hpp"
#include "tombstones.hpp"
#include "waits.hpp"

namespace earshot {

struct Finding;

class Daemon final : public Backend, public Intake {
 public:
  Daemon(Executor executor, Executor workers, AppOptions options,
         std::shared_ptr<const Rules> rules, std::unique_ptr<Store> store, Outside outside,
         TaskGroup::OnFailure on_failure);
  ~Daemon() override;

  /// Everything up to the first poll; then serves until cancelled. An Error is a matter of
  /// configuration.
  Task<Result<void>> start();
  /// Sends the heartbeat outwards while the audit passes (P24).
  Task<> heartbeat_forever();
  /// Measures; for the stall watch.
  Metrics& meter() { return metrics_; }
  /// The store has failed. Is it worth telling from memory? Not by each of many starts in a row.
  bool has_last_words(bool disk_full) const;
  /// Tells the receivers of the root route, whatever the store says; as long as they take.
  Task<> last_words(std::string why);
  /// Stops polling, lets deliveries end, closes the server; at most `limit`.
  Task<> drain(Duration limit);

  // Backend
  std::shared_ptr<const Config> config() override { return rules_->config; }
  Store& store() override { return *store_; }
  Task<Result<IntakeAnswer>> push(std::string source, std::vector<Post> posts,
                                  std::vector<RejectedPost> rejected) override;
  Task<ActAnswer> act(std::string case_id, Command command,
                      std::optional<std::int64_t> version) override;
  Task<Result<IntakeAnswer>> replay_quarantined(std::int64_t id, std::string who) override;
  Task<Result<IntakeAnswer>> drop_quarantined(std::int64_t id, std::string who) override;
  std::vector<SourceHealth> sources() override;
  Task<Result<std::string>> reload() override;
  AuditReport findings() override { return findings_; }
  std::string metrics() override;
  bool ready() override { return ready_; }
  Task<Result<void>> test_receiver(std::string name, std::string urgency) override;
  Task<RotaAnswer> change_rota(RotaCommand command) override;
  Task<DeskAnswer> change_question(DeskCommand command) override;
  Task<DeskAnswer> change_desk(std::string kind, DeskCommand command) override;
  Task<DigestReply> tell_digest(DigestAsk ask) override;
  Task<DeskAnswer> change_person(DeskCommand command) override;
  std::vector<OutboxDelay> outbox_delays() override;
  Task<std::string> explain(Post post, Instant at) override;
  Task<> wait_for_ledger(std::int64_t seen, Duration limit) override;

  // Intake
  Task<std::string> state(std::string source) override;
  Task<Result<void>> accept(Batch batch) override;
  Task<> failed(std::string source, Error error, int failures, bool refused) override;
  void next_poll(const std::string& source, Instant at) override;

 private:
  Result<void> build(const Rules& rules);
  Task<> load_keys();
  /// Who was erased stays out (daemon_privacy.cpp).
  Task<Result<void>> load_tombstones();
  Result<void> need_tombstone_key();
  std::string tombstone_key_path() const;
  Task<> renew_keys();
  Task<Result<std::string>> reload_alone();
  /// The tokens that the configuration names are those of the store (tokens.hpp).
  Task<> keep_tokens(std::vector<TokenRecord> wanted);
  Task<> look_after();
  void note_findings(const std::vector<Finding>& found, Instant now);
  Task<> tick_forever();
  /// Follows jumps of the wall clock; measures the rota's gaps once an hour (daemon_rota.cpp).
  Task<> mind_clock_and_rota();
  /// Looks what room the disk has; holds the sources back while it is full (daemon_disk.cpp).
  Task<> mind_disk();
  bool look_at_disk();
  Task<> tell_of_disk();
  void hold_sources();
  Task<> wait_for_room();
  Task<Result<Accepted>> take(Batch batch);
  /// Backups (daemon_backup.cpp).
  Task<> mind_backups();
  Task<> back_up(BackupConfig wanted);
  std::optional<Pulse::BackupBeat> backup_beat() const;
  /// Second opinions (daemon_opinion.cpp).
  void make_opinion();
  Task<bool> still_wanted(Unsure about);
  Task<Heard> hear(Unsure about, Opinion opinion);
  Task<Result<Parsed>> reread(const Quarantined* item);
  /// The reader's process (daemon_reader.cpp).
  Task<> begin_reader();
  bool reader_well() const;
  Task<> leave_quarantine(Quarantined item, std::string who, std::string what);
  void start_sources();
  /// Conversations of open cases are read again and again (conversations.cpp).
  Task<> follow_conversations();
  Task<> follow_once();
  Task<Result<void>> follow(std::string source, std::string case_id);
  void changed(bool told = true);
  void note_batch(const std::string& source, const Accepted& done, Duration took);
  void note_failure(const std::string& source);
  void note_warnings(const std::string& source, const std::vector<std::string>& warnings);
  void note_started();
  void note_configured();
  void note_request(std::string_view route, int status, Duration took);
  Task<> measure_cases(bool count_open);
  Task<> measure_waits(bool anew);
  Task<> measure_outbox();
  void note_delivery(const OutboxRow& row, const Delivery& delivery, Duration took);
  std::string base_dir() const { return rules_->config->directory; }
  AckKey key() const { return keys_.empty() ? AckKey{} : keys_.front(); }

  Executor executor_;
  Executor workers_;
  AppOptions options_;
  std::shared_ptr<const Rules> rules_;
  std::unique_ptr<Store> store_;
  Outside outside_;
  std::unique_ptr<GuardedClock> clock_;
  Metrics metrics_;
  std::optional<Duration> rota_measured_{};  ///< steady time of the last look
  std::optional<Duration>
      suspect_until_{};  ///< steady time until which the clock counts as suspect
  std::vector<AckKey> keys_;
  AuditReport findings_;
  AuditMemo audited_;
  std::optional<Instant> last_tick_{};
  std::optional<Instant> keys_looked_at_{};
  std::shared_ptr<Tombstones> stones_;  ///< changed on the store's writer alone
  std::unique_ptr<Pipeline> pipeline_;
  std::unique_ptr<Outbox> outbox_;
  std::unique_ptr<Tick> tick_;
  std::unique_ptr<SecondOpinion> opinion_;
  std::unique_ptr<WebServer> web_;
  std::map<std::string, std::unique_ptr<Source>> made_;
  std::map<std::string, std::unique_ptr<Source>>
      made_next_;  ///< of a reload, until the old ones have stopped
  TaskGroup::OnFailure on_failure_;
  std::unique_ptr<TaskGroup> polling_;
  std::unique_ptr<TaskGroup> serving_;
  std::map<std::string, SourceHealth> health_;
  std::string followed_{};  ///< id of the case whose conversation was read last
  std::map<std::string, std::uint64_t>
      warned_;  ///< by source: hash of the warnings said last, so that a feed says them once
  std::set<Signal*> waiters_;
  std::uint64_t commits_ = 0;
  Receivers receivers_;
  std::optional<std::int64_t> ledger_seen_{};  ///< the last entry that was counted
  Waits waits_;
  /// What was measured last, and the store's commits then: nothing is read twice.
  struct Looked {
    std::optional<std::uint64_t> outbox{}, cases{}, waits{};
    std::vector<StoreReader::OutboxDepth> depths{};
    std::size_t storms = 0;
    Duration waits_at{};  ///< steady
  } looked_{};
  bool ready_ = false;
  Duration started_at_{};  ///< steady
  DiskRoom room_{};
  struct Backups {
    std::string directory{};
    Duration since{};  ///< steady time from which they are wanted
    BackupPace pace{};
    std::string why{};  ///< the last one failed
  };
  std::optional<Backups> backups_{};
  std::stop_source stop_backup_{};
  bool reloading_ = false;
};

/// The rate limits of the receivers that have one.
Rates rates_of(const Config& config);

}  // namespace earshot

#pragma once

/// The daemon after its database has failed twice within ten minutes (P19). Nothing is written any
/// more: no source is read, nobody is paged, nothing can be changed. What was kept can be looked
/// at, and the receivers of the root route are told from memory, again every hour.

#include <memory>
#include <string>
#include <vector>

#include "earshot/app/rules.hpp"
#include "earshot/receivers/outbox.hpp"
#include "earshot/runtime/metrics.hpp"
#include "earshot/web/backend.hpp"
#include "earshot/web/server.hpp"
#include "outside.hpp"

namespace earshot {

class SafeMode final : public Backend {
 public:
  /// `why`: what the store said when it failed.
  SafeMode(Executor executor, std::shared_ptr<const Rules> rules, const std::string& database,
           Outside outside, std::string why);
  ~SafeMode() override;

  /// Makes the receivers and serves. An Error is a matter of configuration.
  Task<Result<void>> start();
  Task<> drain();
  const std::string& detail() const { return detail_; }

  // Backend
  std::shared_ptr<const Config> config() override { return rules_->config; }
  Store& store() override { return *store_; }
  Task<Result<IntakeAnswer>> push(std::string source, std::vector<Post> posts,
                                  std::vector<RejectedPost> rejected) override;
  Task<ActAnswer> act(std::string case_id, Command command,
                      std::optional<std::int64_t> version) override;
  Task<Result<IntakeAnswer>> replay_quarantined(std::int64_t id, std::string who) override;
  Task<Result<IntakeAnswer>> drop_quarantined(std::int64_t id, std::string who) override;
  Task<DigestReply> tell_digest(DigestAsk ask) override;
  std::vector<SourceHealth> sources() override;
  Task<Result<std::string>> reload() override;
  AuditReport findings() override;
  std::string metrics() override { return metrics_.serialise(); }
  bool ready() override { return false; }
  std::string safe_mode() override { return text_; }
  Task<Result<void>> test_receiver(std::string name, std::string urgency) override;
  Task<> wait_for_ledger(std::int64_t seen, Duration limit) override;

 private:
  Task<> look_around(bool& guarded);
  Task<> tell_every_hour();

  Executor executor_;
  std::shared_ptr<const Rules> rules_;
  std::unique_ptr<Store> store_;
  Outside outside_;
  std::string text_;    ///< what everybody is told, without a token too
  std::string detail_;  ///< what operators are told: where, and what the disk said
  Instant since_{};
  Metrics metrics_;
  std::vector<AckKey> keys_;
  Receivers receivers_;
  std::unique_ptr<WebServer> web_;
  std::unique_ptr<TaskGroup> serving_;
};

}  // namespace earshot

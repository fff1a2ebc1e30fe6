// Backups that the daemon makes by itself (P20), on a thread of their own.
#include "earshot/store/backups.hpp"

#include <fmt/format.h>

#include "daemon.hpp"
#include "earshot/runtime/log.hpp"

namespace earshot {
namespace {

constexpr Duration kLook = seconds{5};

}  // namespace

Task<> Daemon::mind_backups() {
  for (;;) {
    co_await clock_->sleep_for(kLook);
    if (stop_backup_.stop_requested()) co_return;
    const std::optional<BackupConfig> wanted = rules_->config->store.backup;
    if (!wanted) {
      backups_.reset();
      continue;
    }
    if (!backups_ || backups_->directory != wanted->directory) {
      std::optional<Instant> newest;
      const Instant now = clock_->now();
      const auto look = [&] { newest = newest_backup(wanted->directory, now); };
      co_await run_on(*outside_.copies, look);
      backups_ = Backups{wanted->directory, clock_->steady(), {}, {}};
      if (newest) {
        backups_->pace.last = clock_->steady() - (now - *newest);
        metrics_.set("earshot_backup_last_success_timestamp_seconds",
                     static_cast<double>(to_unix(*newest)));
      }
    }
    if (clock_->steady() >= next_backup(backups_->pace, wanted->every)) co_await back_up(*wanted);
  }
}

Task<> Daemon::back_up(BackupConfig wanted) {
  const Instant now = clock_->now();
  const Duration began = clock_->steady();
  const std::string database = options_.store.empty() ? rules_->config->store.path : options_.store;
  Result<BackupMade> made = transient("");
  const auto copy = [&] {
    made = make_backup(database, wanted.directory, {wanted.keep, wanted.keep_days}, now,
                       stop_backup_.get_token());
  };
  co_await run_on(*outside_.copies, copy);
  if (stop_backup_.stop_requested()) co_return;
  const Duration took = clock_->steady() - began;
  metrics_.count("earshot_backups_total", {made ? "ok" : "failed"});
  if (!made) {
    if (backups_->why != made.error().message)
      log(LogLevel::error, "no backup", {{"why", made.error().message}});
    backups_->why = made.error().message;
    backups_->pace.failed = clock_->steady();
    co_return;
  }
  if (!backups_->why.empty()) log(LogLevel::info, "backups are made again");
  backups_->why.clear();
  backups_->pace = {began, took, {}};
  metrics_.set("earshot_backup_last_success_timestamp_seconds", static_cast<double>(to_unix(now)));
  metrics_.set("earshot_backup_seconds", static_cast<double>(took.count()) / 1000.0);
  log(LogLevel::debug, "a backup was made",
      {{"file", made->file}, {"mib", std::to_string(made->bytes >> 20U)}, {"took", to_text(took)}});
}

std::optional<Pulse::BackupBeat> Daemon::backup_beat() const {
  if (!backups_ || !rules_->config->store.backup) return std::nullopt;
  return Pulse::BackupBeat{clock_->steady() - backups_->pace.last.value_or(backups_->since),
                           rules_->config->store.backup->every, backups_->why};
}

}  // namespace earshot

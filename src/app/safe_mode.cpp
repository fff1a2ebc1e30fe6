#include "safe_mode.hpp"

#include <fmt/format.h>

#include "digest.hpp"
#include "earshot/runtime/log.hpp"
#include "earshot/store/failures.hpp"
#include "earshot/store/sqlite.hpp"
#include "keys.hpp"
#include "last_words.hpp"

namespace earshot {
namespace {

constexpr const char* kRefused = "safe mode: nothing is changed";

double seconds_of(Instant at) {
  return static_cast<double>(to_unix_ms(at)) / 1000.0;
}

}  // namespace

SafeMode::SafeMode(Executor executor, std::shared_ptr<const Rules> rules,
                   const std::string& database, Outside outside, std::string why)
    : executor_(std::move(executor)),
      rules_(std::move(rules)),
      store_(open_to_look(database)),
      outside_(std::move(outside)),
      text_(fmt::format(
          "Earshot is in safe mode: its database failed twice within {}. No source is read, nobody "
          "is paged and nothing can be changed; what was kept can be looked at.",
          to_text(kFailuresApart))),
      detail_(fmt::format("{} It said: {}. Look after the disk of {}, then restart Earshot.", text_,
                          why, database)),
      since_(outside_.clock->now()) {
  metrics_.set("earshot_safe_mode", 1);
  metrics_.set("earshot_start_timestamp_seconds", seconds_of(since_));
}

SafeMode::~SafeMode() = default;

/// What serving wants of the database, where it can be had.
Task<> SafeMode::look_around(bool& guarded) {
  auto look = [&](StoreReader& reader) {
    keys_ = held_keys(reader);
    guarded = false;
    for (const TokenRecord& it : reader.tokens()) guarded = guarded || !it.revoked_at;
  };
  try {
    co_await store_->read(look);
  } catch (const std::exception& e) {
    // Whoever asks for anything behind a token is refused, because no token can be read.
    guarded = true;
    log(LogLevel::error, "the database cannot be read", {{"why", e.what()}});
  }
}

Task<Result<void>> SafeMode::start() {
  Result<Receivers> receivers = receivers_of(
      *rules_->config,
      ReceiverTools{*outside_.clock, *outside_.http, *outside_.mail, rules_->config->directory});
  if (!receivers) co_return receivers.error();
  receivers_ = std::move(*receivers);
  bool guarded = true;
  co_await look_around(guarded);
  const WebConfig& web = rules_->config->web;
  if (!web.listen.empty()) {
    const auto keys = [this] { return keys_; };
    web_ = std::make_unique<WebServer>(executor_, *this, *outside_.clock,
                                       WebOptions{web.listen, keys, {}, {}});
    if (Result<void> open = web_->open(guarded && !web.open_on_loopback); !open) co_return open;
  }
  serving_ = std::make_unique<TaskGroup>(executor_);
  if (web_) serving_->spawn("web", [this] { return web_->run(); });
  serving_->spawn("safe mode", [this] { return tell_every_hour(); });
  co_return Result<void>{};
}

Task<> SafeMode::tell_every_hour() {
  for (;;) {
    const Instant now = outside_.clock->now();
    LastWords words{"Earshot is in safe mode", detail_,
                    "safe-mode/" + to_rfc3339(now).substr(0, 13)};
    const AckKey key = keys_.empty() ? AckKey{} : keys_.front();
    const Chance chance{now, outside_.dice->bits()};
    co_await tell_from_memory(executor_, receivers_, *rules_, key, chance, std::move(words));
    co_await outside_.clock->sleep_for(hours{1});
  }
}

Task<> SafeMode::drain() {
  if (!serving_) co_return;
  serving_->cancel();
  co_await serving_->join();
}

Task<Result<IntakeAnswer>> SafeMode::push(std::string, std::vector<Post>,
                                          std::vector<RejectedPost>) {
  co_return transient(kRefused);
}

Task<ActAnswer> SafeMode::act(std::string, Command, std::optional<std::int64_t>) {
  ActAnswer answer;
  answer.kind = ActAnswer::Kind::refused;
  co_return answer;
}

Task<Result<IntakeAnswer>> SafeMode::replay_quarantined(std::int64_t, std::string) {
  co_return transient(kRefused);
}

Task<Result<IntakeAnswer>> SafeMode::drop_quarantined(std::int64_t, std::string) {
  co_return transient(kRefused);
}

Task<DigestReply> SafeMode::tell_digest(DigestAsk ask) {
  const Instant now = outside_.clock->now();
  DigestReply reply;
  auto look = [&](StoreReader& reader) { reply = answer_digest(reader, *rules_, ask, now); };
  co_await store_->read(look);
  co_return reply;
}

std::vector<SourceHealth> SafeMode::sources() {
  std::vector<SourceHealth> out;
  for (const SourceConfig& it : rules_->config->sources) {
    SourceHealth& health = out.emplace_back();
    health.name = it.name;
    health.type = it.type;
    health.state = "paused";
    health.text = "Not read: safe mode.";
  }
  return out;
}

Task<Result<std::string>> SafeMode::reload() {
  co_return transient(kRefused);
}

AuditReport SafeMode::findings() {
  return {since_, {{"safe_mode", "database", detail_, true}}};
}

Task<Result<void>> SafeMode::test_receiver(std::string, std::string) {
  co_return transient(kRefused);
}

Task<> SafeMode::wait_for_ledger(std::int64_t, Duration limit) {
  co_await outside_.clock->sleep_for(limit);
}

}  // namespace earshot

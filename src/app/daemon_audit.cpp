// The daemon looks after itself: the audit each minute, what it says about what it found, and the
// keys of signed links.
#include <fmt/format.h>

#include <algorithm>

#include "audit.hpp"
#include "daemon.hpp"
#include "earshot/runtime/log.hpp"
#include "effects.hpp"
#include "keys.hpp"

namespace earshot {

Task<> Daemon::renew_keys() {
  const Instant now = clock_->now();
  const std::string fresh = outside_.dice->secret(32);
  const Config& config = *rules_->config;
  std::vector<AckKey> keys;
  auto keep = [&](StoreWriter& writer) {
    keys = keep_keys(writer, fresh, now, config.acknowledge.rotate_keys, config.web.ack_link_life);
  };
  co_await store_->write(keep);
  keys_ = std::move(keys);
  keys_looked_at_ = now;
}

/// One round of the auditor. What is grave is told to the operators, once an hour and subject; the
/// heartbeat waits until it is gone.
Task<> Daemon::look_after() {
  const Instant now = clock_->now();
  if (keys_looked_at_ && now - *keys_looked_at_ > hours{1}) co_await renew_keys();
  const std::shared_ptr<const Rules> rules = rules_;
  Pulse pulse;
  pulse.last_tick = last_tick_;
  for (const SourceConfig& it : rules->config->sources) {
    const auto health = health_.find(it.name);
    if (health != health_.end() && made_.contains(it.name))
      pulse.sources.push_back(
          {it.name, health->second.next_poll, std::max(it.every, it.min_every)});
  }
  std::vector<Finding> found;
  auto look = [&](StoreReader& reader) { audit_house(reader, *rules, pulse, now, found); };
  co_await store_->read(look);
  std::string after;
  auto page = [&](StoreReader& reader) { after = audit_page(reader, *rules, after, now, found); };
  do {
    co_await store_->read(page);
  } while (!after.empty());
  metrics_.set("earshot_audit_findings", static_cast<double>(found.size()));
  AuditReport report{now, {}};
  for (const Finding& it : found) {
    report.items.push_back({std::string{to_word(it.kind)}, it.subject, it.text, is_grave(it.kind)});
    const bool known = std::ranges::any_of(findings_.items, [&](const AuditReport::Item& before) {
      return before.kind == report.items.back().kind && before.subject == it.subject;
    });
    if (!known)
      log(LogLevel::error, "audit", {{"finding", report.items.back().kind}, {"what", it.text}});
  }
  findings_ = std::move(report);
  if (found.empty()) co_return;
  const AckKey signing = key();
  const std::uint64_t seed = outside_.dice->bits();
  auto tell = [&](StoreWriter& writer) {
    Effects effects{writer, *rules, signing, Chance{now, seed}};
    tell_findings(effects, found, now);
  };
  co_await store_->write(tell);
  outbox_->poke();
}

}  // namespace earshot

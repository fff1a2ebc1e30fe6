// The daemon looks after itself: the audit each minute, what it says about what it found, and the
// keys of signed links.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "audit.hpp"
#include "daemon.hpp"
#include "earshot/core/rare.hpp"
#include "earshot/runtime/log.hpp"
#include "effects.hpp"
#include "keys.hpp"

namespace earshot {
namespace {

constexpr std::size_t kMostLogged = 20;  // new findings of one round

}  // namespace

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

/// Keeps what was found, and logs what is new: the first of it one by one.
void Daemon::note_findings(const std::vector<Finding>& found, Instant now) {
  std::set<std::pair<std::string_view, std::string_view>> known;
  for (const AuditReport::Item& it : findings_.items) known.emplace(it.kind, it.subject);
  AuditReport report{now, {}};
  std::size_t fresh = 0;
  for (const Finding& it : found) {
    report.items.push_back({std::string{to_word(it.kind)}, it.subject, it.text, is_grave(it.kind)});
    const bool is_new = !known.contains({to_word(it.kind), it.subject});
    if (is_new && ++fresh <= kMostLogged)
      log(LogLevel::error, "audit", {{"finding", report.items.back().kind}, {"what", it.text}});
  }
  if (fresh > kMostLogged)
    log(LogLevel::error, "audit",
        {{"finding", "more"},
         {"what", fmt::format("{} more findings; see /api/v1/findings", fresh - kMostLogged)}});
  findings_ = std::move(report);
}

/// One round of the auditor. What is grave is told to the operators, once an hour and subject; the
/// heartbeat waits until it is gone.
Task<> Daemon::look_after() {
  const Instant now = clock_->now();
  const Duration look_again = rare("keys.early") ? Duration{0} : hours{1};
  if (keys_looked_at_ && now - *keys_looked_at_ > look_again) co_await renew_keys();
  const std::shared_ptr<const Rules> rules = rules_;
  Pulse pulse;
  pulse.last_tick = last_tick_;
  pulse.room = room_;
  pulse.backup = backup_beat();
  pulse.reader = outside_.reader == nullptr || reader_well();
  for (const SourceConfig& it : rules->config->sources) {
    if (room_.tight) break;  // held back, and that is said
    const auto health = health_.find(it.name);
    if (health != health_.end() && made_.contains(it.name))
      pulse.sources.push_back(
          {it.name, health->second.next_poll, std::max(it.every, it.min_every)});
  }
  std::vector<Finding> found;
  auto look = [&](StoreReader& reader) { audit_house(reader, *rules, pulse, now, found); };
  co_await store_->read(look);
  std::string after;
  auto page = [&](StoreReader& reader) {
    after = audit_page(reader, *rules, after, now, found, audited_);
  };
  do {
    co_await store_->read(page);
  } while (!after.empty());
  metrics_.set("earshot_audit_findings", static_cast<double>(found.size()));
  note_findings(found, now);
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

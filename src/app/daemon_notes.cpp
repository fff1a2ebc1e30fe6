// What the daemon counts, and how it reloads.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "daemon.hpp"
#include "earshot/config/load.hpp"
#include "earshot/core/ids.hpp"
#include "earshot/core/planted.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/runtime/log.hpp"
#include "earshot/runtime/secrets.hpp"
#include "earshot/runtime/systemd.hpp"
#include "storms.hpp"
#include "tokens.hpp"

namespace earshot {
namespace {

constexpr std::size_t kEntriesAtOnce = 1'000;

double seconds_of(Duration span) {
  return static_cast<double>(span.count()) / 1000.0;
}
double seconds_of(Instant at) {
  return static_cast<double>(to_unix_ms(at)) / 1000.0;
}

}  // namespace

Rates rates_of(const Config& config) {
  Rates out;
  for (const ReceiverConfig& it : config.receivers) {
    if (it.rate.per_minute > 0) out[it.name] = it.rate;
  }
  return out;
}

std::vector<OutboxDelay> Daemon::outbox_delays() {
  std::vector<OutboxDelay> out;
  for (const Outbox::Delay& it : outbox_->delays()) {
    const ReceiverConfig* receiver = rules_->receiver(it.receiver);
    out.push_back(
        {it.receiver, it.lane, it.until, receiver == nullptr ? 0 : receiver->rate.per_minute});
  }
  return out;
}

void Daemon::note_batch(const std::string& source, const Accepted& done, Duration took) {
  metrics_.count("earshot_source_polls_total",
                 {source, done.stored + done.edited > 0 ? "ok" : "unchanged"});
  if (done.stored > 0)
    metrics_.count("earshot_source_items_total", {source, "new"}, static_cast<double>(done.stored));
  if (done.known > 0)
    metrics_.count("earshot_source_items_total", {source, "duplicate"},
                   static_cast<double>(done.known));
  if (done.quarantined > 0)
    metrics_.count("earshot_source_items_total", {source, "malformed"},
                   static_cast<double>(done.quarantined));
  if (done.quarantined > 0)
    metrics_.count("earshot_quarantined_total", {source}, static_cast<double>(done.quarantined));
  if (done.forgotten > 0)
    metrics_.count("earshot_forgotten_total", {source}, static_cast<double>(done.forgotten));
  if (done.gap) metrics_.count("earshot_source_gaps_total", {source});
  for (std::size_t i = 0; i < done.judged.size(); ++i) {
    const std::string_view urgency = kWordsOf<Urgency>[i];
    if (done.judged[i] > 0)
      metrics_.count("earshot_posts_total", {urgency}, static_cast<double>(done.judged[i]));
    if (done.cases[i] > 0)
      metrics_.count("earshot_cases_total", {urgency}, static_cast<double>(done.cases[i]));
  }
  metrics_.set("earshot_source_last_success_timestamp_seconds", seconds_of(clock_->now()),
               {source});
  metrics_.set("earshot_source_failures", 0, {source});
  metrics_.observe("earshot_commit_seconds", seconds_of(took));
}

void Daemon::note_failure(const std::string& source) {
  metrics_.count("earshot_source_polls_total", {source, "transient"});
  metrics_.set("earshot_source_failures", health_[source].failures, {source});
  metrics_.set("earshot_source_blind", health_[source].state == "deaf" ? 1 : 0, {source});
}

/// What a document had wrong although it could be read: once, until it changes.
void Daemon::note_warnings(const std::string& source, const std::vector<std::string>& warnings) {
  if (warnings.empty()) return;
  std::uint64_t all = 0;
  for (const std::string& it : warnings) all = hash64(it, all + 1);
  if (std::exchange(warned_[source], all) == all) return;
  constexpr std::size_t kSaid = 3;
  for (std::size_t i = 0; i < std::min(kSaid, warnings.size()); ++i) {
    log(LogLevel::warn, "read with a warning", {{"source", source}, {"warning", warnings[i]}});
  }
  if (warnings.size() > kSaid) {
    log(LogLevel::warn, "read with more warnings",
        {{"source", source}, {"more", std::to_string(warnings.size() - kSaid)}});
  }
}

void Daemon::note_configured() {
  for (const Mode mode : {Mode::live, Mode::shadow})
    metrics_.set("earshot_mode", rules_->config->mode == mode ? 1 : 0, {to_word(mode)});
}

void Daemon::note_started() {
  metrics_.set("earshot_build_info", 1, {EARSHOT_VERSION});
  metrics_.set("earshot_safe_mode", 0);
  metrics_.set("earshot_start_timestamp_seconds", seconds_of(clock_->now()));
  note_configured();
}

/// A request was answered, or refused before it was read.
void Daemon::note_request(std::string_view route, int status, Duration took) {
  metrics_.count("earshot_web_requests_total", {route, std::to_string(status)});
  metrics_.observe("earshot_web_request_seconds", seconds_of(took), {route});
  if (status == 401) metrics_.count("earshot_web_denied_total", {"unauthenticated"});
  if (status == 403) metrics_.count("earshot_web_denied_total", {"forbidden"});
  if (status == 429) metrics_.count("earshot_web_denied_total", {"too_many"});
}

/// What the ledger has had since the last look, and, seldom, how many cases are open.
Task<> Daemon::measure_cases(bool count_open) {
  const std::uint64_t commits = store_->commits();
  if (!count_open && looked_.cases == commits) co_return;
  std::map<std::string, double> events;
  std::map<std::string, std::uint64_t> open;
  auto look = [&](StoreReader& reader) {
    if (!ledger_seen_) ledger_seen_ = reader.ledger_head().first;
    LedgerQuery query;
    query.limit = kEntriesAtOnce;
    // What a flood leaves is counted at the next looks: requests wait for the same reader.
    std::size_t got = query.limit;
    for (int rounds = 0; got == query.limit && rounds < 5; ++rounds) {
      query.after = *ledger_seen_;
      const auto entries = reader.ledger(query);
      got = entries.size();
      for (const LedgerEntry& it : entries) {
        ledger_seen_ = it.n;
        if (!it.case_id.empty()) ++events[it.kind];
      }
    }
    if (got < query.limit) looked_.cases = commits;
    if (count_open) open = reader.case_counts(clock_->now());
  };
  co_await store_->read(look);
  for (const auto& [kind, count] : events)
    metrics_.count("earshot_case_events_total", {kind}, count);
  if (!count_open) co_return;
  for (const CaseState state :
       {CaseState::open, CaseState::acknowledged, CaseState::answered, CaseState::verifying})
    metrics_.set("earshot_cases_open", static_cast<double>(open[std::string{to_word(state)}]),
                 {to_word(state)});
}

/// After a start the ledger of four weeks is read a piece at each look; then once a minute, or once
/// an hour where nothing was committed.
Task<> Daemon::measure_waits(bool anew) {
  const std::uint64_t commits = store_->commits();
  const Duration steady = clock_->steady();
  const bool same = looked_.waits == commits && steady - looked_.waits_at < hours{1};
  if (waits_.caught_up() && (!anew || same)) co_return;
  const Instant now = clock_->now();
  std::vector<Measured> list;
  auto look = [&](StoreReader& reader) {
    if (waits_.read_on(reader, now)) looked_.waits = commits;
    if (waits_.caught_up()) list = waits_.measure(now);
  };
  co_await store_->read(look);
  if (!waits_.caught_up()) co_return;
  waits_.show(list, metrics_);
  looked_.waits_at = steady;
}

Task<> Daemon::measure_outbox() {
  const std::uint64_t commits = store_->commits();
  auto look = [&](StoreReader& reader) {
    looked_.depths = reader.outbox_depths();
    RecordQuery open;
    open.kind = kStorm;
    open.states = {"open"};
    looked_.storms = reader.records(open).size();
  };
  if (looked_.outbox != commits) co_await store_->read(look);
  looked_.outbox = commits;
  metrics_.set("earshot_storms_open", static_cast<double>(looked_.storms));
  const Instant now = clock_->now();
  std::map<std::string, std::pair<double, double>> waiting;
  for (const ReceiverConfig& it : rules_->config->receivers) waiting[it.name] = {0, 0};
  for (const auto& it : looked_.depths) {
    auto& [depth, oldest] = waiting[it.receiver];
    depth += static_cast<double>(it.depth);
    if (it.oldest) oldest = std::max(oldest, seconds_of(now - *it.oldest));
  }
  for (const auto& [receiver, it] : waiting) {
    metrics_.set("earshot_outbox_depth", it.first, {receiver});
    metrics_.set("earshot_outbox_oldest_seconds", it.second, {receiver});
  }
  std::map<std::string, double> delayed;
  for (const auto& [name, rate] : rates_of(*rules_->config)) delayed[name] = 0;
  for (const Outbox::Delay& it : outbox_->delays())
    delayed[it.receiver] = std::max(delayed[it.receiver], seconds_of(it.until - now));
  for (const auto& [receiver, span] : delayed)
    metrics_.set("earshot_outbox_delayed_seconds", std::max(0.0, span), {receiver});
}

void Daemon::note_delivery(const OutboxRow& row, const Delivery& delivery, Duration took) {
  metrics_.count("earshot_outbox_attempts_total", {row.receiver, to_word(delivery.outcome)});
  metrics_.set("earshot_receiver_broken", outbox_->broken(row.receiver) ? 1 : 0, {row.receiver});
  metrics_.observe("earshot_outbox_attempt_seconds", seconds_of(took), {row.receiver});
  if (row.state == OutboxState::ok && row.lane == Lane::page) {
    if (!row.person.empty()) metrics_.count("earshot_person_pages_total", {row.person});
    metrics_.observe("earshot_post_to_page_seconds", seconds_of(clock_->now() - row.created_at),
                     {"page"});
  }
}

std::string Daemon::metrics() {
  if (outside_.curl) {
    metrics_.set("earshot_transfers", static_cast<double>(outside_.curl->in_flight()));
    metrics_.set("earshot_connections", static_cast<double>(outside_.curl->sockets()));
  }
  if (outside_.reader != nullptr) metrics_.set("earshot_reader_up", reader_well() ? 1 : 0);
  return metrics_.serialise();
}

/// One at a time: a signal and a request may come together.
Task<Result<std::string>> Daemon::reload() {
  while (reloading_) co_await clock_->sleep_for(milliseconds{10});
  struct Busy {
    bool& flag;
    ~Busy() { flag = false; }
  };
  reloading_ = true;
  const Busy busy{reloading_};
  auto done = co_await reload_alone();
  co_return done;
}

/// The whole new graph is built before anything in force is touched: a bad file changes nothing
/// (P12).
Task<Result<std::string>> Daemon::reload_alone() {
  notify_reloading();
  const std::string said = fmt::format("Earshot reads {} sources.", rules_->config->sources.size());
  const auto refuse = [&](std::string why) {
    metrics_.count("earshot_config_reloads_total", {"refused"});
    metrics_.set("earshot_config_last_reload_success", 0);
    notify_ready(said);
    log(LogLevel::error, "configuration refused", {{"why", why}});
    return permanent(std::move(why));
  };
  Loaded loaded = load_config(options_.config, load_options());
  if (planted<23>) polling_->cancel();
  if (!loaded.config) co_return refuse(render(loaded.diagnostics));
  if (loaded.config->web.listen != rules_->config->web.listen ||
      loaded.config->store.path != rules_->config->store.path) {
    log(LogLevel::warn, "web.listen and store.path change at the next start only");
  }
  auto rules = make_rules(std::move(*loaded.config));
  if (!rules) co_return refuse(rules.error().message);
  Result<std::vector<TokenRecord>> named = configured_tokens(*(*rules)->config);
  if (!named) co_return refuse(named.error().message);
  const Result<void> built = build(**rules);
  if (!built) co_return refuse(built.error().message);

  polling_->cancel();
  co_await polling_->join();
  rules_ = std::move(*rules);
  if (web_) co_await keep_tokens(std::move(*named));
  outbox_->use(receivers_, rates_of(*rules_->config));
  if (!planted<18>) start_sources();
  metrics_.count("earshot_config_reloads_total", {"ok"});
  metrics_.set("earshot_config_last_reload_success", 1);
  note_configured();
  metrics_.set("earshot_config_last_reload_timestamp_seconds", seconds_of(clock_->now()));
  const std::string text = fmt::format("Earshot reads {} sources.", rules_->config->sources.size());
  notify_ready(text);
  log(LogLevel::info, "configuration loaded",
      {{"sources", std::to_string(rules_->config->sources.size())}});
  co_return text;
}

/// The audit each minute, and the heartbeat at its own pace while the audit passes.
Task<> Daemon::heartbeat_forever() {
  std::optional<Instant> beaten;
  for (;;) {
    const Instant now = clock_->now();
    co_await look_after();
    const bool passed =
        std::ranges::none_of(findings_.items, [](const auto& it) { return it.grave; });
    if (passed) metrics_.set("earshot_audit_last_pass_timestamp_seconds", seconds_of(now));
    const auto heartbeat = rules_->config->heartbeat;  // a copy: a reload may come between
    // Not inside the co_await: g++ 12 reads both sides of a condition there.
    Duration every = minutes{1};
    if (heartbeat) every = heartbeat->every;
    if (heartbeat && passed && (!beaten || now - *beaten >= every || now < *beaten)) {
      beaten = now;
      if (auto url = read_secret(heartbeat->url_file, rules_->config->directory)) {
        HttpRequest request;
        request.url = url->reveal();
        request.network = rules_->config->network;
        request.timeout = seconds{15};
        const auto answer = co_await outside_.http->send(std::move(request));
        metrics_.count("earshot_heartbeats_total",
                       {answer && answer->status < 300 ? "ok" : "failed"});
      }
    }
    const Duration pause = std::min<Duration>(every, minutes{1});
    co_await clock_->sleep_for(pause);
  }
}

}  // namespace earshot

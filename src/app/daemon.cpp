#include "daemon.hpp"

#include <fmt/format.h>

#include "aside.hpp"
#include "earshot/core/ids.hpp"
#include "earshot/core/planted.hpp"
#include "earshot/core/rare.hpp"
#include "earshot/runtime/log.hpp"
#include "earshot/sources/registry.hpp"
#include "effects.hpp"
#include "held_source.hpp"
#include "last_words.hpp"
#include "tokens.hpp"

namespace earshot {
namespace {

constexpr Duration kTick = seconds{1};
constexpr int kOpenCounted = 60;  // ticks between two counts of the open cases
constexpr int kMeasured = 10;     // ticks between two looks at the outbox for the metrics

bool says_not_worth(const Command& command) {
  const auto has = [&](std::string_view name, std::string_view word) {
    const auto found = command.args.find(name);
    return found != command.args.end() && found->second == word;
  };
  return command.action == Action::teach &&
         (has("urgent", "no") || has("label", "not_worth_waking"));
}

}  // namespace

Daemon::Daemon(Executor executor, Executor workers, AppOptions options,
               std::shared_ptr<const Rules> rules, std::unique_ptr<Store> store, Outside outside,
               TaskGroup::OnFailure on_failure)
    : executor_(std::move(executor)),
      workers_(std::move(workers)),
      options_(std::move(options)),
      rules_(std::move(rules)),
      store_(std::move(store)),
      outside_(std::move(outside)),
      clock_(std::make_unique<GuardedClock>(*outside_.clock)),
      on_failure_(std::move(on_failure)) {
  const auto current = [this] { return rules_; };
  const auto ack_key = [this] { return key(); };
  pipeline_ =
      std::make_unique<Pipeline>(*store_, *clock_, *outside_.dice, workers_, current, ack_key);
  stones_ = std::make_shared<Tombstones>();
  pipeline_->use(stones_);
  tick_ = std::make_unique<Tick>(*store_, *clock_, *outside_.dice, current, ack_key);
  Outbox::Hooks hooks;
  hooks.trouble = [this]() -> Outbox::Hooks::Trouble {
    return [rules = rules_, signing = key(), chance = Chance{clock_->now(), outside_.dice->bits()}](
               StoreWriter& writer, const OutboxRow& row, const std::string& why) mutable {
      Effects effects{writer, *rules, signing, chance};
      effects.trouble(row, why);
      ++chance.seed;
    };
  };
  hooks.taken = page_is_needless;
  hooks.ended = [this](const OutboxRow& row, const Delivery& delivery, Duration took) {
    note_delivery(row, delivery, took);
  };
  hooks.failed = on_failure_;
  make_opinion();
  outbox_ = std::make_unique<Outbox>(executor_, *store_, *clock_, *outside_.dice, std::move(hooks));
}

Daemon::~Daemon() = default;

Task<> Daemon::load_keys() {
  auto recover = [&](StoreWriter& writer) {
    if (!planted<26>) writer.recover_outbox(clock_->now());
  };
  co_await store_->write(recover);
  co_await renew_keys();
}

/// Makes every receiver and source of the rules; nothing in force is touched before all of them
/// exist (P12).
Result<void> Daemon::build(const Rules& rules) {
  const ReceiverTools receiver_tools{*clock_, *outside_.http, *outside_.mail,
                                     rules.config->directory};
  Result<Receivers> receivers = receivers_of(*rules.config, receiver_tools);
  if (!receivers) return receivers.error();
  const SourceTools source_tools{*clock_,        *outside_.dice,          *outside_.http,
                                 *outside_.imap, rules.config->directory, &store_->poison(),
                                 workers_,       outside_.reader};
  std::map<std::string, std::unique_ptr<Source>> sources;
  for (const SourceConfig& it : rules.config->sources) {
    auto made = make_source(it, source_tools);
    if (!made) return made.error();
    if (!*made) continue;
    const auto room = [this] { return wait_for_room(); };
    sources.emplace(it.name, std::make_unique<HeldSource>(std::move(*made), room));
  }
  receivers_ = std::move(*receivers);
  made_next_ = std::move(sources);
  return {};
}

Task<> Daemon::keep_tokens(std::vector<TokenRecord> wanted) {
  const Instant now = clock_->now();
  std::vector<TokenRecord> changed;
  auto look = [&](StoreReader& reader) { changed = tokens_to_put(reader.tokens(), wanted, now); };
  co_await store_->read(look);
  if (changed.empty()) co_return;
  auto put = [&](StoreWriter& writer) {
    for (const TokenRecord& it : tokens_to_put(writer.tokens(), wanted, now)) writer.put_token(it);
  };
  co_await store_->write(put);
}

Task<Result<void>> Daemon::start() {
  if (Result<void> built = build(*rules_); !built) co_return built;
  co_await load_keys();
  if (Result<void> loaded = co_await load_tombstones(); !loaded) co_return loaded;
  const WebConfig& web = rules_->config->web;
  if (!web.listen.empty()) {
    Result<std::vector<TokenRecord>> named = configured_tokens(*rules_->config);
    if (!named) co_return named.error();
    co_await keep_tokens(std::move(*named));
    bool guarded = false;
    auto look = [&](StoreReader& reader) {
      for (const TokenRecord& it : reader.tokens()) guarded = guarded || !it.revoked_at;
    };
    co_await store_->read(look);
    const auto keys = [this] { return keys_; };
    const auto served = [this](std::string_view route, int status, Duration took) {
      note_request(route, status, took);
    };
    web_ = std::make_unique<WebServer>(executor_, *this, *clock_,
                                       WebOptions{web.listen, keys, served, on_failure_});
    if (Result<void> open = web_->open(guarded && !web.open_on_loopback); !open) co_return open;
  }
  serving_ = std::make_unique<TaskGroup>(executor_, on_failure_);
  if (outside_.ballast != nullptr) {
    look_at_disk();  // before the first poll and the first audit
    serving_->spawn("disk", [this] { return mind_disk(); });
  }
  if (outside_.copies) serving_->spawn("backups", [this] { return mind_backups(); });
  outbox_->use(receivers_, rates_of(*rules_->config));
  serving_->spawn("outbox", [this] { return outbox_->run(); });
  serving_->spawn("tick", [this] { return tick_forever(); });
  serving_->spawn("heartbeat", [this] { return heartbeat_forever(); });
  serving_->spawn("second opinion", [this] { return opinion_->run(); });
  serving_->spawn("warm up", [this] { return pipeline_->warm_up(); });
  if (outside_.reader != nullptr) serving_->spawn("reader", [this] { return begin_reader(); });
  if (web_) serving_->spawn("web", [this] { return web_->run(); });
  start_sources();
  note_started();
  ready_ = true;
  started_at_ = clock_->steady();
  co_return Result<void>{};
}

void Daemon::start_sources() {
  made_ = std::move(made_next_);
  made_next_.clear();
  polling_ = std::make_unique<TaskGroup>(executor_, on_failure_);
  std::map<std::string, SourceHealth> health;
  std::size_t n = 0;
  for (const SourceConfig& it : rules_->config->sources) {
    SourceHealth entry = health_[it.name];
    entry.name = it.name;
    entry.type = it.type;
    if (entry.state.empty()) entry.state = "quiet", entry.text = "Not read yet.";
    health.emplace(it.name, std::move(entry));
    const auto made = made_.find(it.name);
    if (made == made_.end()) continue;
    // A thousand sources do not begin in one instant.
    const PollPolicy policy{it.every, Duration{static_cast<std::int64_t>(n++ * 2 % 2000)}, 0.1};
    Source* source = made->second.get();
    polling_->spawn("poll " + it.name, [this, source, name = it.name, policy] {
      return poll_forever(*source, name, *this, *clock_, *outside_.dice, policy);
    });
  }
  polling_->spawn("conversations", [this] { return follow_conversations(); });
  health_ = std::move(health);
  if (room_.tight) hold_sources();
}

Task<> Daemon::tick_forever() {
  for (int ticks = 0;; ++ticks) {
    if (ticks % kMeasured == 0) {
      co_await measure_outbox();
      co_await measure_cases(ticks % kOpenCounted == 0);
      co_await measure_waits(ticks % kOpenCounted == 0);
      if (web_) metrics_.set("earshot_web_connections", static_cast<double>(web_->connections()));
    }
    co_await mind_clock_and_rota();
    const std::size_t fired = co_await tick_->run_once();
    last_tick_ = clock_->now();
    for (const Duration late : tick_->lateness())
      metrics_.observe("earshot_escalation_lateness_seconds",
                       static_cast<double>(late.count()) / 1000.0);
    for (const auto& [kind, count] : tick_->retained())
      metrics_.count("earshot_retention_total", {kind}, static_cast<double>(count));
    for (const std::string& clock : tick_->missed_clocks())
      metrics_.count("earshot_clocks_missed_total", {clock});
    if (fired > 0) {
      changed();
      if (fired >= 100) continue;  // more may be due
    }
    Duration pause = rare("tick.early") ? milliseconds{50} : kTick;
    const auto look = [&](StoreReader& reader) {
      pause = std::max<Duration>(kTick, reader.next_due().value_or(Instant{}) - clock_->now());
    };
    if (planted<15>) co_await store_->read(look);
    co_await clock_->sleep_for(pause);
  }
}

/// Something was committed that others wait for. `told`: some of it lies in the outbox.
void Daemon::changed(bool told) {
  if (told) outbox_->poke();
  ++commits_;
  for (Signal* waiter : waiters_) waiter->poke();
}

Task<> Daemon::drain(Duration limit) {
  ready_ = false;
  stop_backup_.request_stop();
  if (polling_) {
    polling_->cancel();
    co_await polling_->join();
  }
  outbox_->close();
  const Duration until = clock_->steady() + limit;
  while (outbox_->in_flight() > 0 && clock_->steady() < until)
    co_await clock_->sleep_for(milliseconds{20});
  if (serving_) {
    serving_->cancel();
    co_await serving_->join();
  }
}

Task<std::string> Daemon::state(std::string source) {
  std::string found;
  auto look = [&](StoreReader& reader) {
    if (const auto state = reader.source(source)) found = state->state;
  };
  co_await store_->read(look);
  co_return found;
}

/// co_await cannot stand in a catch: the failure comes out as a value.
Task<Result<Accepted>> Daemon::take(Batch batch) {
  try {
    Accepted done = co_await pipeline_->accept(std::move(batch));
    for (Unsure& it : done.unsure) opinion_->offer(std::move(it));
    co_return done;
  } catch (const QuarantineFull& full) {
    co_return permanent(full.what());
  }
}

Task<Result<void>> Daemon::accept(Batch batch) {
  const std::string source = batch.source;
  const Duration began = clock_->steady();
  const std::string gap = batch.gap;
  note_warnings(source, batch.warnings);
  const Result<Accepted> taken = co_await take(std::move(batch));
  if (!taken) co_return taken.error();
  const Accepted& done = *taken;
  note_batch(source, done, clock_->steady() - began);
  SourceHealth& health = health_[source];
  health.state = "well";
  health.text = "Read without trouble.";
  health.last_success = clock_->now();
  health.items += done.stored;
  health.failures = 0;
  health.quarantined += done.quarantined;
  if (done.gap) {
    ++health.gaps;
    health.last_gap = clock_->now();
    health.gap = gap;
    log(LogLevel::warn, "posts may be missing", {{"source", source}, {"why", gap}});
  }
  if (done.stored + done.edited + done.quarantined > 0 || done.gap || done.told) {
    changed(done.told);
    if (done.opened > 0 || done.quarantined > 0) {
      log(LogLevel::info, "batch stored",
          {{"source", source},
           {"stored", std::to_string(done.stored)},
           {"cases", std::to_string(done.opened)},
           {"pages", std::to_string(done.pages)},
           {"quarantined", std::to_string(done.quarantined)}});
    }
  }
  co_return Result<void>{};
}

void Daemon::next_poll(const std::string& source, Instant at) {
  health_[source].next_poll = at;
}

Task<> Daemon::failed(std::string source, Error error, int failures, bool refused) {
  SourceHealth& health = health_[source];
  health.failures = failures;
  health.state = refused || failures >= 5 ? "deaf" : "slow";
  health.text = error.message;
  note_failure(source);
  pipeline_->failed(source);
  const std::optional<Instant> heard = health.last_success;
  const Instant now = clock_->now();
  const std::shared_ptr<const Rules> rules = rules_;
  const AckKey signing = key();
  const std::uint64_t seed = outside_.dice->bits();
  bool told = false;
  auto remember = [&](StoreWriter& writer) {
    SourceState state = writer.source(source).value_or(SourceState{});
    state.name = source;
    state.last_try = now;
    state.failures = failures;
    state.error = error.message;
    state.last_success = std::max(state.last_success, heard);  // none is less than any
    const bool blind =
        refused ||
        (failures >= 5 && (!state.last_success || now - *state.last_success > minutes{10}));
    if (blind && state.blind_case.empty()) {
      Effects effects{writer, *rules, signing, Chance{now, seed}};
      state.blind_case = effects.open_blindness(source, error.message);
      told = true;
    }
    writer.put_source(state);
  };
  co_await store_->write(remember);
  if (told) changed();
}

Task<ActAnswer> Daemon::act(std::string case_id, Command command,
                            std::optional<std::int64_t> version) {
  const Instant now = clock_->now();
  const std::shared_ptr<const Rules> rules = rules_;
  const AckKey signing = key();
  const std::uint64_t seed = outside_.dice->bits();
  ActAnswer answer;
  auto work = [&](StoreWriter& writer) {
    answer = act_on(writer, *rules, signing, Chance{now, seed}, case_id, command, version);
  };
  co_await store_->write(work);
  if (answer.kind == ActAnswer::Kind::done) changed();
  if (answer.kind == ActAnswer::Kind::done && says_not_worth(command))
    metrics_.count("earshot_pages_not_worth_total");
  co_return answer;
}

std::vector<SourceHealth> Daemon::sources() {
  std::vector<SourceHealth> out;
  for (const auto& [name, health] : health_) out.push_back(health);
  return out;
}

Task<Result<void>> Daemon::test_receiver(std::string name, std::string urgency) {
  const Instant now = clock_->now();
  const std::shared_ptr<const Rules> rules = rules_;
  const AckKey signing = key();
  const std::uint64_t seed = outside_.dice->bits();
  bool found = false;
  auto queue = [&](StoreWriter& writer) {
    Effects effects{writer, *rules, signing, Chance{now, seed}};
    found = effects.send_test(name, urgency);
  };
  co_await store_->write(queue);
  if (!found) co_return permanent("no receiver has the name \"" + name + "\"");
  outbox_->poke();
  co_return Result<void>{};
}

Task<> Daemon::wait_for_ledger(std::int64_t seen, Duration limit) {
  const std::uint64_t at = commits_;
  std::int64_t head = 0;
  auto look = [&](StoreReader& reader) { head = reader.ledger_head().first; };
  co_await store_->read(look);
  if (head > seen || commits_ != at) co_return;
  Signal signal{executor_};
  waiters_.insert(&signal);
  const auto leave = [this](Signal* it) { waiters_.erase(it); };
  const std::unique_ptr<Signal, decltype(leave)> registered{&signal, leave};
  co_await signal.wait(*clock_, limit);
}

}  // namespace earshot

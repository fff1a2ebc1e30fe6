#include "earshot/app/app.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <sys/prctl.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "daemon.hpp"
#include "earshot/config/load.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/runtime/log.hpp"
#include "earshot/runtime/stall.hpp"
#include "earshot/runtime/systemd.hpp"
#include "earshot/sources/reader.hpp"
#include "earshot/store/backups.hpp"
#include "earshot/store/failures.hpp"
#include "earshot/store/sqlite.hpp"
#include "fence.hpp"
#include "safe_mode.hpp"

namespace earshot {
namespace {

namespace asio = boost::asio;

constexpr int kDrained = 0;
constexpr int kTryAgain = 75;
constexpr int kBadConfig = 78;
constexpr Duration kDrainLimit = seconds{18};  // systemd waits 25 s
constexpr Duration kLastWords = seconds{5};

/// Everything that lives as long as the event loop runs.
struct Program {
  AppOptions options;
  asio::io_context io{1};
  asio::thread_pool workers{1};
  asio::thread_pool small_documents{1};  // they speak to the reader's processes
  asio::thread_pool large_documents{1};
  asio::thread_pool copies{1};
  std::unique_ptr<Reader> reader;
  std::unique_ptr<Ballast> ballast;
  std::unique_ptr<Daemon> daemon;
  std::unique_ptr<SafeMode> safe;  ///< instead of the daemon
  std::string failures;            ///< the file of the store's failures
  StallWatch stall{milliseconds{20}};
  asio::signal_set signals{io, SIGTERM, SIGINT, SIGHUP};
  int code = kDrained;

  Task<> main();
  Task<> stay_safe();
  void note_failure(std::string_view why);
  Task<> obey_signals();
  Task<> end_at_once();
  Task<> pet_watchdog();
  void fail(const std::string& name, std::exception_ptr failure);
  void end_with_words(std::string why);
  bool ending = false;  ///< the store has failed, and the last words are said
};

void Program::fail(const std::string& name, std::exception_ptr failure) {
  std::string why = "unknown";
  try {
    std::rethrow_exception(failure);
  } catch (const StoreError& e) {
    // Nothing is half-written. A second try of the same write could lie; the next start checks the
    // file.
    if (ending) return;
    log(LogLevel::error, "the store failed", {{"task", name}, {"why", e.what()}});
    if (dynamic_cast<const StoreBroken*>(&e) != nullptr) note_failure(e.what());
    if (daemon) daemon->store().ends();  // no post is to blame for it
    if (daemon && daemon->has_last_words(e.full)) return end_with_words(e.what());
    std::_Exit(kTryAgain);
  } catch (const std::exception& e) {
    why = e.what();
  } catch (...) {
    why = "not an exception of ours";
  }
  log(LogLevel::error, "a task ended by a mistake of ours", {{"task", name}, {"why", why}});
  std::abort();
}

void Program::end_with_words(std::string why) {
  ending = true;
  const auto end = [](std::exception_ptr) { std::_Exit(kTryAgain); };
  asio::co_spawn(
      io, [this, why] { return daemon->last_words(why); }, end);
  const auto limit = [this]() -> Task<> {
    const std::unique_ptr<Clock> clock = make_clock(io.get_executor());
    co_await clock->sleep_for(kLastWords);
  };
  asio::co_spawn(io, limit, end);
}

Task<> Program::pet_watchdog() {
  const std::optional<Duration> interval = watchdog_interval();
  if (!interval) co_return;
  const std::unique_ptr<Clock> clock = make_clock(io.get_executor());
  for (;;) {
    notify_watchdog();
    co_await clock->sleep_for(*interval / 2);
  }
}

Task<> Program::obey_signals() {
  for (;;) {
    const int number = co_await signals.async_wait(asio::use_awaitable);
    if (number != SIGHUP) co_return;
    const auto done = co_await daemon->reload();
    if (!done) fmt::print(stderr, "{}", done.error().message);
  }
}

/// While it drains: a second SIGTERM has no patience. What is in flight is uncertain at the next
/// start and told again under its key.
Task<> Program::end_at_once() {
  for (;;) {
    const int number = co_await signals.async_wait(asio::use_awaitable);
    if (number == SIGHUP) continue;
    log(LogLevel::warn, "ended before the deliveries in flight");
    daemon->store().ends();
    std::_Exit(128 + number);
  }
}

Task<> Program::main() {
  const Result<void> started = co_await daemon->start();
  if (!started) {
    fmt::print(stderr, "earshotd: {}\n", printable(started.error().message));
    code = kBadConfig;
    io.stop();
    co_return;
  }
  const std::shared_ptr<const Config> config = daemon->config();
  const std::string status =
      fmt::format("Earshot reads {} sources, {}.", config->sources.size(), to_word(config->mode));
  notify_ready(status);
  log(LogLevel::info, "ready",
      {{"sources", std::to_string(config->sources.size())},
       {"mode", std::string{to_word(config->mode)}},
       {"listen", config->web.listen}});
  co_await obey_signals();
  notify_stopping("Earshot drains.");
  log(LogLevel::info, "draining");
  asio::co_spawn(
      io, [this] { return end_at_once(); }, [](std::exception_ptr) {});
  co_await daemon->drain(kDrainLimit);
  io.stop();
}

/// In safe mode until somebody who has looked after the disk ends it: the next start is one like
/// any other.
Task<> Program::stay_safe() {
  const Result<void> started = co_await safe->start();
  if (!started) {
    fmt::print(stderr, "earshotd: {}\n", printable(started.error().message));
    code = kBadConfig;
    io.stop();
    co_return;
  }
  notify_ready("SAFE MODE: " + safe->detail());
  log(LogLevel::error, "safe mode", {{"why", safe->detail()}});
  while (co_await signals.async_wait(asio::use_awaitable) == SIGHUP)
    log(LogLevel::warn, "not loaded again: safe mode");
  notify_stopping("Earshot leaves safe mode.");
  co_await safe->drain();
  forget_failures(failures);
  io.stop();
}

void Program::note_failure(std::string_view why) {
  earshot::note_failure(failures, make_clock(io.get_executor())->now(), why);
}

/// What strangers send is read in a process of its own; what becomes of that is counted and said.
std::unique_ptr<Reader> make_reader(Program& program) {
  ReaderHooks hooks;
  hooks.died = [](const std::string& source, const std::string& why) {
    if (source.empty())
      log(LogLevel::error, "the reader cannot be begun: no source is read", {{"why", why}});
    else
      log(LogLevel::error, "the reader died over a document", {{"source", source}, {"why", why}});
  };
  hooks.begun_again = [&program] {
    program.daemon->meter().count("earshot_reader_restarts_total");
  };
  return std::make_unique<Reader>(reader_program(), program.small_documents.get_executor(),
                                  program.large_documents.get_executor(), std::move(hooks));
}

/// A full disk may not even hold what opening wants: then the ballast goes first.
std::unique_ptr<Store> open_store(const std::string& path, Ballast* ballast) {
  SqliteOptions how;
  if (ballast == nullptr) return open_sqlite(path, how);
  how.on_full = [ballast] { ballast->give_up(); };
  try {
    return open_sqlite(path, how);
  } catch (const StoreError& error) {
    if (!error.full) throw;
  }
  ballast->give_up();
  return open_sqlite(path, how);
}

/// Opens the store and makes the daemon, or safe mode without a store. Not kDrained: the exit code
/// of a process that cannot begin.
int make_parts(Program& program, std::shared_ptr<const Rules> rules, const std::string& path) {
  const Executor executor = program.io.get_executor();
  Outside outside = make_outside(executor, *rules->config);
  program.failures = failures_file(path, runtime_directory());
  const std::vector<StoreFailure> failures = read_failures(program.failures);
  if (failed_too_often(failures, outside.clock->now())) {
    program.safe = std::make_unique<SafeMode>(executor, std::move(rules), path, std::move(outside),
                                              failures.back().why);
    return kDrained;
  }
  try {
    program.ballast = make_ballast(path, program.options.ballast_mib * kMiB);
    auto store = open_store(path, program.ballast.get());
    const auto on_failure = [&program](const std::string& name, std::exception_ptr failure) {
      program.fail(name, std::move(failure));
    };
    outside.ballast = program.ballast.get();
    if (path != ":memory:") outside.copies = program.copies.get_executor();
    if (program.options.reader_apart) program.reader = make_reader(program);
    outside.reader = program.reader.get();
    program.daemon = std::make_unique<Daemon>(executor, program.workers.get_executor(),
                                              program.options, std::move(rules), std::move(store),
                                              std::move(outside), on_failure);
  } catch (const StoreRefused& e) {
    fmt::print(stderr, "earshotd: {}\n", printable(e.what()));
    return kBadConfig;
  } catch (const StoreError& e) {
    fmt::print(stderr, "earshotd: {}\n", printable(e.what()));
    if (dynamic_cast<const StoreBroken*>(&e) != nullptr) program.note_failure(e.what());
    return kTryAgain;
  }
  return kDrained;
}

LogLevel level_of(const std::string& word) {
  if (word == "debug") return LogLevel::debug;
  if (word == "warn") return LogLevel::warn;
  if (word == "error") return LogLevel::error;
  return LogLevel::info;
}

LogFormat format_of(const std::string& word) {
  if (word == "json") return LogFormat::json;
  return word == "logfmt" ? LogFormat::logfmt : LogFormat::automatic;
}

}  // namespace

LoadOptions load_options() {
  LoadOptions options;
  options.secrets = true;
  if (const char* folder = std::getenv("CREDENTIALS_DIRECTORY"))
    options.credentials_directory = folder;
  return options;
}

int run_daemon(const AppOptions& options) {
  ::prctl(PR_SET_DUMPABLE, 0);  // secrets stay out of core files
  std::signal(SIGPIPE, SIG_IGN);
  Loaded loaded = load_config(options.config, load_options());
  if (!loaded.diagnostics.empty()) fmt::print(stderr, "{}", render(loaded.diagnostics));
  if (!loaded.config) return kBadConfig;
  start_logging(level_of(loaded.config->log.level), format_of(loaded.config->log.format));
  auto rules = make_rules(std::move(*loaded.config));
  if (!rules) {
    fmt::print(stderr, "earshotd: {}\n", printable(rules.error().message));
    return kBadConfig;
  }

  const std::string path = options.store.empty() ? (*rules)->config->store.path : options.store;
  // Before the fence: a folder that is not there cannot be let through.
  if (const auto& backup = (*rules)->config->store.backup) {
    if (Result<void> made = make_backup_folder(backup->directory); !made)
      log(LogLevel::error, "no folder for backups", {{"why", made.error().message}});
  }
  if (options.landlock && !raise_fence(*(*rules)->config, path)) return kBadConfig;
  Program program;
  program.options = options;
  if (const int code = make_parts(program, std::move(*rules), path); code != kDrained) return code;
  const Executor executor = program.io.get_executor();
  const auto ended = [&program](std::exception_ptr failure) {
    if (failure) program.fail("main", std::move(failure));
  };
  const auto background = [](std::exception_ptr) {};  // cancelled when the loop stops
  asio::post(program.workers, [] { ::pthread_setname_np(::pthread_self(), "worker"); });
  asio::co_spawn(
      executor, [&program] { return program.safe ? program.stay_safe() : program.main(); }, ended);
  asio::co_spawn(
      executor, [&program] { return program.pet_watchdog(); }, background);
  if (program.daemon)
    asio::co_spawn(
        executor, [&program] { return program.stall.run(&program.daemon->meter()); }, background);
  program.io.run();
  program.workers.join();
  program.small_documents.join();
  program.large_documents.join();
  program.copies.join();
  log(LogLevel::info, "stopped");
  return program.code;
}

}  // namespace earshot

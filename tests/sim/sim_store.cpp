#include "sim_store.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "../../src/store/sqlite_check.hpp"
#include "../../src/store/sqlite_schema.hpp"

namespace earshot::sim {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kCacheKib = 32'768;
constexpr double kReadWaits = 0.05;  // of the readings come back later
constexpr std::size_t kMany = 5;

bool is_of_store(const std::exception_ptr& error) {
  if (!error) return false;
  try {
    std::rethrow_exception(error);
  } catch (const StoreError&) {
    return true;
  } catch (...) {
    return false;
  }
}

}  // namespace

SimStore::SimStore(Process& process, Disk& disk, std::string path, Random random,
                   const DiskPace& pace, std::function<void()> lost_power,
                   std::function<void()> on_full, std::function<void(std::string_view)> mark)
    : process_(process),
      disk_(disk),
      random_(random),
      pace_(pace),
      lost_power_(std::move(lost_power)),
      mark_(std::move(mark)),
      db_(path, sqlite::Access::read_write, kCacheKib),
      engine_(
          sqlite::made_ready(db_), health_, [&process] { return process.engine().now(); },
          [dice = random](std::size_t n) mutable {
            std::string bytes;
            while (bytes.size() < n) bytes += static_cast<char>(dice.below(256));
            return bytes;
          },
          std::move(on_full)),
      tables_(db_) {}

Duration SimStore::draw() {
  double ms = random_.exponential(pace_.mean_ms);
  if (random_.chance(pace_.slow_share)) ms += random_.between(0, pace_.slow_ms);
  return Duration{static_cast<std::int64_t>(ms)};
}

Task<> SimStore::write(std::function<void(StoreWriter&)> work) {
  const auto start = [this](auto handler, std::function<void(StoreWriter&)> job) {
    auto held = std::make_shared<decltype(handler)>(std::move(handler));
    auto done = [held](std::exception_ptr error) {
      const auto executor = asio::get_associated_executor(*held);
      asio::post(executor, [held, error] { std::move (*held)(error); });
    };
    jobs_.push_back({std::move(job), std::move(done)});
    if (!busy_) begin();
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr)>(
      start, asio::use_awaitable, std::move(work));
}

/// One group: what has come until the disk is free, as the writer's thread would take it.
void SimStore::begin() {
  busy_ = true;
  Engine& engine = process_.engine();
  engine.at(engine.now() + draw(), &process_, [this] {
    sqlite::WriteJob first = std::move(jobs_.front());
    jobs_.pop_front();
    auto done = std::make_shared<std::vector<sqlite::WriteJob>>(
        engine_.run_group(std::move(first), [this]() -> std::optional<sqlite::WriteJob> {
          if (jobs_.empty()) return std::nullopt;
          std::optional<sqlite::WriteJob> next{std::move(jobs_.front())};
          jobs_.pop_front();
          return next;
        }));
    const bool failed = is_of_store(done->front().error);
    if (failed) mark_("a commit failed");
    if (!failed && done->size() >= kMany) mark_("a commit held five transactions or more");
    unanswered_ = failed ? 0 : done->size();
    process_.engine().trace("commit", done->size());
    engine_.tidy(jobs_.empty());
    if (disk_.without_power()) return lost_power_();
    process_.engine().at(process_.engine().now() + draw(), &process_, [this, done] {
      unanswered_ = 0;
      for (sqlite::WriteJob& job : *done) {
        job.work = nullptr;
        job.done(job.error);
      }
      if (jobs_.empty())
        busy_ = false;
      else
        begin();
    });
  });
}

Task<> SimStore::read(std::function<void(StoreReader&)> work) {
  sqlite::ReadJob job{std::move(work), {}};
  sqlite::run_read(tables_, job);
  if (random_.chance(kReadWaits)) {
    const Duration pause{static_cast<std::int64_t>(random_.below(20))};
    co_await process_.engine().sleep(process_, pause);
  }
  if (job.error) std::rethrow_exception(job.error);
}

void SimStore::look(const std::function<void(StoreReader&)>& work) {
  sqlite::ReadJob job{work, {}};
  sqlite::run_read(tables_, job);
  if (job.error) std::rethrow_exception(job.error);
}

}  // namespace earshot::sim

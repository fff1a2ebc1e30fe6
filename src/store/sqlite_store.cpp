#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>
#include <pthread.h>

#include "earshot/store/sqlite.hpp"
#include "files.hpp"
#include "sqlite_check.hpp"
#include "sqlite_engine.hpp"

namespace earshot {
namespace sqlite {
namespace {

namespace asio = boost::asio;

/// Puts the job into the queue and suspends the caller until its `done` is called. The caller is
/// resumed on its own executor, which is kept from running out of work meanwhile. Cancellation does
/// not reach in: a commit is never cut in half.
template <class Access>
Task<> wait_for(JobQueue<Access>& queue, std::function<void(Access&)> work,
                std::function<void()> alone = nullptr) {
  auto initiate = [&queue](auto handler, std::function<void(Access&)> job,
                           std::function<void()> by_itself) {
    const auto executor = asio::get_associated_executor(handler);
    using Handler = decltype(handler);
    struct Waiting {
      Handler handler;
      asio::executor_work_guard<std::decay_t<decltype(executor)>> guard;
    };
    auto waiting =
        std::make_shared<Waiting>(Waiting{std::move(handler), asio::make_work_guard(executor)});
    auto done = [waiting](std::exception_ptr error) {
      // Held until post() has returned: the waiter may go on, end, and take its executor's context
      // along while this thread still wakes it.
      const auto guard = waiting->guard;
      // The handler may only be touched, and destroyed, where its coroutine lives.
      asio::post(guard.get_executor(),
                 [held = std::move(*waiting), error]() mutable { std::move(held.handler)(error); });
    };
    queue.push({std::move(job), std::move(done), std::move(by_itself)});
  };
  auto result = asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr)>(
      std::move(initiate), asio::use_awaitable, std::move(work), std::move(alone));
  co_await std::move(result);  // NOLINT(bugprone-use-after-move): of no parameter here
}

/// Work runs inside the caller's co_await; readers and the writer share the connection.
class InlineStore final : public Store {
 public:
  InlineStore(const std::string& path, const SqliteOptions& options)
      : lock_(path == ":memory:" ? nullptr : std::make_unique<LockFile>(path + "-lock")),
        guard_(path == ":memory:" ? std::string{} : path + "-parsing"),
        db_(path, Access::read_write, options.writer_cache_kib),
        tables_(db_),
        engine_(db_, health_, steady_now, options.secret, options.on_full) {
    made_ready(db_);
  }

  Task<> write(std::function<void(StoreWriter&)> work) override {
    auto jobs = engine_.run_group({std::move(work), {}}, [] { return std::nullopt; });
    engine_.tidy(true);
    if (jobs.front().error) std::rethrow_exception(jobs.front().error);
    co_return;
  }
  Task<> read(std::function<void(StoreReader&)> work) override {
    ReadJob job{std::move(work), {}};
    run_read(tables_, job);
    if (job.error) std::rethrow_exception(job.error);
    co_return;
  }
  std::uint64_t commits() const override { return engine_.commits(); }
  Task<bool> scrub(std::uint64_t limit) override { co_return engine_.scrub(limit); }
  PoisonGuard& poison() override { return guard_; }
  void ends() override { guard_.clear_all(); }

 private:
  std::unique_ptr<LockFile> lock_;
  PoisonFile guard_;
  Health health_;
  Db db_;
  Tables tables_;
  WriteEngine engine_;
};

class ThreadedStore final : public Store {
 public:
  ThreadedStore(const std::string& path, const SqliteOptions& options)
      : lock_(path + "-lock"),
        guard_(path + "-parsing"),
        db_(prepared(path), Access::read_write, options.writer_cache_kib),
        engine_(made_ready(db_), health_, steady_now, options.secret, options.on_full),
        reading_(path, Access::read_only, options.reader_cache_kib),
        read_tables_(reading_),
        writer_([this] { write_all(); }),
        reader_([this] { read_all(); }),
        background_(
            options.background_check
                ? std::make_unique<BackgroundCheck>(
                      path, health_, [this](std::string when) { note_check(std::move(when)); })
                : nullptr) {}

  /// What was asked for before is still done; its answers are posted.
  ~ThreadedStore() override {
    background_.reset();
    writes_.close();
    reads_.close();
  }

  Task<> write(std::function<void(StoreWriter&)> work) override {
    return wait_for(writes_, std::move(work));
  }
  Task<> read(std::function<void(StoreReader&)> work) override {
    return wait_for(reads_, std::move(work));
  }
  /// Done by the writer's thread between two groups: VACUUM wants no transaction around it.
  std::uint64_t commits() const override { return engine_.commits(); }
  Task<bool> scrub(std::uint64_t limit) override {
    bool done = false;
    co_await wait_for<StoreWriter>(writes_, nullptr,
                                   [this, limit, &done] { done = engine_.scrub(limit); });
    co_return done;
  }
  PoisonGuard& poison() override { return guard_; }
  void ends() override { guard_.clear_all(); }

 private:
  static const std::string& prepared(const std::string& path) {
    prepare_file(path);
    return path;
  }

  void note_check(std::string when) {
    writes_.push(
        {[when = std::move(when)](StoreWriter& writer) { writer.put_meta(kCheckedAt, when); },
         [](std::exception_ptr) {}});
  }

  void write_all() {
    ::pthread_setname_np(::pthread_self(), "store-writer");
    const auto more = [this] { return writes_.poll(); };
    while (auto first = writes_.wait()) {
      for (;;) {
        for (WriteJob& job : engine_.run_group(std::move(*first), more)) {
          job.work = nullptr;  // captures die before the waiter goes on, not after
          job.done(job.error);
        }
        engine_.tidy(false);
        first = writes_.poll();
        if (!first) break;
      }
      engine_.tidy(true);
    }
  }

  void read_all() {
    ::pthread_setname_np(::pthread_self(), "store-reader");
    while (auto job = reads_.wait()) {
      run_read(read_tables_, *job);
      job->work = nullptr;
      job->done(job->error);
    }
  }

  LockFile lock_;
  PoisonFile guard_;
  Health health_;
  Db db_;
  WriteEngine engine_;
  Db reading_;
  Tables read_tables_;
  JobQueue<StoreWriter> writes_;
  JobQueue<StoreReader> reads_;
  std::jthread writer_;
  std::jthread reader_;
  std::unique_ptr<BackgroundCheck> background_;
};

}  // namespace
}  // namespace sqlite

std::unique_ptr<Store> open_sqlite(const std::string& path, SqliteOptions options) {
  if (path == ":memory:" || options.inline_work) {
    if (path != ":memory:") sqlite::prepare_file(path);
    return std::make_unique<sqlite::InlineStore>(path, options);
  }
  return std::make_unique<sqlite::ThreadedStore>(path, options);
}

void read_sqlite(const std::string& path, const std::function<void(StoreReader&)>& work) {
  sqlite::Db db{path, sqlite::Access::read_only, 2'048};
  sqlite::check_ours(db);
  sqlite::Tables tables{db};
  sqlite::ReadJob job{work, {}};
  sqlite::run_read(tables, job);
  if (job.error) std::rethrow_exception(job.error);
}

}  // namespace earshot

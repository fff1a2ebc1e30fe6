#include "engine.hpp"

#include <algorithm>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <stdexcept>

namespace earshot::sim {

namespace asio = boost::asio;

namespace {

constexpr std::uint64_t kSpins = 5'000'000;  // events in one instant

/// Somebody who sleeps; ended once, by time or by a cancellation.
struct Sleeper {
  virtual ~Sleeper() = default;
  void end(boost::system::error_code error) {
    if (ended) return;
    ended = true;
    finish(error);
  }
  virtual void finish(boost::system::error_code error) = 0;
  bool ended = false;
};

template <class Handler>
struct SleeperOf final : Sleeper {
  explicit SleeperOf(Handler h) : handler(std::move(h)) {}
  void finish(boost::system::error_code error) override {
    const auto executor = asio::get_associated_executor(handler);
    asio::post(executor, [held = std::move(handler), error]() mutable { std::move(held)(error); });
  }
  Handler handler;
};

}  // namespace

Executor Process::executor() {
  return ProcessExecutor{*this};
}

void Engine::push(Timed timed) {
  timed_.push_back(std::move(timed));
  std::ranges::push_heap(timed_, std::less<>{});
}

Engine::Timed Engine::pop() {
  std::ranges::pop_heap(timed_, std::less<>{});
  Timed next = std::move(timed_.back());
  timed_.pop_back();
  return next;
}

void Engine::at(Duration when, Process* process, std::function<void()> work) {
  push({std::max(when, now_), random_.bits(), ++number_, process,
        std::make_unique<std::function<void()>>(std::move(work))});
}

void Engine::ready(Process& process, std::unique_ptr<Work> work) {
  if (process.dead()) {
    [[maybe_unused]] Work* kept = work.release();  // its coroutine is memory of a dead process
    return;
  }
  ready_.push_back({&process, std::move(work)});
}

void Engine::run_ready() {
  std::uint64_t here = 0;
  while (!ready_.empty() && !stopped_) {
    Ready next = std::move(ready_.front());
    ready_.pop_front();
    if (next.process->dead()) {
      [[maybe_unused]] Work* kept = next.work.release();
      continue;
    }
    if (next.process->paused_until() > now_) {
      // Kept in order: what stood ready goes on in the order in which it stood.
      auto held = std::make_shared<std::unique_ptr<Work>>(std::move(next.work));
      push({next.process->paused_until(), 0, ++number_, next.process,
            std::make_unique<std::function<void()>>([held] { (*held)->run(); })});
      continue;
    }
    ++events_;
    if (++here > kSpins) throw std::runtime_error("something spins: time does not pass any more");
    running_ = next.process;
    next.work->run();
    running_ = nullptr;
  }
}

void Engine::run_until(Duration end) {
  stopped_ = false;
  for (;;) {
    run_ready();
    if (stopped_ || timed_.empty() || timed_.front().when > end) break;
    Timed next = pop();
    now_ = std::max(now_, next.when);
    if (next.process != nullptr && next.process->dead()) {
      [[maybe_unused]] auto* kept = next.work.release();  // memory of the dead
      continue;
    }
    if (next.process != nullptr && next.process->paused_until() > now_) {
      next.when = next.process->paused_until();
      next.order = 1;
      push(std::move(next));
      continue;
    }
    ++events_;
    (*next.work)();
  }
  now_ = std::max(now_, end);
}

Task<> Engine::sleep(Process& process, Duration span) {
  const auto start = [this, &process, span](auto handler) {
    using Mine = SleeperOf<decltype(handler)>;
    const auto sleeper = std::make_shared<Mine>(std::move(handler));
    auto slot = asio::get_associated_cancellation_slot(sleeper->handler);
    if (slot.is_connected()) {
      const std::weak_ptr<Sleeper> weak = sleeper;
      slot.assign([weak](asio::cancellation_type) {
        if (const auto found = weak.lock()) found->end(asio::error::operation_aborted);
      });
    }
    at(now_ + std::max(span, Duration{0}), &process, [sleeper] { sleeper->end({}); });
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void(boost::system::error_code)>(
      start, asio::use_awaitable);
}

void Engine::trace(std::string_view what, std::uint64_t detail) {
  hash_ = hash64(what, hash_ ^ detail ^ static_cast<std::uint64_t>(now_.count()));
}

}  // namespace earshot::sim

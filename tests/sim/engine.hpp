#pragma once

/// Virtual time. One thread, one queue: what is ready runs in the order it came, what is timed in
/// the order of its time, equals in a seeded order. A Process is an executor whose coroutines can
/// be ended at any event: nothing of them is destroyed, as with kill -9.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "earshot/core/instant.hpp"
#include "earshot/runtime/task.hpp"
#include "random.hpp"

namespace earshot::sim {

class Engine;

/// What stands ready; like std::function, but for things that only move.
struct Work {
  virtual ~Work() = default;
  virtual void run() = 0;
};

class Process final : public boost::asio::execution_context {
 public:
  explicit Process(Engine& engine) : engine_(engine) {}
  Engine& engine() { return engine_; }
  Executor executor();
  /// From here on nothing of it runs any more. Its memory stays until the simulator ends.
  void kill() { dead_ = true; }
  bool dead() const { return dead_; }
  /// As SIGSTOP: until then everything of it waits.
  void pause(Duration until) { paused_until_ = until; }
  Duration paused_until() const { return paused_until_; }

 private:
  Engine& engine_;
  bool dead_ = false;
  Duration paused_until_{0};
};

/// Satisfies Asio's executor requirements without a reactor. As io_context's: what is dispatched by
/// the process itself runs at once (Asio 1.81's co_spawn relies on it), what is posted later.
class ProcessExecutor {
 public:
  explicit ProcessExecutor(Process& process) : process_(&process) {}
  boost::asio::execution_context& query(boost::asio::execution::context_t) const noexcept {
    return *process_;
  }
  boost::asio::execution::blocking_t query(boost::asio::execution::blocking_t) const noexcept {
    if (at_once_) return boost::asio::execution::blocking.possibly;
    return boost::asio::execution::blocking.never;
  }
  ProcessExecutor require(boost::asio::execution::blocking_t::never_t) const noexcept {
    return {*process_, false};
  }
  ProcessExecutor require(boost::asio::execution::blocking_t::possibly_t) const noexcept {
    return {*process_, true};
  }
  template <class Function>
  void execute(Function function) const;
  bool operator==(const ProcessExecutor& other) const noexcept = default;

 private:
  ProcessExecutor(Process& process, bool at_once) : process_(&process), at_once_(at_once) {}
  Process* process_;
  bool at_once_ = true;
};

class Engine {
 public:
  explicit Engine(std::uint64_t seed) : random_(Random{seed}.branch("schedule")) {}

  Duration now() const { return now_; }
  /// `process` nullptr: the world's own, which no crash touches.
  void at(Duration when, Process* process, std::function<void()> work);
  void after(Duration span, std::function<void()> work) {
    at(now_ + span, nullptr, std::move(work));
  }
  void ready(Process& process, std::unique_ptr<Work> work);
  /// Is one of its events being run?
  bool runs(const Process& process) const { return running_ == &process && !process.dead(); }
  /// Ends early where `stop` was called. Throws std::runtime_error where something spins without
  /// letting time pass.
  void run_until(Duration end);
  void stop() { stopped_ = true; }

  /// On the executor of the caller; throws operation_aborted when cancelled.
  Task<> sleep(Process& process, Duration span);

  /// One word more for the hash that two runs of a seed must share (I15).
  void trace(std::string_view what, std::uint64_t detail = 0);
  std::uint64_t hash() const { return hash_; }
  std::uint64_t events() const { return events_; }

 private:
  struct Timed {
    Duration when;
    std::uint64_t order;
    std::uint64_t number;
    Process* process;
    std::unique_ptr<std::function<void()>> work;
    bool operator<(const Timed& other) const {
      if (when != other.when) return when > other.when;
      if (order != other.order) return order > other.order;
      return number > other.number;
    }
  };
  struct Ready {
    Process* process;
    std::unique_ptr<Work> work;
  };
  void run_ready();
  void push(Timed timed);
  Timed pop();
  Random random_;
  Duration now_{0};
  std::vector<Timed> timed_;  ///< a heap
  std::deque<Ready> ready_;
  const Process* running_ = nullptr;
  std::uint64_t number_ = 0;
  std::uint64_t events_ = 0;
  std::uint64_t hash_ = 0;
  bool stopped_ = false;
};

template <class Function>
struct WorkOf final : Work {
  explicit WorkOf(Function f) : function(std::move(f)) {}
  void run() override { std::move(function)(); }
  Function function;
};

template <class Function>
void ProcessExecutor::execute(Function function) const {
  if (at_once_ && process_->engine().runs(*process_)) return std::move(function)();
  process_->engine().ready(*process_, std::make_unique<WorkOf<Function>>(std::move(function)));
}

}  // namespace earshot::sim

#pragma once

/// Task, TaskGroup, within: the coroutine vocabulary. Asio's awaitable underneath; one I/O thread
/// runs them all. Code here and above takes any_io_executor from its caller and never names
/// io_context, so that a simulator can run it on its own executor.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <string>

#include "earshot/core/instant.hpp"
#include "earshot/core/result.hpp"

namespace earshot {

using Executor = boost::asio::any_io_executor;

template <class T = void>
using Task = boost::asio::awaitable<T>;

class Clock;

/// Owns child tasks. A child that ends by an exception other than cancellation calls `on_failure`
/// (default: logs and aborts the process, because it is a mistake of ours). Destroying a group that
/// was not joined is a mistake of ours too.
class TaskGroup {
 public:
  using OnFailure = std::function<void(const std::string& name, std::exception_ptr)>;
  explicit TaskGroup(Executor executor, OnFailure on_failure = {});
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  /// Starts a child. The factory is kept until the child ends: captures stay alive.
  void spawn(std::string name, std::function<Task<>()> factory);
  /// Asks every child to stop; returns at once.
  void cancel();
  /// Waits until every child has ended.
  Task<> join();
  std::size_t size() const;

 private:
  friend Task<Result<void>> within(Clock& clock, Duration limit,
                                   std::function<Task<Result<void>>()> factory);
  struct State;
  std::shared_ptr<State>
      state_;  // shared with the children's completion handlers, which may outlive a cancelled join
};

/// Runs the task at most `limit` long. At the limit the task is cancelled, waited for, and a
/// transient Error "timed out after …" returned. The factory is kept until then; values come out
/// through what it captures.
Task<Result<void>> within(Clock& clock, Duration limit,
                          std::function<Task<Result<void>>()> factory);

/// Moves `work` to `other` (a worker pool or the store's thread), waits for it and comes back to
/// the caller's executor. What `work` throws comes out of the co_await. Not interrupted by
/// cancellation: the work is waited for.
Task<> run_on(Executor other, std::function<void()> work);

}  // namespace earshot

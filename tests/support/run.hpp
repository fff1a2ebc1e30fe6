#pragma once

/// Drives coroutines in tests. `run(task)` for one that needs nothing but itself; a Loop where
/// objects need an executor first:
///
///   Loop loop;
///   FakeClock clock{loop};
///   const Result<Batch> batch = loop.run(source.poll(cursor));
///
/// A task that still waits when nothing is left that could wake it fails the test instead of
/// hanging it.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "earshot/runtime/task.hpp"

namespace earshot {

class FakeClock;

class Loop {
 public:
  Executor executor() { return io_.get_executor(); }
  boost::asio::io_context& context() { return io_; }

  /// Runs what is ready, and what that makes ready. Never waits.
  void settle() {
    io_.restart();
    while (io_.poll() > 0) {
    }
  }

  /// Runs a task to its end; sockets and real timers may be waited for, `most` at the longest.
  template <class T>
  T run(Task<T> task, Duration most = seconds{30}) {
    Outcome<T> out;
    start(std::move(task), out);
    const auto until = std::chrono::steady_clock::now() + most;
    io_.restart();
    while (!out.done && std::chrono::steady_clock::now() < until) {
      if (io_.run_one_until(until) == 0) {
        if (io_.stopped()) break;
      }
    }
    return std::move(out).take();
  }

  /// The same under a fake clock: whenever nothing is ready, time moves to the next sleeper
  /// (fake_clock.cpp).
  template <class T>
  T run(FakeClock& clock, Task<T> task) {
    Outcome<T> out;
    start(std::move(task), out);
    settle();
    while (!out.done && wake_next(clock)) {
    }
    return std::move(out).take();
  }

 private:
  struct Nothing {};
  template <class T>
  struct Outcome {
    bool done = false;
    std::exception_ptr failure;
    std::optional<std::conditional_t<std::is_void_v<T>, Nothing, T>> value;

    T take() && {
      if (!done)
        throw std::runtime_error("the task still waits and nothing is left that could wake it");
      if (failure) std::rethrow_exception(failure);
      if constexpr (!std::is_void_v<T>) return std::move(*value);
    }
  };

  template <class T>
  static Task<> keep(Task<T> task, Outcome<T>* out) {
    if constexpr (std::is_void_v<T>) {
      co_await std::move(task);
    } else {
      out->value.emplace(co_await std::move(task));
    }
  }

  template <class T>
  void start(Task<T> task, Outcome<T>& out) {
    boost::asio::co_spawn(io_, keep(std::move(task), &out), [&out](std::exception_ptr failure) {
      out.failure = std::move(failure);
      out.done = true;
    });
  }

  bool wake_next(FakeClock& clock);

  boost::asio::io_context io_{1};
};

template <class T>
T run(Task<T> task) {
  Loop loop;
  return loop.run(std::move(task));
}

}  // namespace earshot

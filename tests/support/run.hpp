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

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "earshot/runtime/task.hpp"

namespace boost::asio {
class io_context;
}

namespace earshot {

class FakeClock;

class Loop {
 public:
  Loop();
  ~Loop();

  Executor executor();
  boost::asio::io_context& context() { return *io_; }

  /// Runs what is ready, and what that makes ready. Never waits.
  void settle();

  /// Runs a task to its end; sockets and real timers may be waited for, `most` at the longest.
  template <class T>
  T run(Task<T> task, Duration most = seconds{30}) {
    Outcome<T> out;
    start(std::move(task), out);
    drive(out, most);
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
  struct End {
    bool done = false;
    std::exception_ptr failure;
  };
  template <class T>
  struct Outcome : End {
    std::optional<std::conditional_t<std::is_void_v<T>, Nothing, T>> value;

    T take() && {
      if (!this->done)
        throw std::runtime_error("the task still waits and nothing is left that could wake it");
      if (this->failure) std::rethrow_exception(this->failure);
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
    launch(keep(std::move(task), &out), out);
  }

  void launch(Task<> task, End& end);
  void drive(const End& end, Duration most);
  static bool wake_next(FakeClock& clock);

  std::unique_ptr<boost::asio::io_context> io_;
};

template <class T>
T run(Task<T> task) {
  Loop loop;
  return loop.run(std::move(task));
}

}  // namespace earshot

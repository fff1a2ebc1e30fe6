#pragma once

/// A queue of store work and the thread that empties it. The thread never touches a coroutine: a
/// job's `done` posts back to the executor of whoever waits.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

namespace earshot::sqlite {

template <class Access>
struct Job {
  std::function<void(Access&)> work;
  std::function<void(std::exception_ptr)> done;
  std::function<void()> alone{};  ///< instead of `work`: runs outside any transaction
  std::exception_ptr error{};
};

/// First in, first out; closed once.
template <class Access>
class JobQueue {
 public:
  void push(Job<Access> job) {
    {
      const std::scoped_lock lock{mutex_};
      jobs_.push_back(std::move(job));
    }
    ready_.notify_one();
  }
  /// Waits for a job; nullopt when the queue is closed and empty.
  std::optional<Job<Access>> wait() {
    std::unique_lock lock{mutex_};
    ready_.wait(lock, [this] { return closed_ || !jobs_.empty(); });
    return take();
  }
  /// The next job, if there is one.
  std::optional<Job<Access>> poll() {
    const std::scoped_lock lock{mutex_};
    return take();
  }
  void close() {
    {
      const std::scoped_lock lock{mutex_};
      closed_ = true;
    }
    ready_.notify_all();
  }

 private:
  std::optional<Job<Access>> take() {
    if (jobs_.empty()) return std::nullopt;
    std::optional<Job<Access>> job{std::move(jobs_.front())};
    jobs_.pop_front();
    return job;
  }

  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Job<Access>> jobs_;
  bool closed_ = false;
};

}  // namespace earshot::sqlite

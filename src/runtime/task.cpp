#include "earshot/runtime/task.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <list>
#include <utility>

#include "earshot/core/check.hpp"
#include "earshot/core/rare.hpp"
#include "earshot/runtime/clock.hpp"
#include "earshot/runtime/log.hpp"

namespace earshot {

namespace asio = boost::asio;

namespace {

bool is_cancellation(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& e) {
    return e.code() == asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

std::string what(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "unknown exception";
  }
}

void log_and_abort(const std::string& name, const std::exception_ptr& failure) {
  log(LogLevel::error, "task failed", {{"task", name}, {"error", what(failure)}});
  std::abort();
}

}  // namespace

// Wakes a join(). Not a timer: a timer wants a reactor, and the simulator's executor has none.
using Wake = asio::experimental::channel<void(boost::system::error_code)>;

struct TaskGroup::State {
  struct Child {
    std::string name;
    std::function<Task<>()> factory;
    asio::cancellation_signal stop;
    bool started = false;
  };
  Executor executor;
  OnFailure on_failure;
  std::list<Child> children;
  std::list<Wake*> joiners;  // each lives in its join(); poked by the last child
  bool cancelled = false;
  bool droppable = false;  // the group of within(), whose frame may be destroyed with its executor

  explicit State(Executor ex) : executor(std::move(ex)) {}

  void ended(std::list<Child>::iterator child, const std::exception_ptr& failure) {
    // The child leaves the list first: whoever handles the failure may look at the group.
    const std::string name = std::move(child->name);
    children.erase(child);
    if (failure && !is_cancellation(failure)) on_failure(name, failure);
    if (!children.empty()) return;
    for (Wake* joiner : joiners) joiner->try_send(boost::system::error_code{});
  }
};

namespace {

// A child hears of its cancellation only once it has been resumed by the executor: Asio 1.81 loses
// the completion of a coroutine that is cancelled before that (co_spawn_entry_point's own `co_await
// post` then throws), and join() would wait for ever.
template <class State>
Task<> start_child(std::shared_ptr<State> state,
                   typename std::list<typename State::Child>::iterator child) {
  co_await asio::post(state->executor, asio::use_awaitable);
  if (rare("task.begins_late")) co_await asio::post(state->executor, asio::use_awaitable);
  child->started = true;
  if (state->cancelled) co_return;
  co_await child->factory();
}

// Posted: emitting may end children at once, and the caller may be one of them.
template <class State>
void cancel_all(const std::shared_ptr<State>& state) {
  state->cancelled = true;
  asio::post(state->executor, [state] {
    for (auto at = state->children.begin(); at != state->children.end();) {
      auto& child = *at++;  // step first: the signal may remove the child
      if (child.started) child.stop.emit(asio::cancellation_type::all);
    }
  });
}

}  // namespace

TaskGroup::TaskGroup(Executor executor, OnFailure on_failure)
    : state_(std::make_shared<State>(std::move(executor))) {
  state_->on_failure = on_failure ? std::move(on_failure) : OnFailure{log_and_abort};
}

TaskGroup::~TaskGroup() {
  EARSHOT_CHECK(state_->children.empty());
}

void TaskGroup::spawn(std::string name, std::function<Task<>()> factory) {
  state_->children.emplace_back();
  const auto child = std::prev(state_->children.end());
  child->name = std::move(name);
  child->factory = std::move(factory);
  // The children's list keeps the factory, hence its captures, until the child has ended.
  const auto begin = [state = state_, child]() { return start_child(state, child); };
  const auto end = [state = state_, child](const std::exception_ptr& failure) {
    state->ended(child, failure);
  };
  asio::co_spawn(state_->executor, begin, asio::bind_cancellation_slot(child->stop.slot(), end));
}

void TaskGroup::cancel() {
  cancel_all(state_);
}

Task<> TaskGroup::join() {
  const std::shared_ptr<State> state = state_;
  const Executor executor = co_await asio::this_coro::executor;
  const bool threw = co_await asio::this_coro::throw_if_cancelled();
  // A cancelled join passes the wish on to the children and waits for them all the same; the
  // caller's next co_await then throws.
  co_await asio::this_coro::throw_if_cancelled(false);
  while (!state->children.empty()) {
    const asio::cancellation_state here = co_await asio::this_coro::cancellation_state;
    if (here.cancelled() != asio::cancellation_type::none && !state->cancelled) cancel_all(state);
    Wake wake(executor, 1);
    state->joiners.push_back(&wake);
    const auto place = std::prev(state->joiners.end());
    boost::system::error_code ignored;
    co_await wake.async_receive(asio::redirect_error(asio::use_awaitable, ignored));
    state->joiners.erase(place);
  }
  co_await asio::this_coro::throw_if_cancelled(threw);
}

std::size_t TaskGroup::size() const {
  return state_->children.size();
}

Task<Result<void>> within(Clock& clock, Duration limit,
                          std::function<Task<Result<void>>()> factory) {
  const Executor executor = co_await asio::this_coro::executor;
  std::optional<Result<void>> result;
  std::exception_ptr failure;
  bool timed_out = false;
  TaskGroup group(executor, [&failure](const std::string&, std::exception_ptr e) { failure = e; });
  group.state_->droppable = true;

  group.spawn("task", [&]() -> Task<> {
    // However the task ends, the other child need not sleep on.
    const std::shared_ptr<void> wake(nullptr, [&group](void*) { group.cancel(); });
    result.emplace(co_await factory());
  });
  group.spawn("limit", [&]() -> Task<> {
    co_await clock.sleep_for(limit);
    timed_out = true;
    group.cancel();
  });
  co_await group.join();

  if (failure) std::rethrow_exception(failure);
  // A task that succeeded while it was being stopped has succeeded all the same.
  if (result && (result->ok() || !timed_out)) co_return std::move(*result);
  if (!timed_out) throw boost::system::system_error(asio::error::operation_aborted);
  co_return transient("timed out after " + to_text(limit));
}

Task<> run_on(Executor other, std::function<void()> work) {
  const auto start = [&other, &work](auto handler) {
    const Executor home = asio::get_associated_executor(handler);
    auto job = [work = std::move(work), handler = std::move(handler),
                guard = asio::make_work_guard(home)]() mutable {
      std::exception_ptr failure;
      try {
        work();
      } catch (...) {
        failure = std::current_exception();
      }
      work = nullptr;  // what the work captured dies on the thread that used it
      asio::post(guard.get_executor(), [handler = std::move(handler), failure]() mutable {
        std::move(handler)(failure);
      });
    };
    asio::post(other, std::move(job));
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr)>(
      start, asio::use_awaitable);
}

}  // namespace earshot

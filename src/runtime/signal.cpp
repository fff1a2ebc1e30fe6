#include "earshot/runtime/signal.hpp"

#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "earshot/core/rare.hpp"
#include "earshot/runtime/clock.hpp"

namespace earshot {

namespace asio = boost::asio;

struct Signal::State {
  explicit State(const Executor& executor) : channel(executor, 1) {}
  asio::experimental::channel<void(boost::system::error_code)>
      channel;  // holds one poke; needs no reactor
};

Signal::Signal(Executor executor) : state_(std::make_unique<State>(std::move(executor))) {}
Signal::~Signal() = default;

void Signal::poke() {
  state_->channel.try_send(boost::system::error_code{});
}

Task<> Signal::wait() {
  if (state_->channel.try_receive([](boost::system::error_code) {})) co_return;
  if (rare("signal.wakes_for_nothing")) co_return;
  boost::system::error_code error;  // the channel has a word of its own for cancellation
  co_await state_->channel.async_receive(asio::redirect_error(asio::use_awaitable, error));
  if (error) throw boost::system::system_error(asio::error::operation_aborted);
}

// Not Asio's `a || b`: where both sides hear of a cancellation it throws multiple_exceptions, which
// nobody takes for one (Boost 1.81).
Task<> Signal::wait(Clock& clock, Duration limit) {
  if (state_->channel.try_receive([](boost::system::error_code) {})) co_return;
  if (rare("signal.wakes_for_nothing")) {
    co_await clock.sleep_for(milliseconds{1});
    co_return;
  }
  const auto poked = [state = state_.get()]() -> Task<Result<void>> {
    boost::system::error_code error;  // the channel has a word of its own for cancellation
    co_await state->channel.async_receive(asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return transient("nobody came");  // no throw: it ends so each second
    co_return Result<void>{};
  };
  const std::function<Task<Result<void>>()> receive = poked;
  [[maybe_unused]] const Result<void> in_time = co_await within(clock, limit, receive);
  const asio::cancellation_state here = co_await asio::this_coro::cancellation_state;
  if (here.cancelled() != asio::cancellation_type::none)
    throw boost::system::system_error(asio::error::operation_aborted);
}

}  // namespace earshot

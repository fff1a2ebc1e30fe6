#include "earshot/runtime/signal.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "earshot/runtime/clock.hpp"

namespace earshot {

namespace asio = boost::asio;

struct Signal::State {
  explicit State(Executor executor) : channel(std::move(executor), 1) {}
  asio::experimental::channel<void(boost::system::error_code)>
      channel;  // holds one poke; needs no reactor
};

Signal::Signal(Executor executor) : state_(std::make_unique<State>(std::move(executor))) {}
Signal::~Signal() = default;

void Signal::poke() {
  state_->channel.try_send(boost::system::error_code{});
}

Task<> Signal::wait(Clock& clock, Duration limit) {
  using namespace asio::experimental::awaitable_operators;
  if (state_->channel.try_receive([](boost::system::error_code) {})) co_return;
  co_await (clock.sleep_for(limit) || state_->channel.async_receive(asio::use_awaitable));
}

}  // namespace earshot

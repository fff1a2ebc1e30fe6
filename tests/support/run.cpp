#include "support/run.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "support/fake_clock.hpp"

namespace earshot {

Loop::Loop() : io_(std::make_unique<boost::asio::io_context>(1)) {}
Loop::~Loop() = default;

Executor Loop::executor() {
  return io_->get_executor();
}

void Loop::settle() {
  io_->restart();
  while (io_->poll() > 0) {
  }
}

void Loop::drive(const End& end, Duration most) {
  const auto until = std::chrono::steady_clock::now() + most;
  io_->restart();
  while (!end.done && std::chrono::steady_clock::now() < until) {
    if (io_->run_one_until(until) == 0 && io_->stopped()) break;
  }
}

void Loop::launch(Task<> task, End& end) {
  boost::asio::co_spawn(*io_, std::move(task), [&end](std::exception_ptr failure) {
    end.failure = std::move(failure);
    end.done = true;
  });
}

bool Loop::wake_next(FakeClock& clock) {
  return clock.advance_to_next();
}

}  // namespace earshot

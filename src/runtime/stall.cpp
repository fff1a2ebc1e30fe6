#include "earshot/runtime/stall.hpp"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace earshot {

namespace asio = boost::asio;
using std::chrono::microseconds;

Task<> StallWatch::run(Metrics* metrics) {
  const Executor executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor);
  std::array<microseconds, 60> each_second{};
  std::size_t second = 0;
  auto second_ends = std::chrono::steady_clock::now() + seconds{1};
  for (;;) {
    timer.expires_after(tick_);
    co_await timer.async_wait(asio::use_awaitable);
    const auto now = std::chrono::steady_clock::now();
    const auto late = std::chrono::duration_cast<microseconds>(now - timer.expiry());
    worst_ = std::max(worst_, late);
    each_second[second] = std::max(each_second[second], late);
    if (now < second_ends) continue;

    second_ends = now + seconds{1};
    if (metrics != nullptr) {
      const microseconds minute = *std::max_element(each_second.begin(), each_second.end());
      metrics->set("earshot_loop_stall_seconds", std::chrono::duration<double>(minute).count());
      metrics->set("earshot_loop_stall_worst_seconds",
                   std::chrono::duration<double>(worst_).count());
    }
    second = (second + 1) % each_second.size();
    each_second[second] = {};
  }
}

}  // namespace earshot

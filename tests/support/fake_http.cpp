#include "support/fake_http.hpp"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace earshot {

namespace asio = boost::asio;

void FakeHttp::answer(int status, std::string body, Headers headers) {
  answer([=](const HttpRequest& request) -> Result<HttpResponse> {
    return HttpResponse{status, headers, body, request.url};
  });
}

Task<Result<HttpResponse>> FakeHttp::send(HttpRequest request) {
  requests.push_back(request);
  const Executor executor = co_await asio::this_coro::executor;
  // As with a real client, other tasks run before the answer comes.
  co_await asio::post(executor, asio::use_awaitable);

  if (next_.empty() && !otherwise_) {
    ADD_FAILURE() << "no answer was laid out for " << request.method << ' ' << request.url;
    co_return permanent("no answer was laid out");
  }
  if (next_.empty()) co_return otherwise_(request);
  const Handler handler = std::move(next_.front());
  next_.pop_front();
  if (!handler) {
    asio::steady_timer never(executor, asio::steady_timer::time_point::max());
    co_await never.async_wait(asio::use_awaitable);
  }
  co_return handler(request);
}

}  // namespace earshot

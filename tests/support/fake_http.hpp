#pragma once

/// An HttpClient that gives the answers a test has laid out, and remembers what it was asked.
///
///   FakeHttp http;
///   http.answer(200, R"([{"id":"1"}])", {{"ETag", "\"a\""}});
///   http.answer(transient("connection refused"));
///   …
///   EXPECT_EQ(http.requests.at(0).url, "https://social.example/api/v1/notifications");

#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "earshot/runtime/http.hpp"

namespace earshot {

class FakeHttp final : public HttpClient {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;
  using Handler = std::function<Result<HttpResponse>(const HttpRequest&)>;

  std::vector<HttpRequest> requests;

  /// The next answers, in order.
  void answer(int status, std::string body = {}, Headers headers = {});
  void answer(Error error) {
    next_.push_back([error](const HttpRequest&) { return error; });
  }
  void answer(Handler handler) { next_.push_back(std::move(handler)); }
  /// The next request waits until it is cancelled.
  void answer_never() { next_.emplace_back(); }
  /// Answers every request that no queued answer is left for. Without it such a request fails the
  /// test.
  void otherwise(Handler handler) { otherwise_ = std::move(handler); }
  std::size_t unused() const { return next_.size(); }

  Task<Result<HttpResponse>> send(HttpRequest request) override;

 private:
  std::deque<Handler> next_;
  Handler otherwise_;
};

}  // namespace earshot

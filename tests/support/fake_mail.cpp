#include "support/fake_mail.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace earshot {

namespace asio = boost::asio;

namespace {

Task<> let_others_run() {
  const Executor executor = co_await asio::this_coro::executor;
  co_await asio::post(executor, asio::use_awaitable);
}

class FakeMailStream final : public MailStream {
 public:
  explicit FakeMailStream(FakeMailServer& server) : server_(server), waiting_(server.greeting) {}

  Task<Result<void>> write(std::string bytes, Duration) override {
    co_await let_others_run();
    server_.written.push_back(bytes);
    if (server_.reply) waiting_ += server_.reply(bytes);
    co_return Result<void>{};
  }

  Task<Result<std::string>> read(std::size_t most, Duration limit) override {
    co_await let_others_run();
    if (waiting_.empty() && server_.closes) co_return transient("closed by the server");
    if (waiting_.empty()) co_return transient("timed out after " + to_text(limit));
    std::string part = waiting_.substr(0, most);
    waiting_.erase(0, part.size());
    co_return part;
  }

 private:
  FakeMailServer& server_;
  std::string waiting_;
};

}  // namespace

Task<Result<void>> FakeMailSender::send(SmtpMessage message) {
  co_await let_others_run();
  messages.push_back(std::move(message));
  if (next_.empty()) co_return Result<void>{};
  Result<void> result = std::move(next_.front());
  next_.pop_front();
  co_return result;
}

Task<Result<std::unique_ptr<MailStream>>> FakeMailConnector::open(MailLogin login) {
  co_await let_others_run();
  logins.push_back(std::move(login));
  if (!refusals_.empty()) {
    Error error = std::move(refusals_.front());
    refusals_.pop_front();
    co_return error;
  }
  std::unique_ptr<MailStream> stream = std::make_unique<FakeMailStream>(server_);
  co_return stream;
}

}  // namespace earshot

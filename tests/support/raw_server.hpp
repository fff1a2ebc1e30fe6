#pragma once

/// A TCP server on a loopback port of the system's choice that says exactly the bytes a test wants,
/// in the test's own event loop.
///
///   RawServer server{loop, [](RawConnection& peer) -> Task<> {
///     while (co_await peer.request()) co_await peer.say("HTTP/1.1 204 No Content\r\n\r\n");
///   }};
///   loop.run(http->send({.url = server.url("/")}));

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "support/run.hpp"

namespace earshot {

class RawConnection {
 public:
  explicit RawConnection(boost::asio::ip::tcp::socket socket) : socket_(std::move(socket)) {}

  std::string head;  ///< of the last request: its first line and headers
  std::string body;

  /// Reads one HTTP request with a Content-Length or no body; false at the end of the connection.
  Task<bool> request() {
    std::size_t end = std::string::npos;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      const bool more = co_await fill();
      if (!more) co_return false;
    }
    head = buffer_.substr(0, end + 4);
    buffer_.erase(0, end + 4);
    const std::size_t at = head.find("Content-Length: ");
    const std::size_t size = at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
    while (buffer_.size() < size) {
      const bool more = co_await fill();
      if (!more) co_return false;
    }
    body = buffer_.substr(0, size);
    buffer_.erase(0, size);
    co_return true;
  }

  /// Reads one line, its end included; false at the end of the connection.
  Task<bool> line(std::string& out) {
    std::size_t end = std::string::npos;
    while ((end = buffer_.find('\n')) == std::string::npos) {
      const bool more = co_await fill();
      if (!more) co_return false;
    }
    out = buffer_.substr(0, end + 1);
    buffer_.erase(0, end + 1);
    co_return true;
  }

  /// Waits until `count` bytes have come in all, or the end.
  Task<> bytes(std::size_t count) {
    while (buffer_.size() < count) {
      const bool more = co_await fill();
      if (!more) co_return;
    }
  }

  /// False where the other side is gone.
  Task<bool> say(std::string text) {
    boost::system::error_code failed;
    co_await boost::asio::async_write(
        socket_, boost::asio::buffer(text),
        boost::asio::redirect_error(boost::asio::use_awaitable, failed));
    co_return !failed;
  }

  void reset() {
    boost::system::error_code ignored;
    socket_.set_option(boost::asio::socket_base::linger(true, 0), ignored);
    socket_.close(ignored);
  }
  boost::asio::ip::tcp::socket& socket() { return socket_; }

 private:
  Task<bool> fill() {
    char part[16384];
    boost::system::error_code failed;
    const std::size_t n = co_await socket_.async_read_some(
        boost::asio::buffer(part), boost::asio::redirect_error(boost::asio::use_awaitable, failed));
    buffer_.append(part, n);
    co_return !failed;
  }

  boost::asio::ip::tcp::socket socket_;
  std::string buffer_;
};

class RawServer {
 public:
  using Handler = std::function<Task<>(RawConnection&)>;

  RawServer(Loop& loop, Handler handler, const char* address = "127.0.0.1")
      : state_(std::make_shared<State>(loop.context(), std::move(handler), address)) {
    boost::asio::co_spawn(loop.context(), accept(state_), [](std::exception_ptr) {});
  }
  ~RawServer() {
    boost::system::error_code ignored;
    state_->acceptor.close(ignored);
    for (const auto& connection : state_->connections) {
      if (const auto peer = connection.lock()) peer->socket().close(ignored);
    }
  }

  unsigned short port() const { return state_->port; }
  std::string url(const std::string& path, const std::string& host = "127.0.0.1") const {
    return "http://" + host + ":" + std::to_string(port()) + path;
  }
  std::size_t accepted() const { return state_->connections.size(); }

 private:
  struct State {
    State(boost::asio::io_context& io, Handler h, const char* address)
        : acceptor(io, {boost::asio::ip::make_address_v4(address), 0}),
          port(acceptor.local_endpoint().port()),
          handler(std::move(h)) {}
    boost::asio::ip::tcp::acceptor acceptor;
    unsigned short port;
    Handler handler;
    std::vector<std::weak_ptr<RawConnection>> connections;
  };

  static Task<> accept(std::shared_ptr<State> state) {
    for (;;) {
      boost::asio::ip::tcp::socket socket =
          co_await state->acceptor.async_accept(boost::asio::use_awaitable);
      auto peer = std::make_shared<RawConnection>(std::move(socket));
      state->connections.push_back(peer);
      boost::asio::co_spawn(state->acceptor.get_executor(), serve(state, peer),
                            [](std::exception_ptr) {});
    }
  }
  static Task<> serve(std::shared_ptr<State> state, std::shared_ptr<RawConnection> peer) {
    co_await state->handler(*peer);
  }

  std::shared_ptr<State> state_;  // shared with the coroutines that accept and serve
};

}  // namespace earshot

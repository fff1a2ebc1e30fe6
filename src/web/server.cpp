#include "earshot/web/server.hpp"

#include <fmt/format.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <charconv>

#include "api.hpp"
#include "earshot/runtime/clock.hpp"
#include "earshot/runtime/log.hpp"

namespace earshot {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Tcp = asio::ip::tcp;

// RELIABILITY 4.2
constexpr std::size_t kHeaderLimit = 16U << 10U;
constexpr std::size_t kBodyLimit = std::size_t{8} << 20U;
constexpr std::size_t kConnections = 1000;
constexpr auto kHeaderTime = std::chrono::seconds{10};
constexpr auto kBodyTime = std::chrono::seconds{30};
constexpr auto kIdleTime = std::chrono::seconds{60};
constexpr auto kWriteTime = std::chrono::seconds{30};
constexpr std::size_t kMostHeaders = 64;

using Buffer = beast::flat_buffer;
using Parser = http::request_parser<http::string_body>;

std::optional<Tcp::endpoint> parse_listen(const std::string& listen) {
  const std::size_t colon = listen.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  std::string host = listen.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  unsigned port = 0;
  const std::string_view digits = std::string_view{listen}.substr(colon + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  boost::system::error_code bad;
  const auto address = asio::ip::make_address(host, bad);
  if (bad || error != std::errc{} || end != digits.data() + digits.size() || port > 65535)
    return std::nullopt;
  return Tcp::endpoint{address, static_cast<std::uint16_t>(port)};
}

void secure(http::response<http::string_body>& response) {
  response.set("X-Content-Type-Options", "nosniff");
  response.set("Referrer-Policy", "no-referrer");
  response.set("Cross-Origin-Opener-Policy", "same-origin");
  response.set("Content-Security-Policy",
               "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
               "connect-src 'self'; form-action 'self'; "
               "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'");
  if (response.find(http::field::cache_control) == response.end())
    response.set(http::field::cache_control, "no-store");
}

WebRequest to_request(Parser& parser, const RequestTarget& target, const std::string& peer) {
  WebRequest out;
  out.method = std::string{parser.get().method_string()};
  out.path = target.path;
  out.query = target.query;
  for (const auto& field : parser.get())
    out.headers.emplace_back(std::string{field.name_string()}, std::string{field.value()});
  out.body = std::move(parser.get().body());
  out.peer = peer;
  return out;
}

bool smuggles(const Parser& parser) {
  const auto& fields = parser.get();
  const bool both = fields.find(http::field::transfer_encoding) != fields.end() &&
                    fields.find(http::field::content_length) != fields.end();
  std::size_t count = 0;
  for (const auto& field : fields) {
    static_cast<void>(field);
    ++count;
  }
  return both || count > kMostHeaders;
}

}  // namespace

struct WebServer::State {
  State(Executor ex, Backend& backend, Clock& shell_clock, WebOptions given)
      : executor(std::move(ex)),
        acceptor(executor),
        clock(shell_clock),
        options(std::move(given)),
        api(backend, shell_clock, options.ack_keys),
        sessions(executor, ignore) {}

  static void ignore(const std::string&, std::exception_ptr failure) {
    try {
      std::rethrow_exception(failure);
    } catch (const StoreError&) {
      throw;
    } catch (const std::exception& e) {
      log(LogLevel::warn, "connection failed", {{"why", e.what()}});
    }
  }

  Task<> session(std::shared_ptr<beast::tcp_stream> stream);
  Task<bool> one(beast::tcp_stream& stream, Buffer& buffer, const std::string& peer);
  Task<> stream_events(beast::tcp_stream& stream, WebRequest request, Viewer viewer);

  Executor executor;
  Tcp::acceptor acceptor;
  Clock& clock;
  WebOptions options;
  Api api;
  TaskGroup sessions;
};

WebServer::WebServer(Executor executor, Backend& backend, Clock& clock, WebOptions options)
    : state_(std::make_unique<State>(std::move(executor), backend, clock, std::move(options))) {}
WebServer::~WebServer() = default;

bool is_loopback(const std::string& listen) {
  const auto endpoint = parse_listen(listen);
  return endpoint && endpoint->address().is_loopback();
}

Result<void> WebServer::open(bool may_leave_loopback) {
  const auto endpoint = parse_listen(state_->options.listen);
  if (!endpoint)
    return permanent("web.listen: \"" + state_->options.listen + "\" is no address:port");
  if (!endpoint->address().is_loopback() && !may_leave_loopback) {
    return permanent("web.listen: " + state_->options.listen +
                     " is reachable by others, but nobody could be kept out; make a token first "
                     "(earshot token add)");
  }
  boost::system::error_code failed;
  Tcp::acceptor& acceptor = state_->acceptor;
  acceptor.open(endpoint->protocol(), failed);
  if (!failed) acceptor.set_option(asio::socket_base::reuse_address(true), failed);
  if (!failed) acceptor.bind(*endpoint, failed);
  if (!failed) acceptor.listen(asio::socket_base::max_listen_connections, failed);
  if (failed) return permanent("web.listen " + state_->options.listen + ": " + failed.message());
  return {};
}

int WebServer::port() const {
  boost::system::error_code failed;
  return state_->acceptor.local_endpoint(failed).port();
}

Task<> WebServer::run() {
  std::exception_ptr why;
  try {
    for (;;) {
      boost::system::error_code failed;
      auto token = asio::redirect_error(asio::use_awaitable, failed);
      Tcp::socket socket = co_await state_->acceptor.async_accept(token);
      if (failed == asio::error::operation_aborted) throw boost::system::system_error(failed);
      if (failed) {  // out of descriptors: existing connections go on, the next try comes soon
        co_await state_->clock.sleep_for(milliseconds{100});
        continue;
      }
      if (state_->sessions.size() >= kConnections) continue;  // closed at once
      auto stream = std::make_shared<beast::tcp_stream>(
          std::move(socket));  // shared by the session's factory and its frame
      State* state = state_.get();
      state_->sessions.spawn("session", [state, stream] { return state->session(stream); });
    }
  } catch (...) {
    why = std::current_exception();
  }
  boost::system::error_code ignored;
  state_->acceptor.close(ignored);
  state_->sessions.cancel();
  // A cancelled coroutine's next co_await throws, and the connections would outlive this server.
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await state_->sessions.join();
  std::rethrow_exception(why);
}

Task<> WebServer::State::session(std::shared_ptr<beast::tcp_stream> stream) {
  boost::system::error_code failed;
  stream->socket().set_option(Tcp::no_delay(true), failed);
  const std::string peer = stream->socket().remote_endpoint(failed).address().to_string();
  Buffer buffer{kHeaderLimit + kBodyLimit};
  for (bool more = true; more;) more = co_await one(*stream, buffer, peer);
  stream->socket().shutdown(Tcp::socket::shutdown_send, failed);
}

/// One exchange; false where the connection ends.
Task<bool> WebServer::State::one(beast::tcp_stream& stream, Buffer& buffer,
                                 const std::string& peer) {
  Parser parser;
  parser.header_limit(kHeaderLimit);
  parser.body_limit(kBodyLimit);
  boost::system::error_code failed;
  auto token = asio::redirect_error(asio::use_awaitable, failed);
  stream.expires_after(buffer.size() > 0 ? kHeaderTime : kIdleTime);
  co_await http::async_read_header(stream, buffer, parser, token);
  if (!failed) {
    stream.expires_after(kBodyTime);
    co_await http::async_read(stream, buffer, parser, token);
  }
  if (failed == http::error::end_of_stream || failed == asio::error::operation_aborted ||
      failed == beast::error::timeout || failed == asio::error::connection_reset ||
      failed == asio::error::eof) {
    co_return false;
  }

  WebResponse answer;
  bool keep = false;
  bool head = false;
  const auto wrong = [](int status, const std::string& text) {
    return WebResponse{
        status,
        "application/json",
        fmt::format(
            R"({{"error":{{"code":"bad_request","text":"{}","field":null,"detail":{{}},"id":null}}}})",
            text),
        {}};
  };
  if (failed) {
    const bool large = failed == http::error::body_limit || failed == http::error::header_limit ||
                       failed == http::error::buffer_overflow;
    answer = wrong(large ? 413 : 400,
                   large ? "The request is too large." : "This is not an HTTP request.");
  } else if (const auto target = parse_target(parser.get().target()); !target || smuggles(parser)) {
    answer = wrong(400, "The request line or headers are malformed.");
  } else {
    keep = parser.get().keep_alive();
    head = parser.get().method() == http::verb::head;
    WebRequest request = to_request(parser, *target, peer);
    if (request.path == "/api/v1/events" && request.method == "GET") {
      Viewer viewer;
      auto refused = co_await api.may_stream(request, viewer);
      if (!refused) {
        co_await stream_events(stream, std::move(request), viewer);
        co_return false;
      }
      answer = std::move(*refused);
    } else {
      stream.expires_never();
      answer = co_await api.handle(std::move(request));
    }
  }

  http::response<http::string_body> response{static_cast<http::status>(answer.status), 11};
  response.set(http::field::server, "earshot");
  response.set(http::field::content_type, answer.type);
  for (const auto& [name, value] : answer.headers) response.set(name, value);
  response.set("X-Earshot-Time", to_rfc3339_ms(clock.now()));
  secure(response);
  response.keep_alive(keep);
  const std::size_t length = answer.body.size();
  if (!head) response.body() = std::move(answer.body);
  response.content_length(length);
  stream.expires_after(kWriteTime);
  http::response_serializer<http::string_body> serializer{response};
  if (head)
    co_await http::async_write_header(stream, serializer, token);
  else
    co_await http::async_write(stream, serializer, token);
  co_return keep && !failed;
}

Task<> WebServer::State::stream_events(beast::tcp_stream& stream, WebRequest request,
                                       Viewer viewer) {
  const std::string head = fmt::format(
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nCache-Control: "
      "no-store\r\nX-Accel-Buffering: no\r\n"
      "X-Content-Type-Options: nosniff\r\nConnection: close\r\nX-Earshot-Time: {}\r\n\r\n",
      to_rfc3339_ms(clock.now()));
  boost::system::error_code failed;
  auto token = asio::redirect_error(asio::use_awaitable, failed);
  std::string chunk = head;
  std::int64_t cursor = -1;
  std::string since{request.header("Last-Event-ID")};
  if (since.empty()) since = request.query_or("since");
  if (!since.empty()) std::from_chars(since.data(), since.data() + since.size(), cursor);
  while (!failed) {
    stream.expires_after(kWriteTime);
    co_await asio::async_write(stream, asio::buffer(chunk), token);
    if (failed) break;
    chunk = co_await api.next_events(cursor, viewer, seconds{15});
    if (chunk.empty()) chunk = ": still here\n\n";
  }
}

}  // namespace earshot

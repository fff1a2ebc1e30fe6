#include "earshot/web/server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <map>

#include "api.hpp"
#include "connection.hpp"
#include "earshot/runtime/clock.hpp"
#include "earshot/runtime/log.hpp"

namespace earshot {
namespace {

using namespace std::string_view_literals;
namespace asio = boost::asio;
namespace beast = boost::beast;
using Tcp = asio::ip::tcp;

// RELIABILITY 4.2
constexpr std::size_t kAllBodies = std::size_t{64} << 20U;  // of all connections together
constexpr std::size_t kConnections = 1000;
constexpr int kConnectionsOfOne = 50;

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

/// What a path is counted as: few words whatever the paths that strangers make up.
std::string_view route_of(std::string_view path) {
  constexpr std::array kWhole{"/"sv, "/metrics"sv, "/-/healthy"sv, "/-/ready"sv, "/-/reload"sv};
  constexpr std::array kUnder{"/api/v1/posts"sv,
                              "/api/v1/cases"sv,
                              "/api/v1/questions"sv,
                              "/api/v1/actions"sv,
                              "/api/v1/letters"sv,
                              "/api/v1/customers"sv,
                              "/api/v1/privacy"sv,
                              "/api/v1/digest"sv,
                              "/api/v1/reports"sv,
                              "/api/v1/storms"sv,
                              "/api/v1/silences"sv,
                              "/api/v1/oncall"sv,
                              "/api/v1/outbox"sv,
                              "/api/v1/sources"sv,
                              "/api/v1/quarantine"sv,
                              "/api/v1/events"sv,
                              "/api/v1/explain"sv,
                              "/api/v1/ledger"sv,
                              "/api/v1"sv,
                              "/a/"sv};
  for (const std::string_view it : kWhole)
    if (path == it) return it;
  for (const std::string_view it : kUnder)
    if (path.starts_with(it)) return it;
  return "other";
}

/// Whose connections are counted together: an IPv4 address, or the /64 that one IPv6 host has.
std::string counted_as(const asio::ip::address& address) {
  if (address.is_v4()) return address.to_string();
  const asio::ip::address_v6 v6 = address.to_v6();
  if (v6.is_v4_mapped()) return asio::ip::make_address_v4(asio::ip::v4_mapped, v6).to_string();
  asio::ip::address_v6::bytes_type bytes = v6.to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
  return asio::ip::address_v6{bytes}.to_string();
}

/// Takes `bytes` of a budget for as long as it lives; `good` where they were left.
class Share {
 public:
  Share(std::size_t& used, std::size_t most, std::size_t bytes)
      : good(bytes <= most - used), used_(used), bytes_(good ? bytes : 0) {
    used_ += bytes_;
  }
  ~Share() { used_ -= bytes_; }
  Share(const Share&) = delete;
  Share& operator=(const Share&) = delete;
  const bool good;

 private:
  std::size_t& used_;
  std::size_t bytes_ = 0;
};

}  // namespace

struct WebServer::State {
  State(Executor ex, Backend& backend, Clock& shell_clock, WebOptions given)
      : executor(std::move(ex)),
        acceptor(executor),
        clock(shell_clock),
        options(std::move(given)),
        api(backend, shell_clock, options.ack_keys),
        sessions(executor, [this](const std::string& name, std::exception_ptr failure) {
          ended_badly(name, std::move(failure));
        }) {}

  void ended_badly(const std::string& name, std::exception_ptr failure) const {
    try {
      std::rethrow_exception(failure);
    } catch (const StoreError&) {
      if (!options.failed) throw;
      options.failed(name, failure);
    } catch (const std::exception& e) {
      log(LogLevel::warn, "connection failed", {{"why", e.what()}});
    }
  }

  /// A connection and its place among those of its address.
  struct Guest {
    Guest(Tcp::socket socket, const std::string& peer, std::map<std::string, int>& all,
          std::string key)
        : connection(std::move(socket), peer), places(all), place(std::move(key)) {
      ++places[place];
    }
    ~Guest() {
      if (--places[place] == 0) places.erase(place);
    }
    Guest(const Guest&) = delete;
    Guest& operator=(const Guest&) = delete;
    Connection connection;
    std::map<std::string, int>& places;
    std::string place;
  };

  void take(Tcp::socket socket);
  void note_refused(const std::string& peer, const char* why);
  Task<> session(std::shared_ptr<Guest> guest);
  Task<bool> one(Connection& connection);
  Task<bool> refuse(Connection& connection, WebResponse answer);
  Task<bool> answer(Connection& connection, WebRequest request, bool keep);
  Task<> stream_events(beast::tcp_stream& stream, WebRequest request, Viewer viewer);

  Executor executor;
  Tcp::acceptor acceptor;
  Clock& clock;
  WebOptions options;
  Api api;
  std::map<std::string, int> places;   ///< open connections by address
  std::size_t body_bytes = 0;          ///< of bodies being read or answered
  std::optional<Duration> refused_at;  ///< steady time of the last line about refused connections
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

std::size_t WebServer::connections() const {
  return state_->sessions.size();
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
      state_->take(std::move(socket));
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

/// One line a minute however many are turned away.
void WebServer::State::note_refused(const std::string& peer, const char* why) {
  const Duration now = clock.steady();
  if (refused_at && now - *refused_at < minutes{1}) return;
  refused_at = now;
  log(LogLevel::warn, "connections are refused", {{"peer", peer}, {"why", why}});
}

/// Beyond the limits a connection is closed at once.
void WebServer::State::take(Tcp::socket socket) {
  boost::system::error_code failed;
  const Tcp::endpoint remote = socket.remote_endpoint(failed);
  if (failed) return;  // gone already
  const std::string peer = remote.address().to_string();
  const std::string place = counted_as(remote.address());
  if (sessions.size() >= kConnections) return note_refused(peer, "1000 connections are open");
  const auto known = places.find(place);
  if (known != places.end() && known->second >= kConnectionsOfOne)
    return note_refused(peer, "50 connections of this address are open");
  auto guest = std::make_shared<Guest>(std::move(socket), peer, places,
                                       place);  // shared by the session's factory and its frame
  sessions.spawn("session", [this, guest] { return session(guest); });
}

Task<> WebServer::State::session(std::shared_ptr<Guest> guest) {
  for (bool more = true; more;) more = co_await one(guest->connection);
  co_await guest->connection.linger();
}

Task<bool> WebServer::State::refuse(Connection& connection, WebResponse answer) {
  if (options.served) options.served("refused", answer.status, Duration{0});
  std::string time = to_rfc3339_ms(clock.now());
  co_return co_await connection.send(std::move(answer), std::move(time), false, false);
}

/// One exchange; false where the connection ends.
Task<bool> WebServer::State::one(Connection& connection) {
  const HeadScan scan = co_await connection.read_head();
  if (scan.state == HeadScan::State::more) co_return false;
  WebResponse refused = refusal(scan.status, scan.why);
  if (scan.state == HeadScan::State::refused)
    co_return co_await refuse(connection, std::move(refused));
  if (scan.length > kBodyBytes) {
    refused = refusal(413, "The body is larger than 8 MiB.");
    co_return co_await refuse(connection, std::move(refused));
  }
  // The bodies being read and answered share a budget: their number alone would not bound memory.
  const bool chunked = scan.framing == Framing::chunked;
  const Share share{body_bytes, kAllBodies, chunked ? kBodyBytes : scan.length};
  if (!share.good) {
    refused = refusal(503, "Too many large requests at once.");
    refused.headers.emplace_back("Retry-After", "1");
    co_return co_await refuse(connection, std::move(refused));
  }
  Connection::Received received = co_await connection.read_request(scan);
  if (received.refused) co_return co_await refuse(connection, std::move(*received.refused));
  if (!received.request) co_return false;
  co_return co_await answer(connection, std::move(*received.request), received.keep);
}

Task<bool> WebServer::State::answer(Connection& connection, WebRequest request, bool keep) {
  const bool head = request.method == "HEAD";
  const std::string_view route = route_of(request.path);
  const Duration began = clock.steady();
  WebResponse answer;
  if (request.path == "/api/v1/events" && request.method == "GET") {
    Viewer viewer;
    auto refused = co_await api.may_stream(request, viewer);
    if (!refused) {
      co_await stream_events(connection.stream(), std::move(request), viewer);
      co_return false;
    }
    answer = std::move(*refused);
  } else {
    connection.stream().expires_never();
    try {
      answer = co_await api.handle(std::move(request));
    } catch (const StoreUnreadable& e) {
      log(LogLevel::warn, "the database cannot be read", {{"why", e.what()}});
      answer = refusal(503, "The database cannot be read.");
    }
  }
  if (options.served) options.served(route, answer.status, clock.steady() - began);
  std::string time = to_rfc3339_ms(clock.now());
  co_return co_await connection.send(std::move(answer), std::move(time), keep, head);
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

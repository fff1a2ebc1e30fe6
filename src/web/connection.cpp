#include "connection.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http.hpp>

namespace earshot {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Tcp = asio::ip::tcp;
using Parser = http::request_parser<http::string_body>;

constexpr std::size_t kReadAhead = std::size_t{64} << 10U;
constexpr std::chrono::seconds kLingerTime{2};
constexpr std::size_t kLingerBytes = std::size_t{16} << 20U;

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

std::string_view seen(const beast::flat_buffer& buffer) {
  return {static_cast<const char*>(buffer.data().data()), buffer.size()};
}

/// The bytes are no HTTP, as opposed to a connection that ended.
bool is_malformed(const boost::system::error_code& failed) {
  return failed.category() == http::make_error_code(http::error::bad_value).category() &&
         failed != http::error::end_of_stream && failed != http::error::partial_message;
}

}  // namespace

WebResponse refusal(int status, std::string_view text) {
  const std::string_view code = status == 503 ? "busy" : "bad_request";
  return {
      status,
      "application/json",
      fmt::format(R"({{"error":{{"code":"{}","text":"{}","field":null,"detail":{{}},"id":null}}}})",
                  code, text),
      {}};
}

Connection::Connection(Tcp::socket socket, std::string peer)
    : stream_(std::move(socket)), buffer_(kHeadBytes + kReadAhead), peer_(std::move(peer)) {
  boost::system::error_code ignored;
  stream_.socket().set_option(Tcp::no_delay(true), ignored);
}

/// The first byte of a further request may be a minute in coming, the others not.
Task<HeadScan> Connection::read_head() {
  bool begun = !kept_ || buffer_.size() > 0;
  kept_ = true;
  stream_.expires_after(begun ? kHeaderTime : kIdleTime);
  boost::system::error_code failed;
  auto token = asio::redirect_error(asio::use_awaitable, failed);
  std::size_t looked = 0;
  for (;;) {
    // Only a line end can change the verdict: a drip of single bytes is not read over and over.
    const std::string_view fresh = seen(buffer_).substr(looked);
    if (fresh.find('\n') != std::string_view::npos || buffer_.size() >= kHeadBytes) {
      const HeadScan scan = scan_head(seen(buffer_));
      if (scan.state != HeadScan::State::more) co_return scan;
    }
    looked = buffer_.size();
    const auto room = buffer_.prepare(4096);
    const std::size_t got = co_await stream_.async_read_some(room, token);
    if (failed) co_return HeadScan{};
    buffer_.commit(got);
    if (!begun) stream_.expires_after(kHeaderTime);
    begun = true;
  }
}

Task<Connection::Received> Connection::read_request(HeadScan scan) {
  Received out;
  boost::system::error_code failed;
  auto token = asio::redirect_error(asio::use_awaitable, failed);
  stream_.expires_after(kBodyTime);
  if (scan.expects_continue && scan.framing != Framing::none) {
    const std::string_view go = "HTTP/1.1 100 Continue\r\n\r\n";
    co_await asio::async_write(stream_, asio::buffer(go), token);
    if (failed) co_return out;
  }
  Parser parser;
  parser.header_limit(kHeadBytes);
  parser.body_limit(kBodyBytes);
  co_await http::async_read(stream_, buffer_, parser, token);
  if (failed == http::error::body_limit) {
    out.refused = refusal(413, "The body is larger than 8 MiB.");
  } else if (failed == http::error::buffer_overflow || is_malformed(failed)) {
    out.refused = refusal(400, "This is not an HTTP request.");
  } else if (!failed) {
    out.keep = parser.get().keep_alive();
    if (const auto target = parse_target(parser.get().target()))
      out.request = to_request(parser, *target, peer_);
    else
      out.refused = refusal(400, "The request line is malformed.");
  }
  co_return out;
}

Task<bool> Connection::send(WebResponse answer, std::string time, bool keep, bool head) {
  http::response<http::string_body> response{static_cast<http::status>(answer.status), 11};
  response.set(http::field::server, "earshot");
  response.set(http::field::content_type, answer.type);
  for (const auto& [name, value] : answer.headers) response.set(name, value);
  response.set("X-Earshot-Time", time);
  secure(response);
  response.keep_alive(keep);
  const std::size_t length = answer.body.size();
  if (!head) response.body() = std::move(answer.body);
  response.content_length(length);
  boost::system::error_code failed;
  auto token = asio::redirect_error(asio::use_awaitable, failed);
  stream_.expires_after(kWriteTime);
  http::response_serializer<http::string_body> serializer{response};
  if (head)
    co_await http::async_write_header(stream_, serializer, token);
  else
    co_await http::async_write(stream_, serializer, token);
  co_return keep && !failed;
}

/// Closing while bytes of the client wait to be read would reset the connection, and the client
/// might never see the answer.
Task<> Connection::linger() {
  boost::system::error_code failed;
  stream_.socket().shutdown(Tcp::socket::shutdown_send, failed);
  auto token = asio::redirect_error(asio::use_awaitable, failed);
  stream_.expires_after(kLingerTime);
  std::array<char, 16384> waste{};
  for (std::size_t taken = 0; !failed && taken < kLingerBytes;)
    taken += co_await stream_.async_read_some(asio::buffer(waste), token);
}

}  // namespace earshot

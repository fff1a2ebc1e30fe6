#pragma once

/// One connection of the HTTP server: reads requests inside their limits and times (RELIABILITY
/// 4.2), writes answers. Used on the I/O thread. Beast's types stay in the web room.

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "earshot/runtime/task.hpp"
#include "http/head.hpp"
#include "http/request.hpp"

namespace earshot {

inline constexpr std::size_t kBodyBytes = std::size_t{8} << 20U;
inline constexpr std::chrono::seconds kHeaderTime{10};  ///< from its first byte to its last
inline constexpr std::chrono::seconds kBodyTime{30};
inline constexpr std::chrono::seconds kIdleTime{60};  ///< between two requests
inline constexpr std::chrono::seconds kWriteTime{30};

class Connection {
 public:
  Connection(boost::asio::ip::tcp::socket socket, std::string peer);

  /// State::more: the connection has ended or the time is over.
  Task<HeadScan> read_head();
  /// The whole request behind a head that read_head found whole. No request and no refusal: the
  /// connection has ended or the time is over.
  struct Received {
    std::optional<WebRequest> request{};
    bool keep = false;  ///< the client may send another request
    std::optional<WebResponse> refused{};
  };
  Task<Received> read_request(HeadScan scan);
  /// False where the connection cannot be used any more. `head`: the answer to HEAD, without a
  /// body.
  Task<bool> send(WebResponse answer, std::string time, bool keep, bool head);
  /// Ends the connection so that the client can still read the last answer.
  Task<> linger();

  boost::beast::tcp_stream& stream() { return stream_; }

 private:
  boost::beast::tcp_stream stream_;
  boost::beast::flat_buffer buffer_;
  std::string peer_;
  bool kept_ = false;  // a request was read on it before
};

/// What the server itself refuses, in the API's form. `text` is ours, no quotes in it.
WebResponse refusal(int status, std::string_view text);

}  // namespace earshot

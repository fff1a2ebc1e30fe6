#pragma once

/// HTTP as the connectors see it. Real: one libcurl multi on Asio (runtime/curl_*.cpp). In tests:
/// FakeHttp.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "earshot/core/instant.hpp"
#include "earshot/core/result.hpp"
#include "earshot/runtime/network.hpp"
#include "earshot/runtime/task.hpp"

namespace earshot {

struct HttpRequest {
  std::string method = "GET";
  std::string url;  ///< http or https only
  std::vector<std::pair<std::string, std::string>>
      headers{};  ///< CR, LF and NUL in a value are refused
  std::string body{};
  std::string bearer{};  ///< Authorization: Bearer …; never logged
  std::string user{};    ///< Basic authentication where not empty
  std::string password{};
  std::string ca_file{};  ///< trust these authorities instead of the system's
  Duration timeout = seconds{60};
  Duration connect_timeout = seconds{10};
  std::size_t max_body = std::size_t{8}
                         << 20U;  ///< decompressed bytes; beyond it the transfer ends with an error
  NetworkPolicy network{};        ///< joined with the client's own policy
  bool once = false;  ///< never sent a second time by the client itself, whatever key it carries:
                      ///< whoever asks looks first
};

struct HttpResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>>
      headers;       ///< in the order received, names as received
  std::string body;  ///< decompressed
  std::string url;   ///< as requested: redirects are never followed here

  /// The first value of a header, names compared without case; "" where absent.
  std::string_view header(std::string_view name) const;
};

/// Retry-After in seconds or as an HTTP-date relative to the answer's own Date (RFC 9110 10.2.3);
/// absurd values are capped at a day.
std::optional<Duration> retry_after(const HttpResponse& response, Instant now);
/// "Sun, 06 Nov 1994 08:49:37 GMT" and the two obsolete forms (RFC 9110 5.6.7).
std::optional<Instant> parse_http_date(std::string_view text);

/// The Error for a status that is not success: 408, 425, 429, 5xx are transient, the rest
/// permanent. Reads Retry-After.
Error http_error(std::string_view where, const HttpResponse& response, Instant now);

class HttpClient {
 public:
  virtual ~HttpClient() = default;
  /// Any complete answer is a value, whatever its status. An Error means that there was none:
  /// `uncertain` where request bytes had been sent. Redirects are not followed. Cancellation ends
  /// the transfer at once.
  virtual Task<Result<HttpResponse>> send(HttpRequest request) = 0;
};

}  // namespace earshot

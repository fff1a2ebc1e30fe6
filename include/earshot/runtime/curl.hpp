#pragma once

/// The network, made of one libcurl multi handle on an Asio executor. What comes out are the
/// contracts of http.hpp and mail.hpp; neither curl nor Asio beyond its executor shows through.
///
///   auto pool = make_curl_pool(executor, options);
///   auto http = make_http_client(*pool);

#include <cstddef>
#include <memory>
#include <string>

#include "earshot/runtime/http.hpp"
#include "earshot/runtime/mail.hpp"
#include "earshot/runtime/task.hpp"

namespace earshot {

struct CurlOptions {
  NetworkPolicy network{};   ///< Joined with the policy of each request.
  std::string user_agent{};  ///< "" means earshot/VERSION.
  std::size_t connections =
      1000;  ///< Open at once, over all hosts; an idle TLS connection holds about 80 KiB.
  std::size_t connections_per_host = 16;
  std::size_t idle_connections = 256;  ///< Kept for the next request.
  std::size_t in_flight = 1000;        ///< Transfers at once; more wait in order of arrival.
  std::size_t starts_per_tick =
      64;  ///< Transfers begun in one turn of the event loop, so that a burst does not hold it up.
};

/// Owns every connection. Runs on the thread of its executor only. Clients and streams made from it
/// may outlive it: their transfers then end with a transient Error.
class CurlPool {
 public:
  virtual ~CurlPool() = default;
  virtual std::size_t in_flight() const = 0;  ///< transfers running or waiting to begin
  virtual std::size_t sockets() const = 0;    ///< connections open, idle ones included
};

std::unique_ptr<CurlPool> make_curl_pool(Executor executor, CurlOptions options = {});
std::unique_ptr<HttpClient> make_http_client(CurlPool& pool);
std::unique_ptr<MailSender> make_mail_sender(CurlPool& pool);
std::unique_ptr<MailConnector> make_mail_connector(CurlPool& pool);

}  // namespace earshot

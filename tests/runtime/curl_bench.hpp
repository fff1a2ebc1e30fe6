#pragma once

/// A client of the pool against raw sockets of this process.

#include <dirent.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "earshot/runtime/clock.hpp"
#include "earshot/runtime/curl.hpp"
#include "support/raw_server.hpp"
#include "support/run.hpp"

namespace earshot::test {

using SteadyClock = std::chrono::steady_clock;

inline std::string ok(const std::string& body, const std::string& headers = {}) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + headers +
         "\r\n" + body;
}

inline std::size_t open_descriptors() {
  DIR* dir = opendir("/proc/self/fd");
  std::size_t count = 0;
  while (readdir(dir) != nullptr) ++count;
  closedir(dir);
  return count;
}

inline NetworkPolicy local() {
  NetworkPolicy policy;
  policy.allow = {*parse_range("127.0.0.0/8"), *parse_range("::1")};
  policy.insecure_http = true;
  return policy;
}

class CurlHttp : public testing::Test {
 protected:
  CurlHttp() { start({}); }
  void start(CurlOptions options) {
    http.reset();
    pool = make_curl_pool(loop.executor(), std::move(options));
    http = make_http_client(*pool);
  }
  static HttpRequest get(std::string url) {
    HttpRequest request;
    request.url = std::move(url);
    request.network = local();
    request.timeout = seconds{5};
    return request;
  }
  static HttpRequest post(std::string url, std::string body) {
    HttpRequest request = get(std::move(url));
    request.method = "POST";
    request.body = std::move(body);
    return request;
  }
  Result<HttpResponse> send(HttpRequest request) {
    return loop.run(http->send(std::move(request)));
  }

  Loop loop;
  std::unique_ptr<CurlPool> pool;
  std::unique_ptr<HttpClient> http;
};

}  // namespace earshot::test

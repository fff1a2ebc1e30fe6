#pragma once

/// The HTTP server: /metrics, health, API v1, signed links, one plain page. Beast stays in
/// server.cpp.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/core/result.hpp"
#include "earshot/runtime/task.hpp"
#include "earshot/web/ack_link.hpp"
#include "earshot/web/backend.hpp"

namespace earshot {

class Clock;

struct WebOptions {
  std::string listen;  ///< "127.0.0.1:8460", "[::1]:8460"; port 0 picks a free one
  std::function<std::vector<AckKey>()> ack_keys;
  /// Told of each exchange: the route ("/api/v1/cases/…", "other"), the status, the time it took.
  std::function<void(std::string_view route, int status, Duration took)> served{};
  /// Told where the store fails under a request; what else goes wrong in a connection is logged.
  TaskGroup::OnFailure failed{};
};

class WebServer {
 public:
  WebServer(Executor executor, Backend& backend, Clock& clock, WebOptions options);
  ~WebServer();

  /// Binds. An Error where the address is taken or wrong, or lies beyond loopback while nobody
  /// could be kept out.
  Result<void> open(bool may_leave_loopback);
  int port() const;
  std::size_t connections() const;
  /// Serves until cancelled; then closes every connection.
  Task<> run();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// True where the address of "host:port" is loopback.
bool is_loopback(const std::string& listen);

}  // namespace earshot

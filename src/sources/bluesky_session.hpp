#pragma once

/// A session with a Personal Data Server: signs in as rarely as possible, refreshes when the server
/// says so. https://atproto.com/specs/xrpc, https://docs.bsky.app/docs/advanced-guides/rate-limits

#include <deque>
#include <string>
#include <utility>

#include "earshot/config/config.hpp"
#include "earshot/core/json.hpp"
#include "earshot/runtime/http.hpp"
#include "earshot/runtime/secrets.hpp"
#include "earshot/sources/source.hpp"

namespace earshot {

class BlueskySession {
 public:
  BlueskySession(SourceConfig config, SourceTools tools)
      : config_(std::move(config)), tools_(std::move(tools)) {}

  Result<void> reread_secrets();
  /// Takes what a former life left, unless this one knows more.
  void read(const JsonValue& state);
  void write(JsonWriter& out) const;

  /// GET /xrpc/… with a valid token: signs in or refreshes where needed; an expired token is
  /// refreshed and the call repeated once. Any answer but 200 is an Error; its status and the
  /// server's own error word are in it.
  Task<Result<std::string>> get(std::string path_and_query);

 private:
  Task<Result<HttpResponse>> call(std::string method, std::string path, std::string body,
                                  std::string bearer);
  Task<Result<void>> open();
  Task<Result<void>> sign_in();
  Task<Result<void>> refresh();
  Result<void> take_session(const std::string& body);
  Result<void> may_sign_in();

  SourceConfig config_;
  SourceTools tools_;
  Secret password_;
  std::string access_;   // about two hours; kept in memory only
  std::string refresh_;  // weeks; kept in the source's state, so that a restart needs no password
  std::string did_;
  std::deque<Instant> sign_ins_;  // of the last day
};

/// The "error" member of an XRPC error answer; "" where there is none.
std::string xrpc_error(std::string_view body);

}  // namespace earshot

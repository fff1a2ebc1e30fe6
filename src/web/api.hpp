#pragma once

/// The handlers behind the server: a request in, an answer out.

#include <memory>

#include "earshot/runtime/task.hpp"
#include "earshot/web/backend.hpp"
#include "earshot/web/server.hpp"
#include "http/request.hpp"
#include "views.hpp"

namespace earshot {

class Api {
 public:
  Api(Backend& backend, Clock& clock, std::function<std::vector<AckKey>()> keys);
  ~Api();

  Task<WebResponse> handle(WebRequest request);

  /// The event stream: who may have it, and what comes next. `cursor` moves forward.
  /// `who` learns whose stream it is: only cases within their reach are told.
  Task<std::optional<WebResponse>> may_stream(WebRequest request, Viewer& who);
  Task<std::string> next_events(std::int64_t& cursor, Viewer viewer, Duration limit);

  struct Parts;

 private:
  std::unique_ptr<Parts> parts_;
};

}  // namespace earshot

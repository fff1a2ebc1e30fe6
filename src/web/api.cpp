#include "api.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "auth.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/runtime/clock.hpp"
#include "openapi.hpp"
#include "page.hpp"
#include "parts.hpp"
#include "views.hpp"

namespace earshot {
namespace {

/// A page of another site must not act here with what the browser adds by itself.
bool same_site(const WebRequest& request) {
  const std::string_view site = request.header("Sec-Fetch-Site");
  if (site == "cross-site" || site == "same-site") return false;
  const std::string_view origin = request.header("Origin");
  if (origin.empty()) return true;
  const std::size_t host = origin.find("://");
  return host != std::string_view::npos &&
         equals_ignoring_case(origin.substr(host + 3), request.header("Host"));
}

}  // namespace

Api::Api(Backend& backend, Clock& clock, std::function<std::vector<AckKey>()> keys)
    : parts_(std::make_unique<Parts>(backend, clock, std::move(keys))) {}
Api::~Api() = default;

Task<WebResponse> Api::handle(WebRequest request) {
  if (request.method == "HEAD") request.method = "GET";
  const bool unsafe = request.method != "GET" && request.method != "OPTIONS";
  if (unsafe && !same_site(request))
    co_return refuse(403, "cross_site", "A request of another site is not carried out.");
  if (request.path == "/-/healthy" && !unsafe)
    co_return WebResponse{200, "text/plain; charset=utf-8", "Earshot is healthy.\n", {}};
  if (request.path == "/-/ready" && !unsafe) {
    const bool ready = parts_->backend.ready();
    const std::string safe = parts_->backend.safe_mode();
    std::string said = ready          ? "Earshot is ready.\n"
                       : safe.empty() ? "Earshot is starting.\n"
                                      : safe + "\n";
    // Still ready: whoever acknowledges must reach us.
    for (const AuditReport::Item& it : parts_->backend.findings().items)
      if (ready && (it.kind == "disk_full" || it.kind == "no_reader")) said += it.text + "\n";
    co_return WebResponse{ready ? 200 : 503, "text/plain; charset=utf-8", std::move(said), {}};
  }
  if (request.path == "/metrics" && request.method == "GET")
    co_return WebResponse{
        200, "text/plain; version=0.0.4; charset=utf-8", parts_->backend.metrics(), {}};
  if (const std::string safe = parts_->backend.safe_mode(); unsafe && !safe.empty())
    co_return request.path.starts_with("/ack/") ? ack_problem(503, safe)
                                                : refuse(503, "safe_mode", safe);
  if (request.path == "/hooks/sms" && request.method == "POST")
    co_return co_await parts_->sms_reply(std::move(request));
  if (const auto token = match_path("/ack/{token}", request.path))
    co_return co_await parts_->ack_page(std::move(request), token->front());
  if (auto asset = plain_asset(request.path); asset && request.method == "GET")
    co_return std::move(*asset);

  std::string allowed;
  for (const ApiPath& open : open_paths()) {
    if (open.path == request.path) allowed = open.method;
  }
  for (const Door& route : doors()) {
    auto taken = match_path(route.pattern, request.path);
    if (!taken) continue;
    allowed += (allowed.empty() ? "" : ", ") + std::string{route.method};
    if (route.method != request.method) continue;
    std::string in_address = request.path.ends_with(".ics") ? request.query_or("token") : "";
    if (!in_address.empty())
      request.headers.emplace_back("Authorization", "Bearer " + std::move(in_address));
    const bool from_address = request.path.ends_with(".ics") && !request.query_or("token").empty();
    const std::optional<Viewer> viewer =
        co_await authenticate(parts_->backend, request, parts_->clock.now());
    if (viewer && from_address && viewer->role != "viewer")
      co_return refuse(403, "role", "Only a viewer's token may stand in an address.");
    if (!viewer) {
      WebResponse answer = refuse(
          401, "sign_in", "Send a token: Authorization: Bearer … (earshot token add makes one).");
      answer.headers.emplace_back("WWW-Authenticate", "Bearer");
      co_return answer;
    }
    if (!role_may(viewer->role, std::string{route.role}))
      co_return refuse(
          403, "role",
          fmt::format("This needs the role {}; yours is {}.", route.role, viewer->role));
    if (route.touches == Touches::one) {
      taken->front() = co_await parts_->resolve(taken->front());
      std::string id = taken->front();
      auto barred = co_await parts_->barred(std::move(id), *viewer, &route);
      if (barred) co_return std::move(*barred);
    }
    if (route.touches == Touches::all &&
        !reach_of(viewer->role, route.method, route.role, route.touches).own)
      co_return refuse(403, "role", "This shows every team's cases; your role does not.");
    co_return co_await (parts_.get()->*route.handler)(request, *viewer, std::move(*taken));
  }
  if (!allowed.empty()) {
    WebResponse answer = refuse(405, "method", "This path does not take " + request.method + ".");
    answer.headers.emplace_back("Allow", allowed);
    co_return answer;
  }
  co_return refuse(404, "not_found", "There is nothing at this path.");
}

}  // namespace earshot

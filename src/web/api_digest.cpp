// Digests and reports: the backend makes them of the ledger.
#include "parts.hpp"

namespace earshot {
namespace {

DigestAsk ask_of(std::string what, const WebRequest& request) {
  DigestAsk out;
  out.what = std::move(what);
  out.name = request.query_or("name");
  out.from = request.query_or("from");
  out.to = request.query_or("to");
  out.bucket = request.query_or("bucket");
  out.format = request.query_or("format");
  out.team = request.query_or("team");
  out.source = request.query_or("source");
  out.severity = request.query_or("severity");
  out.language = request.query_or("language");
  return out;
}

}  // namespace

Task<WebResponse> Api::Parts::tell(DigestAsk ask) {
  DigestReply reply = co_await backend.tell_digest(std::move(ask));
  if (!reply.code.empty())
    co_return refuse(reply.found ? 400 : 404, reply.code, reply.text, reply.field);
  WebResponse response;
  response.type = std::move(reply.type);
  response.body = std::move(reply.body);
  co_return response;
}

Task<WebResponse> Api::Parts::digest(WebRequest request, Viewer, std::vector<std::string>) {
  DigestAsk ask = ask_of("digest", request);
  co_return co_await tell(std::move(ask));
}

Task<WebResponse> Api::Parts::digest_of_day(WebRequest request, Viewer,
                                            std::vector<std::string> taken) {
  DigestAsk ask = ask_of("digest", request);
  ask.day = taken.front();
  co_return co_await tell(std::move(ask));
}

Task<WebResponse> Api::Parts::digest_items(WebRequest request, Viewer,
                                           std::vector<std::string> taken) {
  DigestAsk ask = ask_of("items", request);
  ask.day = taken.front();
  co_return co_await tell(std::move(ask));
}

Task<WebResponse> Api::Parts::digests(WebRequest request, Viewer, std::vector<std::string>) {
  DigestAsk ask = ask_of("list", request);
  co_return co_await tell(std::move(ask));
}

Task<WebResponse> Api::Parts::reports(WebRequest request, Viewer, std::vector<std::string>) {
  DigestAsk ask = ask_of("reports", request);
  co_return co_await tell(std::move(ask));
}

Task<WebResponse> Api::Parts::report(WebRequest request, Viewer, std::vector<std::string> taken) {
  DigestAsk ask = ask_of("report", request);
  ask.name = taken.front();
  co_return co_await tell(std::move(ask));
}

}  // namespace earshot

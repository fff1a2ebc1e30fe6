#include <fmt/format.h>

#include "earshot/core/utf8.hpp"
#include "make.hpp"

namespace earshot {
namespace {

constexpr std::size_t kSaid = 200;

/// "HTTP 404: channel_not_found": services say in the body of a refusal what a person must change.
/// A page of HTML says nothing of use.
std::string said(const HttpResponse& answer) {
  const std::string text = fmt::format("HTTP {}", answer.status);
  const std::string_view kind = answer.header("Content-Type");
  const std::string_view body = trim(answer.body);
  if (answer.status < 400 || body.empty() || kind.find("html") != std::string_view::npos)
    return text;
  return text + ": " + collapse_space(printable(cut_utf8(body, kSaid)));
}

}  // namespace

Delivery classify_answer(const Result<HttpResponse>& answer, Instant now) {
  if (!answer) {
    const Error& error = answer.error();
    const DeliveryOutcome outcome = error.kind == Error::Kind::permanent ? DeliveryOutcome::refused
                                    : error.uncertain ? DeliveryOutcome::uncertain
                                                      : DeliveryOutcome::again;
    return {outcome, error.message, error.retry_after};
  }
  const int status = answer->status;
  const std::string text = said(*answer);
  if (status >= 200 && status < 300) return {DeliveryOutcome::ok, text, {}};
  if (status == 410) return {DeliveryOutcome::gone, text, {}};
  if (status == 408 || status == 425 || status == 429 || status == 503)
    return {DeliveryOutcome::again, text, retry_after(*answer, now)};
  if (status >= 500) return {DeliveryOutcome::uncertain, text, retry_after(*answer, now)};
  return {DeliveryOutcome::refused, text, {}};
}

HttpRequest json_post(const ReceiverConfig& config, std::string url, std::string body) {
  HttpRequest request;
  request.method = "POST";
  request.url = std::move(url);
  request.headers.emplace_back("Content-Type", "application/json");
  request.body = std::move(body);
  request.ca_file = config.ca_file;
  request.timeout = config.timeout;
  request.connect_timeout = std::min(config.timeout, Duration{seconds{10}});
  request.max_body = std::size_t{64} << 10U;
  request.network = config.network;
  return request;
}

}  // namespace earshot

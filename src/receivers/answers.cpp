#include <fmt/format.h>

#include <algorithm>

#include "earshot/core/utf8.hpp"
#include "earshot/receivers/answer.hpp"
#include "service.hpp"

namespace earshot {
namespace {

constexpr std::size_t kSaid = 200;
constexpr std::size_t kLongestWord = 15;

bool in_token(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view{"_-+/="}.find(c) != std::string_view::npos;
}

/// An answer may repeat a key of ours: long words that are not plain names are left out.
std::string without_keys(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && in_token(text[end])) ++end;
    const std::string_view word = text.substr(at, std::max<std::size_t>(end - at, 1));
    const bool name = std::ranges::all_of(
        word, [](char c) { return (c >= 'a' && c <= 'z') || c == '_' || c == '-'; });
    out += word.size() > kLongestWord && !name ? std::string_view{"(key)"} : word;
    at += word.size();
  }
  return out;
}

/// "HTTP 404: channel_not_found": services say in the body of a refusal what a person must change.
/// A page of HTML says nothing of use.
std::string said(const HttpResponse& answer) {
  std::string text = fmt::format("HTTP {}", answer.status);
  const std::string_view kind = answer.header("Content-Type");
  const std::string_view body = trim(answer.body);
  if (answer.status < 400 || body.empty() || kind.find("html") != std::string_view::npos)
    return text;
  return text + ": " + collapse_space(printable(cut_utf8(without_keys(body), kSaid)));
}

}  // namespace

Delivery classify_error(const Error& error) {
  const DeliveryOutcome outcome = error.kind == Error::Kind::permanent ? DeliveryOutcome::refused
                                  : error.uncertain                    ? DeliveryOutcome::uncertain
                                                                       : DeliveryOutcome::again;
  return {outcome, error.message, error.retry_after};
}

Delivery classify_answer(const Result<HttpResponse>& answer, Instant now) {
  if (!answer) return classify_error(answer.error());
  Delivery out = read_status({answer->status, "", retry_after(*answer, now)});
  out.detail = said(*answer);
  return out;
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

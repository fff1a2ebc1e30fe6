#include <fmt/format.h>

#include <algorithm>

#include "earshot/core/utf8.hpp"
#include "parts.hpp"

// https://api.slack.com/messaging/webhooks#handling_errors: words in a plain body.
// https://api.slack.com/methods/chat.postMessage#errors: `ok: false` inside a 200.
namespace earshot {
namespace {

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

Delivery read_slack_webhook(const ServiceAnswer& answer) {
  Delivery out = read_status(answer);
  if (out.outcome == DeliveryOutcome::ok) {
    if (trim(answer.body) == "ok") return out;
    // Something else than Slack answers at this address: it may not have been told.
    return {DeliveryOutcome::refused, out.detail + ", but not with \"ok\""};
  }
  if (const std::string word = payload::error_word(trim(answer.body)); !word.empty())
    out.detail += ": " + word;
  return out;
}

Delivery read_slack_api(const ServiceAnswer& answer) {
  Delivery out = read_status(answer);
  if (out.outcome != DeliveryOutcome::ok) return out;
  const auto body = payload::body_of(answer);
  if (!body) return {DeliveryOutcome::refused, "HTTP 200, but not Slack's answer"};
  if (flag_at(*body, "ok")) {
    out.id = payload::id_word(string_at(*body, "ts"));
    return out;
  }
  const std::string word = payload::error_word(string_at(*body, "error"));
  out.detail = word.empty() ? "not ok" : word;
  out.retry_after = answer.retry_after;
  if (is_one_of(word, {"ratelimited", "rate_limited", "service_unavailable", "team_added_to_org",
                       "accesslimited"}))
    out.outcome = DeliveryOutcome::again;
  else if (is_one_of(word, {"internal_error", "fatal_error", "request_timeout"}))
    out.outcome = DeliveryOutcome::uncertain;  // "some aspect of the operation may have succeeded"
  else if (word == "is_archived")
    out.outcome = DeliveryOutcome::gone;
  else
    out.outcome = DeliveryOutcome::refused;
  return out;
}

}  // namespace earshot

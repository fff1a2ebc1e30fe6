#include "payload/parts.hpp"
#include "service.hpp"

// https://api.slack.com/messaging/webhooks: no key and no id come back. With a token and a channel:
// chat.postMessage, whose ts makes a thread for the updates. Neither knows keys: a repeat after an
// unknown outcome shows twice, and says so.
namespace earshot {
namespace {

class SlackReceiver final : public Service {
 public:
  using Service::Service;
  Task<Delivery> deliver(OutboxRow row) override {
    if (row.possible_repeats > 0) {
      mark_repeat(row.body, R"({"text":")");
      mark_repeat(row.body, R"("type":"plain_text","text":")");
    }
    if (config_.token_file.empty()) {
      HttpRequest request = json_post(config_, url_.reveal(), std::move(row.body));
      return say(std::move(request), read_slack_webhook);
    }
    if (!row.thread.empty())
      row.body =
          payload::with_member(std::move(row.body), "thread_ts", payload::json_text(row.thread));
    row.body =
        payload::with_member(std::move(row.body), "channel", payload::json_text(channel_.reveal()));
    HttpRequest request = json_post(config_, base("https://slack.com") + "/api/chat.postMessage",
                                    std::move(row.body));
    request.headers.front().second = "application/json; charset=utf-8";
    request.bearer = token_.reveal();
    return say(std::move(request), read_slack_api);
  }
};

}  // namespace

std::shared_ptr<Receiver> make_slack(const ReceiverConfig& config, const SmtpConfig&,
                                     const ReceiverTools& tools) {
  return std::make_shared<SlackReceiver>(config, tools);
}

}  // namespace earshot

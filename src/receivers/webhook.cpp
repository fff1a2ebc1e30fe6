#include "earshot/core/planted.hpp"
#include "earshot/receivers/standard_webhook.hpp"
#include "earshot/runtime/clock.hpp"
#include "earshot/runtime/secrets.hpp"
#include "make.hpp"

// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md: the
// id stays over all attempts, the timestamp and so the signature are of the attempt.
namespace earshot {
namespace {

class WebhookReceiver final : public Receiver {
 public:
  WebhookReceiver(ReceiverConfig config, ReceiverTools tools)
      : config_(std::move(config)), tools_(std::move(tools)) {}

  Task<Delivery> deliver(OutboxRow row) override {
    const std::int64_t timestamp = to_unix(tools_.clock.now());
    if (planted<7>) row.message_id += "." + std::to_string(row.attempts);
    if (planted<8>) row.body.insert(1, "\"sent\":" + std::to_string(timestamp) + ",");
    std::vector<WebhookKey> keys;
    for (const Secret& secret : secrets_) keys.push_back(secret.reveal());
    std::string signatures =
        keys.empty() ? "" : sign_webhook(keys, row.message_id, timestamp, row.body);
    HttpRequest request = json_post(config_, url_.reveal(), std::move(row.body));
    request.headers.emplace_back("webhook-id", row.message_id);
    request.headers.emplace_back("webhook-timestamp", std::to_string(timestamp));
    if (!signatures.empty())
      request.headers.emplace_back("webhook-signature", std::move(signatures));
    for (const auto& [name, value] : config_.headers) request.headers.emplace_back(name, value);
    request.bearer = token_.reveal();
    const auto answer = co_await tools_.http.send(std::move(request));
    co_return classify_answer(answer, tools_.clock.now());
  }

  bool honours_keys() const override { return true; }

  int at_once() const override { return config_.at_once; }

  Result<void> reread_secrets() override {
    url_ = Secret{config_.url};
    if (!config_.url_file.empty()) {
      auto url = read_secret(config_.url_file, tools_.config_dir);
      if (!url) return url.error();
      url_ = std::move(*url);
    }
    if (!config_.token_file.empty()) {
      auto token = read_secret(config_.token_file, tools_.config_dir);
      if (!token) return token.error();
      token_ = std::move(*token);
    }
    secrets_.clear();
    if (config_.secret_file.empty()) return {};
    const auto text = read_secret(config_.secret_file, tools_.config_dir);
    if (!text) return text.error();
    auto keys = parse_webhook_secrets(text->reveal());
    if (!keys) return keys.error().in(config_.secret_file);
    for (WebhookKey& key : *keys) secrets_.emplace_back(std::move(key));
    return {};
  }

 private:
  ReceiverConfig config_;
  ReceiverTools tools_;
  Secret url_;
  Secret token_;
  std::vector<Secret> secrets_;  ///< two while keys rotate: both sign
};

}  // namespace

std::shared_ptr<Receiver> make_webhook(const ReceiverConfig& config, const SmtpConfig&,
                                       const ReceiverTools& tools) {
  return std::make_shared<WebhookReceiver>(config, tools);
}

}  // namespace earshot

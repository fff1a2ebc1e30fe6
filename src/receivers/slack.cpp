#include "earshot/core/json.hpp"
#include "earshot/runtime/clock.hpp"
#include "earshot/runtime/secrets.hpp"
#include "make.hpp"

// https://api.slack.com/messaging/webhooks. No key and no id come back: a repeat after an unknown
// outcome shows twice, and says so.
namespace earshot {
namespace {

class SlackReceiver final : public Receiver {
 public:
  SlackReceiver(ReceiverConfig config, const ReceiverTools& tools)
      : config_(std::move(config)), tools_(tools) {}

  Task<Delivery> deliver(OutboxRow row) override {
    if (row.possible_repeats > 0) mark_repeat(row.body);
    HttpRequest request = json_post(config_, url_.reveal(), std::move(row.body));
    const auto answer = co_await tools_.http.send(std::move(request));
    co_return classify_answer(answer, tools_.clock.now());
  }

  bool honours_keys() const override { return false; }

  Result<void> reread_secrets() override {
    if (config_.url_file.empty()) {
      url_ = Secret{config_.url};
      return {};
    }
    auto url = read_secret(config_.url_file, tools_.config_dir);
    if (!url) return url.error();
    url_ = std::move(*url);
    return {};
  }

 private:
  /// {"text":"…": the rendered body begins like this always.
  static void mark_repeat(std::string& body) {
    constexpr std::string_view kStart = "{\"text\":\"";
    if (body.starts_with(kStart)) body.insert(kStart.size(), "(possible repeat) ");
    constexpr std::string_view kHeader = "\"type\":\"plain_text\",\"text\":\"";
    if (const std::size_t at = body.find(kHeader); at != std::string::npos)
      body.insert(at + kHeader.size(), "(possible repeat) ");
  }

  ReceiverConfig config_;
  ReceiverTools tools_;
  Secret url_;
};

}  // namespace

std::shared_ptr<Receiver> make_slack(const ReceiverConfig& config, const SmtpConfig&,
                                     const ReceiverTools& tools) {
  return std::make_shared<SlackReceiver>(config, tools);
}

}  // namespace earshot

#include "earshot/runtime/clock.hpp"
#include "earshot/runtime/secrets.hpp"
#include "make.hpp"

namespace earshot {
namespace {

/// Posts to every member of the cluster; one that accepts is enough, they gossip no alerts but the
/// others may be down.
class AlertmanagerReceiver final : public Receiver {
 public:
  AlertmanagerReceiver(ReceiverConfig config, ReceiverTools tools)
      : config_(std::move(config)), tools_(std::move(tools)) {
    if (config_.urls.empty()) config_.urls.push_back(config_.url);
  }

  Task<Delivery> deliver(OutboxRow row) override {
    std::optional<Delivery> best;
    for (const std::string& base : config_.urls) {
      std::string url = base;
      while (url.ends_with('/')) url.pop_back();
      HttpRequest request = json_post(config_, url + "/api/v2/alerts", row.body);
      request.bearer = token_.reveal();
      const auto answer = co_await tools_.http.send(std::move(request));
      Delivery delivery = classify_answer(answer, tools_.clock.now());
      if (!best || delivery.outcome < best->outcome) best = std::move(delivery);
    }
    co_return *best;
  }

  /// The label set is the identity: the same alert again changes nothing.
  bool honours_keys() const override { return true; }

  int at_once() const override { return config_.at_once; }

  Result<void> reread_secrets() override {
    if (config_.token_file.empty()) return {};
    auto token = read_secret(config_.token_file, tools_.config_dir);
    if (!token) return token.error();
    token_ = std::move(*token);
    return {};
  }

 private:
  ReceiverConfig config_;
  ReceiverTools tools_;
  Secret token_;
};

}  // namespace

std::shared_ptr<Receiver> make_alertmanager(const ReceiverConfig& config, const SmtpConfig&,
                                            const ReceiverTools& tools) {
  return std::make_shared<AlertmanagerReceiver>(config, tools);
}

}  // namespace earshot

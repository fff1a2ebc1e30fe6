#include "payload/parts.hpp"
#include "service.hpp"

// dedup_key is the case: a repeat meets the same incident.
namespace earshot {
namespace {

class PagerdutyReceiver final : public Service {
 public:
  using Service::Service;
  Task<Delivery> deliver(OutboxRow row) override {
    row.body = payload::with_member(std::move(row.body), "routing_key",
                                    payload::json_text(token_.reveal()));
    HttpRequest request = json_post(config_, base("https://events.pagerduty.com") + "/v2/enqueue",
                                    std::move(row.body));
    return say(std::move(request), read_pagerduty);
  }
  bool honours_keys() const override { return true; }
};

}  // namespace

std::shared_ptr<Receiver> make_pagerduty(const ReceiverConfig& config, const SmtpConfig&,
                                         const ReceiverTools& tools) {
  return std::make_shared<PagerdutyReceiver>(config, tools);
}

}  // namespace earshot

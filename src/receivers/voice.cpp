#include "twilio.hpp"

// A call that reads the message out twice. A second call after an unknown outcome harms nobody.
namespace earshot {
namespace {

class VoiceReceiver final : public Twilio {
 public:
  using Twilio::Twilio;
  Task<Delivery> deliver(OutboxRow row) override {
    const std::string to = number(row);
    if (to.empty()) co_return Delivery{DeliveryOutcome::refused, "there is no number to call"};
    HttpRequest request = to_account("Calls.json");
    request.body = form_of({{"To", to}, {"From", config_.from}, {"Twiml", row.body}});
    co_return co_await say(std::move(request), read_twilio);
  }
};

}  // namespace

std::shared_ptr<Receiver> make_voice(const ReceiverConfig& config, const SmtpConfig&,
                                     const ReceiverTools& tools) {
  return std::make_shared<VoiceReceiver>(config, tools);
}

}  // namespace earshot

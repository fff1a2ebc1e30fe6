#include "twilio.hpp"

// No key: before a repeat the list of sent messages is looked through for the same words.
namespace earshot {
namespace {

class SmsReceiver final : public Twilio {
 public:
  using Twilio::Twilio;
  Task<Delivery> deliver(OutboxRow row) override {
    const std::string to = number(row);
    if (to.empty()) co_return Delivery{DeliveryOutcome::refused, "there is no number to write to"};
    if (row.possible_repeats > 0) {
      HttpRequest list = to_account("Messages.json?PageSize=50&" + form_of({{"To", to}}) +
                                    "&DateSent%3E=" + to_rfc3339(row.created_at).substr(0, 10));
      list.method = "GET";
      const Result<ServiceAnswer> found = co_await ask(std::move(list));
      if (found && twilio_list_holds(*found, row.body))
        co_return Delivery{DeliveryOutcome::ok, "sent by an earlier attempt"};
      row.body.insert(0, "(possible repeat) ");
    }
    HttpRequest request = to_account("Messages.json");
    const bool service = config_.from.starts_with("MG");
    request.body = form_of(
        {{"To", to}, {service ? "MessagingServiceSid" : "From", config_.from}, {"Body", row.body}});
    co_return co_await say(std::move(request), read_twilio);
  }
};

}  // namespace

std::shared_ptr<Receiver> make_sms(const ReceiverConfig& config, const SmtpConfig&,
                                   const ReceiverTools& tools) {
  return std::make_shared<SmsReceiver>(config, tools);
}

}  // namespace earshot

#include "service.hpp"

// A Workflows address: no key, no id; 202 means that the flow has it.
namespace earshot {
namespace {

class TeamsReceiver final : public Service {
 public:
  using Service::Service;
  Task<Delivery> deliver(OutboxRow row) override {
    if (row.possible_repeats > 0) mark_repeat(row.body, R"("TextRun","text":")");
    HttpRequest request = json_post(config_, url_.reveal(), std::move(row.body));
    return say(std::move(request), read_teams);
  }
};

}  // namespace

std::shared_ptr<Receiver> make_teams(const ReceiverConfig& config, const SmtpConfig&,
                                     const ReceiverTools& tools) {
  return std::make_shared<TeamsReceiver>(config, tools);
}

}  // namespace earshot

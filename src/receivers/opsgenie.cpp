#include <array>

#include "service.hpp"

// The alias is the case. 202 says only that the request was taken, so its outcome is asked for.
namespace earshot {
namespace {

constexpr std::array<Duration, 3> kAskAfter{milliseconds{200}, milliseconds{600}, seconds{1}};

class OpsgenieReceiver final : public Service {
 public:
  using Service::Service;
  Task<Delivery> deliver(OutboxRow row) override {
    const std::size_t line = std::min(row.body.find('\n'), row.body.size());
    const std::string path = row.body.substr(0, line);
    const bool creates = path == "/v2/alerts";
    HttpRequest request =
        json_post(config_, root() + path, row.body.substr(std::min(line + 1, row.body.size())));
    sign(request);
    const Delivery taken = co_await say(std::move(request), read_opsgenie);
    if (taken.outcome != DeliveryOutcome::ok) co_return taken;
    for (const Duration wait : kAskAfter) {
      co_await tools_.clock.sleep_for(wait);
      HttpRequest look = json_post(config_, root() + "/v2/alerts/requests/" + taken.id, "");
      look.method = "GET";
      sign(look);
      const Result<ServiceAnswer> answer = co_await ask(std::move(look));
      if (!answer) continue;
      std::optional<Delivery> processed = read_opsgenie_request(*answer, creates);
      if (!processed) continue;
      processed->id = taken.id;
      co_return std::move(*processed);
    }
    co_return taken;
  }
  bool honours_keys() const override { return true; }

 private:
  std::string root() const { return base("https://api.opsgenie.com"); }
  void sign(HttpRequest& request) const {
    request.headers.emplace_back("Authorization", "GenieKey " + token_.reveal());
  }
};

}  // namespace

std::shared_ptr<Receiver> make_opsgenie(const ReceiverConfig& config, const SmtpConfig&,
                                        const ReceiverTools& tools) {
  return std::make_shared<OpsgenieReceiver>(config, tools);
}

}  // namespace earshot

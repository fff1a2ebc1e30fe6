#include "payload/parts.hpp"
#include "service.hpp"

// An update carries the id of our first message as its sequence: new servers change that one in
// place, older ones show a second.
namespace earshot {
namespace {

class NtfyReceiver final : public Service {
 public:
  using Service::Service;
  Task<Delivery> deliver(OutboxRow row) override {
    if (row.possible_repeats > 0) mark_repeat(row.body, R"("title":")");
    if (!row.thread.empty())
      row.body =
          payload::with_member(std::move(row.body), "sequence_id", payload::json_text(row.thread));
    row.body =
        payload::with_member(std::move(row.body), "topic", payload::json_text(channel_.reveal()));
    HttpRequest request = json_post(config_, base("https://ntfy.sh") + "/", std::move(row.body));
    request.bearer = token_.reveal();
    return say(std::move(request), read_ntfy);
  }
};

}  // namespace

std::shared_ptr<Receiver> make_ntfy(const ReceiverConfig& config, const SmtpConfig&,
                                    const ReceiverTools& tools) {
  return std::make_shared<NtfyReceiver>(config, tools);
}

}  // namespace earshot

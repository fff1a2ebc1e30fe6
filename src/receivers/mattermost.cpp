#include "payload/parts.hpp"
#include "service.hpp"

// By incoming webhook (no id comes back), or by POST /api/v4/posts where there is a token: then
// updates go into the thread of the first message.
namespace earshot {
namespace {

class MattermostReceiver final : public Service {
 public:
  using Service::Service;
  Task<Delivery> deliver(OutboxRow row) override {
    const bool api = !config_.token_file.empty();
    if (row.possible_repeats > 0) mark_repeat(row.body, api ? R"("message":")" : R"("text":")");
    if (api && !row.thread.empty())
      row.body =
          payload::with_member(std::move(row.body), "root_id", payload::json_text(row.thread));
    HttpRequest request =
        json_post(config_, api ? base("") + "/api/v4/posts" : url_.reveal(), std::move(row.body));
    if (api) request.bearer = token_.reveal();
    return say(std::move(request), read_mattermost);
  }
};

}  // namespace

std::shared_ptr<Receiver> make_mattermost(const ReceiverConfig& config, const SmtpConfig&,
                                          const ReceiverTools& tools) {
  return std::make_shared<MattermostReceiver>(config, tools);
}

}  // namespace earshot

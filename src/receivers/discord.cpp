#include "service.hpp"

// An update edits our first message; where that is gone it is said anew.
namespace earshot {
namespace {

class DiscordReceiver final : public Service {
 public:
  using Service::Service;
  Task<Delivery> deliver(OutboxRow row) override {
    if (row.possible_repeats > 0) mark_repeat(row.body, R"("content":")");
    if (!row.thread.empty()) {
      HttpRequest edit = json_post(config_, base("") + "/messages/" + row.thread, row.body);
      edit.method = "PATCH";
      const Result<ServiceAnswer> answer = co_await ask(std::move(edit));
      if (!answer) co_return classify_error(answer.error());
      if (!discord_message_is_missing(*answer)) co_return read_discord(*answer);
    }
    HttpRequest request = json_post(config_, base("") + "?wait=true", std::move(row.body));
    co_return co_await say(std::move(request), read_discord);
  }
};

}  // namespace

std::shared_ptr<Receiver> make_discord(const ReceiverConfig& config, const SmtpConfig&,
                                       const ReceiverTools& tools) {
  return std::make_shared<DiscordReceiver>(config, tools);
}

}  // namespace earshot

#include "payload/parts.hpp"
#include "service.hpp"

// The token is a part of the address, so nothing may log it. Updates answer our first message.
namespace earshot {
namespace {

class TelegramReceiver final : public Service {
 public:
  using Service::Service;
  Task<Delivery> deliver(OutboxRow row) override {
    if (row.possible_repeats > 0) mark_repeat(row.body, R"("text":")");
    if (!row.thread.empty()) {
      row.body = payload::with_member(
          std::move(row.body), "reply_parameters",
          "{\"message_id\":" + row.thread + ",\"allow_sending_without_reply\":true}");
    }
    const std::string& chat = row.moved_to.empty() ? config_.channel : row.moved_to;
    row.body = payload::with_member(std::move(row.body), "chat_id", payload::json_text(chat));
    HttpRequest request = json_post(
        config_, base("https://api.telegram.org") + "/bot" + token_.reveal() + "/sendMessage",
        std::move(row.body));
    return say(std::move(request), read_telegram);
  }
  /// A group that becomes a supergroup gets a new id.
  bool may_move() const override { return true; }
};

}  // namespace

std::shared_ptr<Receiver> make_telegram(const ReceiverConfig& config, const SmtpConfig&,
                                        const ReceiverTools& tools) {
  return std::make_shared<TelegramReceiver>(config, tools);
}

}  // namespace earshot

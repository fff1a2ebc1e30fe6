#include "payload/parts.hpp"
#include "service.hpp"

// The transaction id makes a repeat harmless: the same access token and id are one event.
namespace earshot {
namespace {

std::string path_part(std::string_view text) {
  const std::string field = form_of({{"", text}});
  return field.substr(1);  // form_of writes "=value"
}

class MatrixReceiver final : public Service {
 public:
  using Service::Service;
  Task<Delivery> deliver(OutboxRow row) override {
    if (!row.thread.empty()) {
      const std::string event = payload::json_text(row.thread);
      row.body = payload::with_member(
          std::move(row.body), "m.relates_to",
          R"({"rel_type":"m.thread","event_id":)" + event +
              R"(,"is_falling_back":true,"m.in_reply_to":{"event_id":)" + event + "}}");
    }
    HttpRequest request =
        json_post(config_,
                  base("") + "/_matrix/client/v3/rooms/" + path_part(config_.channel) +
                      "/send/m.room.message/" + path_part(row.message_id),
                  std::move(row.body));
    request.method = "PUT";
    request.bearer = token_.reveal();
    return say(std::move(request), read_matrix);
  }
  bool honours_keys() const override { return true; }
};

}  // namespace

std::shared_ptr<Receiver> make_matrix(const ReceiverConfig& config, const SmtpConfig&,
                                      const ReceiverTools& tools) {
  return std::make_shared<MatrixReceiver>(config, tools);
}

}  // namespace earshot

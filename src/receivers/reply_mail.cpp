#include "reply_ways.hpp"
#include "smtp.hpp"

// A mail server cannot be asked whether it has a message. So after an unknown outcome nothing is
// sent again by itself: a person looks, and sends it under the same Message-ID.
namespace earshot {
namespace {

class MailReply final : public SmtpReceiver {
 public:
  MailReply(ReplyWay way, SmtpConfig smtp, ReceiverTools tools)
      : SmtpReceiver(std::move(smtp), std::move(tools)), way_(std::move(way)) {}

  Task<Delivery> deliver(OutboxRow row) override {
    if (row.possible_repeats > 0)
      co_return Delivery{DeliveryOutcome::uncertain, "the connection ended before its answer", {}};
    SmtpMessage mail = message(std::move(row.body));
    mail.from = way_.as;
    mail.to = {row.target};
    co_return co_await send(std::move(mail));
  }

 private:
  ReplyWay way_;
};

}  // namespace

std::shared_ptr<Receiver> make_mail_reply(const ReplyWay& way, const SmtpConfig& mail,
                                          const ReceiverTools& tools) {
  return std::make_shared<MailReply>(way, mail, tools);
}

Result<std::shared_ptr<Receiver>> make_reply_receiver(const ReplyWay& way, const SmtpConfig& mail,
                                                      const ReceiverTools& tools) {
  ReceiverConfig config;
  config.name = reply_receiver(way.source);
  config.type = way.type;
  config.url = way.url;
  config.token_file = way.token_file;
  config.ca_file = way.ca_file;
  config.network = way.network;
  config.at_once = 1;
  std::shared_ptr<Receiver> made = way.type == "mastodon"  ? make_mastodon_reply(config, tools)
                                   : way.type == "bluesky" ? make_bluesky_reply(config, way, tools)
                                                           : make_mail_reply(way, mail, tools);
  if (const Result<void> read = made->reread_secrets(); !read)
    return read.error().in("replies to " + way.source);
  return made;
}

}  // namespace earshot

#include "earshot/runtime/mail.hpp"
#include "earshot/runtime/secrets.hpp"
#include "reply_ways.hpp"

// A mail server cannot be asked whether it has a message. So after an unknown outcome nothing is
// sent again by itself: a person looks, and sends it under the same Message-ID.
namespace earshot {
namespace {

class MailReply final : public Receiver {
 public:
  MailReply(ReplyWay way, SmtpConfig smtp, const ReceiverTools& tools)
      : way_(std::move(way)), smtp_(std::move(smtp)), tools_(tools) {}

  Task<Delivery> deliver(OutboxRow row) override {
    if (row.possible_repeats > 0)
      co_return Delivery{DeliveryOutcome::uncertain, "the connection ended before its answer"};
    SmtpMessage mail;
    mail.url = smtp_.url;
    mail.user = smtp_.user;
    mail.password = password_.reveal();
    mail.from = way_.as;
    mail.to = {row.target};
    mail.message = std::move(row.body);
    mail.ca_file = smtp_.ca_file;
    mail.network = smtp_.network;
    const Result<void> sent = co_await tools_.mail.send(std::move(mail));
    if (sent) co_return Delivery{DeliveryOutcome::ok, "250 after DATA"};
    const Error& error = sent.error();
    const DeliveryOutcome outcome = error.kind == Error::Kind::permanent ? DeliveryOutcome::refused
                                    : error.uncertain ? DeliveryOutcome::uncertain
                                                      : DeliveryOutcome::again;
    co_return Delivery{outcome, error.message, error.retry_after};
  }

  bool honours_keys() const override { return false; }

  Result<void> reread_secrets() override {
    if (smtp_.password_file.empty()) return {};
    auto password = read_secret(smtp_.password_file, tools_.config_dir);
    if (!password) return password.error();
    password_ = std::move(*password);
    return {};
  }

 private:
  ReplyWay way_;
  SmtpConfig smtp_;
  ReceiverTools tools_;
  Secret password_;
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

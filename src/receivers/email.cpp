#include <fmt/format.h>

#include "earshot/runtime/mail.hpp"
#include "earshot/runtime/secrets.hpp"
#include "make.hpp"

namespace earshot {
namespace {

class EmailReceiver final : public Receiver {
 public:
  EmailReceiver(ReceiverConfig config, SmtpConfig smtp, ReceiverTools tools)
      : config_(std::move(config)), smtp_(std::move(smtp)), tools_(std::move(tools)) {}

  Task<Delivery> deliver(OutboxRow row) override {
    SmtpMessage mail;
    mail.url = smtp_.url;
    mail.user = smtp_.user;
    mail.password = password_.reveal();
    mail.from = config_.from.empty() ? smtp_.from : config_.from;
    mail.to = row.target.empty() ? config_.to : std::vector{row.target};
    mail.message = std::move(row.body);
    if (row.possible_repeats > 0) mark_repeat(mail.message);
    mail.ca_file = smtp_.ca_file;
    mail.timeout = config_.timeout;
    mail.network = smtp_.network;
    const Result<void> sent = co_await tools_.mail.send(std::move(mail));
    if (sent) co_return Delivery{DeliveryOutcome::ok, "250 after DATA", {}};
    const Error& error = sent.error();
    const DeliveryOutcome outcome = error.kind == Error::Kind::permanent ? DeliveryOutcome::refused
                                    : error.uncertain ? DeliveryOutcome::uncertain
                                                      : DeliveryOutcome::again;
    co_return Delivery{outcome, error.message, error.retry_after};
  }

  bool honours_keys() const override { return false; }

  int at_once() const override { return config_.at_once; }

  Result<void> reread_secrets() override {
    if (smtp_.password_file.empty()) return {};
    auto password = read_secret(smtp_.password_file, tools_.config_dir);
    if (!password) return password.error();
    password_ = std::move(*password);
    return {};
  }

 private:
  /// The Message-ID stays, the subject says that it may have come before.
  static void mark_repeat(std::string& message) {
    constexpr std::string_view kSubject = "\r\nSubject: ";
    if (const std::size_t at = message.find(kSubject); at != std::string::npos)
      message.insert(at + kSubject.size(), "(possible repeat) ");
  }

  ReceiverConfig config_;
  SmtpConfig smtp_;
  ReceiverTools tools_;
  Secret password_;
};

}  // namespace

std::shared_ptr<Receiver> make_email(const ReceiverConfig& config, const SmtpConfig& mail,
                                     const ReceiverTools& tools) {
  return std::make_shared<EmailReceiver>(config, mail, tools);
}

}  // namespace earshot

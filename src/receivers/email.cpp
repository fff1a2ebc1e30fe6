#include "make.hpp"
#include "smtp.hpp"

namespace earshot {
namespace {

class EmailReceiver final : public SmtpReceiver {
 public:
  EmailReceiver(ReceiverConfig config, SmtpConfig smtp, ReceiverTools tools)
      : SmtpReceiver(std::move(smtp), std::move(tools)), config_(std::move(config)) {}

  Task<Delivery> deliver(OutboxRow row) override {
    SmtpMessage mail = message(std::move(row.body));
    if (!config_.from.empty()) mail.from = config_.from;
    mail.to = row.target.empty() ? config_.to : std::vector{row.target};
    if (row.possible_repeats > 0) mark_repeat(mail.message);
    mail.timeout = config_.timeout;
    co_return co_await send(std::move(mail));
  }

  int at_once() const override { return config_.at_once; }

 private:
  /// The Message-ID stays, the subject says that it may have come before.
  static void mark_repeat(std::string& message) {
    constexpr std::string_view kSubject = "\r\nSubject: ";
    if (const std::size_t at = message.find(kSubject); at != std::string::npos)
      message.insert(at + kSubject.size(), "(possible repeat) ");
  }

  ReceiverConfig config_;
};

}  // namespace

std::shared_ptr<Receiver> make_email(const ReceiverConfig& config, const SmtpConfig& mail,
                                     const ReceiverTools& tools) {
  return std::make_shared<EmailReceiver>(config, mail, tools);
}

}  // namespace earshot

#include "smtp.hpp"

namespace earshot {

Result<void> SmtpReceiver::reread_secrets() {
  if (smtp_.password_file.empty()) return {};
  auto password = read_secret(smtp_.password_file, tools_.config_dir);
  if (!password) return password.error();
  password_ = std::move(*password);
  return {};
}

SmtpMessage SmtpReceiver::message(std::string text) const {
  SmtpMessage mail;
  mail.url = smtp_.url;
  mail.user = smtp_.user;
  mail.password = password_.reveal();
  mail.from = smtp_.from;
  mail.message = std::move(text);
  mail.ca_file = smtp_.ca_file;
  mail.network = smtp_.network;
  return mail;
}

Task<Delivery> SmtpReceiver::send(SmtpMessage mail) {
  const Result<void> sent = co_await tools_.mail.send(std::move(mail));
  if (sent) co_return Delivery{DeliveryOutcome::ok, "250 after DATA", {}};
  const Error& error = sent.error();
  const DeliveryOutcome outcome = error.kind == Error::Kind::permanent ? DeliveryOutcome::refused
                                  : error.uncertain                    ? DeliveryOutcome::uncertain
                                                                       : DeliveryOutcome::again;
  co_return Delivery{outcome, error.message, error.retry_after};
}

}  // namespace earshot

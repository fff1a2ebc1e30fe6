#pragma once

#include "earshot/config/config.hpp"
#include "earshot/receivers/receiver.hpp"
#include "earshot/runtime/mail.hpp"
#include "earshot/runtime/secrets.hpp"

namespace earshot {

/// What hands a message to the mail server of the configuration.
class SmtpReceiver : public Receiver {
 public:
  SmtpReceiver(SmtpConfig smtp, ReceiverTools tools)
      : smtp_(std::move(smtp)), tools_(std::move(tools)) {}

  /// A mail server keeps no keys: it cannot be asked whether it has a message.
  bool honours_keys() const override { return false; }

  Result<void> reread_secrets() override;

 protected:
  /// A message of `text` from the server's own sender.
  SmtpMessage message(std::string text) const;
  /// Sends it. A 4xx or a lost connection before DATA is again, 5xx refused, what ends after DATA
  /// without an answer uncertain.
  Task<Delivery> send(SmtpMessage mail);

 private:
  SmtpConfig smtp_;
  ReceiverTools tools_;
  Secret password_;
};

}  // namespace earshot

#pragma once

/// Mail without a server: a sender that keeps what it was given, and a mailbox connection driven by
/// a function of lines.

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "earshot/runtime/mail.hpp"

namespace earshot {

class FakeMailSender final : public MailSender {
 public:
  std::vector<SmtpMessage> messages;
  /// The next results, in order; success when none is left.
  void answer(Result<void> result) { next_.push_back(std::move(result)); }
  Task<Result<void>> send(SmtpMessage message) override;

 private:
  std::deque<Result<void>> next_;
};

/// What the server says to the bytes it was sent. A read with nothing to give times out at once, so
/// no test waits for a limit; `closes` ends the connection instead, once everything was read.
class FakeMailServer {
 public:
  std::string greeting;                                        ///< waits for the first read
  std::function<std::string(const std::string& bytes)> reply;  ///< called once for each write
  std::vector<std::string> written;
  bool closes = false;
};

class FakeMailConnector final : public MailConnector {
 public:
  explicit FakeMailConnector(FakeMailServer& server) : server_(server) {}
  std::vector<MailLogin> logins;
  /// The next opens fail with these, in order.
  void refuse(Error error) { refusals_.push_back(std::move(error)); }
  Task<Result<std::unique_ptr<MailStream>>> open(MailLogin login) override;

 private:
  FakeMailServer& server_;
  std::deque<Error> refusals_;
};

}  // namespace earshot

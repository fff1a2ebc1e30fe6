#pragma once

/// Mail out (SMTP through libcurl) and the byte stream for IMAP (curl connects, speaks TLS and
/// SASL; the protocol is ours).

#include <memory>
#include <string>
#include <vector>

#include "earshot/core/instant.hpp"
#include "earshot/core/result.hpp"
#include "earshot/runtime/network.hpp"
#include "earshot/runtime/task.hpp"

namespace earshot {

struct SmtpMessage {
  std::string
      url;  ///< smtp://host:port (STARTTLS required unless network.insecure_http) or smtps://
  std::string user{};
  std::string password{};
  std::string from;             ///< envelope sender; CR and LF are refused here and in `to`
  std::vector<std::string> to;  ///< envelope recipients
  std::string message;          ///< headers and body, CRLF line ends
  std::string ca_file{};
  Duration timeout = seconds{30};
  NetworkPolicy network{};
};

class MailSender {
 public:
  virtual ~MailSender() = default;
  /// Success: 250 after DATA for every recipient. Error: `status` is the SMTP code; 4xx is
  /// transient, 5xx permanent; a connection lost after DATA is transient and `uncertain`.
  virtual Task<Result<void>> send(SmtpMessage message) = 0;
};

struct MailLogin {
  std::string url;  ///< imap://host:port (STARTTLS required unless insecure) or imaps://; no path
  std::string user;
  std::string password{};
  std::string bearer{};  ///< OAuth 2 token: XOAUTH2/OAUTHBEARER instead of a password
  std::string ca_file{};
  Duration timeout = seconds{30};  ///< for connecting and signing in
  NetworkPolicy network{};
};

/// A signed-in connection. One user at a time; destroying it closes the socket.
class MailStream {
 public:
  virtual ~MailStream() = default;
  virtual Task<Result<void>> write(std::string bytes, Duration limit) = 0;
  /// Waits for at least one byte and takes at most `most`. A clean end is a transient Error "closed
  /// by the server".
  virtual Task<Result<std::string>> read(std::size_t most, Duration limit) = 0;
};

class MailConnector {
 public:
  virtual ~MailConnector() = default;
  /// A refused login is permanent; what the network did is transient.
  virtual Task<Result<std::unique_ptr<MailStream>>> open(MailLogin login) = 0;
};

}  // namespace earshot

#pragma once

/// What the receivers that speak to a service over HTTP share: their secrets, one request, and its
/// answer as the pure readers take it.

#include <string>
#include <utility>

#include "earshot/receivers/answer.hpp"
#include "earshot/runtime/clock.hpp"
#include "earshot/runtime/secrets.hpp"
#include "make.hpp"

namespace earshot {

class Service : public Receiver {
 public:
  Service(ReceiverConfig config, ReceiverTools tools)
      : config_(std::move(config)), tools_(std::move(tools)) {}
  bool honours_keys() const override { return false; }
  int at_once() const override { return config_.at_once; }
  /// url_file, token_file and channel_file, where they are named.
  Result<void> reread_secrets() override;

 protected:
  using Reader = Delivery (*)(const ServiceAnswer&);
  /// The service's address without its last slashes: the configured one, or `usual`.
  std::string base(std::string_view usual) const;
  Task<Result<ServiceAnswer>> ask(HttpRequest request);
  /// Asks, and reads the answer; a request that had none is classified by its error.
  Task<Delivery> say(HttpRequest request, Reader reader);

  ReceiverConfig config_;
  ReceiverTools tools_;
  Secret url_;
  Secret token_;
  Secret channel_;  ///< config_.channel, or the words of channel_file
};

/// The class of an exchange that had no whole answer.
Delivery classify_error(const Error& error);
/// Puts "(possible repeat) " behind the first `marker`: receivers without keys say that the message
/// may have come before.
void mark_repeat(std::string& body, std::string_view marker);
/// "a=1&b=2", percent-encoded.
std::string form_of(std::initializer_list<std::pair<std::string_view, std::string_view>> fields);

}  // namespace earshot

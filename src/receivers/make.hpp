#pragma once

/// What every receiver file gives to the registry, and the classes of HTTP answers they share.

#include <memory>

#include "earshot/config/config.hpp"
#include "earshot/receivers/receiver.hpp"
#include "earshot/runtime/http.hpp"

namespace earshot {

#define RECEIVER(word, summary)                                                               \
  std::shared_ptr<Receiver> make_##word(const ReceiverConfig& config, const SmtpConfig& mail, \
                                        const ReceiverTools& tools);
#include "receivers.def"
#undef RECEIVER

/// The class of an HTTP exchange (RELIABILITY 2.1).
Delivery classify_answer(const Result<HttpResponse>& answer, Instant now);
/// A POST of JSON bytes with what every receiver sets.
HttpRequest json_post(const ReceiverConfig& config, std::string url, std::string body);

}  // namespace earshot

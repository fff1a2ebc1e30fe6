#pragma once

/// What a way to tell somebody promises (the contract suite in tests/contract checks it).

#include <optional>
#include <string>

#include "earshot/core/instant.hpp"
#include "earshot/core/result.hpp"
#include "earshot/core/words.hpp"
#include "earshot/runtime/task.hpp"
#include "earshot/store/store.hpp"

namespace earshot {

class Clock;
class HttpClient;
class MailSender;

/// Classes of RELIABILITY 2.1. ok: accepted. again: surely not done, worth another try. uncertain:
/// may have been done. refused: a configuration fault (other 4xx, 3xx, bad certificate). gone: 410.
EARSHOT_ENUM(DeliveryOutcome, ok, again, uncertain, refused, gone);

struct Delivery {
  DeliveryOutcome outcome = DeliveryOutcome::ok;
  std::string detail;  ///< what happened or went wrong: no secret, no body
  std::optional<Duration> retry_after{};
  std::string id{};  ///< the provider's id of what was accepted; the row keeps it as its result
  std::string moved_to{};  ///< the target is reached under this address from now on
};

class Receiver {
 public:
  virtual ~Receiver() = default;
  /// Sends row.body as it stands, under row.message_id. One attempt; whether and when another
  /// follows is the outbox's business. `row.possible_repeats` > 0 means that an earlier attempt may
  /// have arrived: receivers without keys say so in the text.
  virtual Task<Delivery> deliver(OutboxRow row) = 0;
  /// True where the other side drops a second message of the same key.
  virtual bool honours_keys() const = 0;
  /// Deliveries in flight at the same time.
  virtual int at_once() const { return 8; }
  /// True where the service may tell a new address (Delivery::moved_to).
  virtual bool may_move() const { return false; }
  virtual Result<void> reread_secrets() { return {}; }
};

struct ReceiverTools {
  Clock& clock;
  HttpClient& http;
  MailSender& mail;
  std::string config_dir;
};

}  // namespace earshot

#pragma once

/// What a service's answer means (RELIABILITY 2.1): one pure reader per service, because some say
/// "no" inside a 200 and each has its own words for "later", "never" and "gone". Nothing of a body
/// comes out but ids and words from our own lists: an answer may repeat a secret.

#include <optional>
#include <string>
#include <string_view>

#include "earshot/core/instant.hpp"
#include "earshot/receivers/receiver.hpp"

namespace earshot {

struct ServiceAnswer {
  int status = 0;
  std::string body{};
  std::optional<Duration> retry_after{};  ///< of the header, relative to the answer's own Date
};

/// The status alone: 2xx ok; 408 425 429 503 again; 410 gone; other 5xx uncertain; the rest refused
/// (3xx too: a redirect is never followed).
Delivery read_status(const ServiceAnswer& answer);

Delivery read_slack_webhook(const ServiceAnswer& answer);
Delivery read_slack_api(const ServiceAnswer& answer);   ///< id: ts
Delivery read_mattermost(const ServiceAnswer& answer);  ///< id: of the post where the API was asked
Delivery read_teams(const ServiceAnswer& answer);
Delivery read_discord(const ServiceAnswer& answer);   ///< id: of the message
Delivery read_telegram(const ServiceAnswer& answer);  ///< id: message_id; moved_to: the new chat
Delivery read_matrix(const ServiceAnswer& answer);    ///< id: event_id
Delivery read_ntfy(const ServiceAnswer& answer);      ///< id: of the message
Delivery read_pagerduty(const ServiceAnswer& answer);
Delivery read_opsgenie(const ServiceAnswer& answer);  ///< id: requestId
Delivery read_twilio(const ServiceAnswer& answer);    ///< id: sid

/// The edited message is not there any more: say it as a new one.
bool discord_message_is_missing(const ServiceAnswer& answer);
/// What became of an accepted request: ok, refused, or nullopt while the service still works on it.
/// `needed`: false where an alert that is not there is as good as a closed one.
std::optional<Delivery> read_opsgenie_request(const ServiceAnswer& answer, bool needed);
/// True where the list of messages (Messages.json?To=…) holds one with these words.
bool twilio_list_holds(const ServiceAnswer& answer, std::string_view words);
/// How a program ended: 0 ok, 75 again, any other refused.
Delivery read_exit(int code);

}  // namespace earshot

#pragma once

/// Approved replies on their way to customers: what stands in the outbox, and the receivers that
/// send it. A receiver of a way is called "reply/SOURCE", a name no configuration can give.

#include <memory>
#include <string>

#include "earshot/config/config.hpp"
#include "earshot/receivers/answer.hpp"
#include "earshot/receivers/receiver.hpp"

namespace earshot {

inline constexpr std::string_view kReplyReceiver = "reply/";
std::string reply_receiver(std::string_view source);

struct CustomerReply {
  std::string parent;      ///< native id of the post that it answers
  std::string text;        ///< as it appears
  std::string language;    ///< BCP 47; "" = not said
  std::string to;          ///< mail: the customer's address
  std::string subject;     ///< mail: of the customer's mail
  std::string name;        ///< mail: the company's, as sender
  std::string message_id;  ///< its key: the same for every attempt
  Instant at{};            ///< when the words were written: record keys are made of it
  Instant sent{};
};
/// The bytes of the outbox row: JSON, or the whole message of a mail. Pure.
std::string render_reply(const ReplyWay& way, const CustomerReply& reply);

/// A record key of the AT protocol: 13 characters of the time and ten bits of `seed`
/// (https://atproto.com/specs/tid).
std::string tid_of(Instant at, std::uint64_t seed);

/// The address (or id) of our status with these words among the descendants of `parent`; "" where
/// it is not there.
std::string reply_in_context(const ServiceAnswer& context, std::string_view parent,
                             std::string_view account, std::string_view text);
Delivery read_posted_status(const ServiceAnswer& answer);   ///< id: its address
Delivery read_created_record(const ServiceAnswer& answer);  ///< id: at://…

/// An Error says which secret cannot be read.
Result<std::shared_ptr<Receiver>> make_reply_receiver(const ReplyWay& way, const SmtpConfig& mail,
                                                      const ReceiverTools& tools);

}  // namespace earshot

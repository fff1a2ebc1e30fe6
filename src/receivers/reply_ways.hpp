#pragma once

/// The receivers of approved replies, one file each.

#include <memory>

#include "earshot/receivers/reply.hpp"

namespace earshot {

std::shared_ptr<Receiver> make_mastodon_reply(const ReceiverConfig& config,
                                              const ReceiverTools& tools);
std::shared_ptr<Receiver> make_bluesky_reply(const ReceiverConfig& config, const ReplyWay& way,
                                             const ReceiverTools& tools);
std::shared_ptr<Receiver> make_mail_reply(const ReplyWay& way, const SmtpConfig& mail,
                                          const ReceiverTools& tools);

/// What follows a question that had no answer, or another than 200, before anything was sent:
/// nothing is uncertain then, and no receiver is gone for it.
Delivery before_sending(const Error& error);
Delivery not_sent(const ServiceAnswer& answer, std::string_view what);

}  // namespace earshot

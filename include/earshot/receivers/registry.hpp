#pragma once

/// Makes receivers from their configuration; receivers.def lists the types.

#include <memory>

#include "earshot/config/config.hpp"
#include "earshot/receivers/receiver.hpp"

namespace earshot {

/// An Error says which secret cannot be read, or that no receiver has this type.
Result<std::shared_ptr<Receiver>> make_receiver(const ReceiverConfig& config,
                                                const SmtpConfig& mail, const ReceiverTools& tools);

}  // namespace earshot

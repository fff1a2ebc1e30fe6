#pragma once

/// What leaves the house goes without telephone numbers, mail addresses, accounts and cards. Pure.

#include "earshot/receivers/message.hpp"

namespace earshot {

/// Every text of the message that people wrote; links and ids of ours stay.
Message masked(Message message);

}  // namespace earshot

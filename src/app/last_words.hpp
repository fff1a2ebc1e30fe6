#pragma once

/// What can still be told where the database cannot be written any more (P18, P19): from memory.

#include <string>

#include "earshot/app/rules.hpp"
#include "earshot/receivers/outbox.hpp"
#include "earshot/runtime/task.hpp"
#include "effects.hpp"

namespace earshot {

struct LastWords {
  std::string subject;
  std::string text;
  std::string id;  ///< of the message: "store/2026-11-27T18"
};

/// Every receiver of the configuration, by name; that of a way of replies by reply_receiver(). An
/// Error names a secret that cannot be read.
Result<Receivers> receivers_of(const Config& config, const ReceiverTools& tools);

/// Tells the receivers of the root route the same ways as everything else goes, but through a
/// database in memory; ends when each has taken it or has not.
Task<> tell_from_memory(Executor executor, const Receivers& receivers, const Rules& rules,
                        AckKey key, Chance chance, LastWords words);

}  // namespace earshot

#pragma once

/// Which changes of a case a receiver hears of, once it has been told of the case. Pure.

#include <span>
#include <string_view>

#include "earshot/config/config.hpp"

namespace earshot {

/// taken: somebody has it now. escalated: a later step was told. answered: the customer has had an
/// answer. closed: closed, dismissed or merged.
EARSHOT_ENUM(CaseChange, taken, escalated, answered, closed);

/// What this type of receiver can say of a change; empty for a type that only pages (voice).
std::span<const CaseChange> possible_updates(std::string_view type);
/// `updates:` of the receiver, or what suits its type.
bool wants_update(const ReceiverConfig& receiver, CaseChange change);
/// False where the person who did it is not told of it through this type: it would ring their own
/// pocket.
bool tells_doer(std::string_view type);

}  // namespace earshot

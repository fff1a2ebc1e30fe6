#pragma once

/// Replies to customers in the store: the draft, its ledger, its letters, and the outbox row of
/// what was approved. Called inside a transaction.

#include "earshot/cases/draft.hpp"
#include "earshot/web/backend.hpp"
#include "effects.hpp"

namespace earshot {

/// write, ask, approve, refuse, send; `id` is the case's.
DeskAnswer change_draft(StoreWriter& writer, const Rules& rules, Effects& effects,
                        const DeskCommand& command);
/// Looks what became of a reply that was sent: what arrived is the customer's answer.
void draft_falls_due(StoreWriter& writer, const Rules& rules, Effects& effects,
                     const TimerRecord& timer);

}  // namespace earshot

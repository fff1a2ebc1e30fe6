#pragma once

/// What follows from cases in the store: failed cases, corrective actions, who rings. Called inside
/// a transaction.

#include <optional>
#include <string>

#include "earshot/cases/corrective.hpp"
#include "earshot/cases/intake.hpp"
#include "earshot/web/backend.hpp"
#include "effects.hpp"
#include "filing.hpp"

namespace earshot {

/// The signs of a failed case in what a post opened or was added to: events and their fold.
void note_failures(StoreReader& reader, const JudgedPost& judged, const Matter& matter,
                   const CustomerRecord& customer, Filed& filed, Instant now,
                   const CasePolicy& policy);

/// The ids under which the cases of a customer stand: its own, and those of what was merged into
/// it.
std::vector<std::string> customer_ids(const CustomerRecord& customer);
/// merge, split, flag (customers.cpp).
DeskAnswer change_customer(StoreWriter& writer, const DeskCommand& command, Instant now);

/// A command of the desk by what it is about: "action", "letter", "customer".
DeskAnswer change_desk(StoreWriter& writer, const Rules& rules, const AckKey& key, Chance chance,
                       const std::string& kind, const DeskCommand& command);
/// A person's command on a corrective action: done, decline, postpone, give, note.
DeskAnswer change_action(StoreWriter& writer, const Rules& rules, const AckKey& key, Chance chance,
                         const DeskCommand& command);
/// Its timer fires.
void action_falls_due(StoreWriter& writer, const Rules& rules, Effects& effects,
                      const TimerRecord& timer, Instant now);
/// The feedback of a case names a cause: its department owes an action.
void owe_action(StoreWriter& writer, const Rules& rules, Effects& effects, const Case& it);

}  // namespace earshot

#pragma once

/// The rota while the daemon runs: commands of people on its records, hand-offs, and the codes that
/// prove a contact. Each command is one transaction with its ledger entry and its notices.

#include "earshot/web/backend.hpp"
#include "earshot/web/live.hpp"
#include "effects.hpp"

namespace earshot {

inline constexpr std::string_view kHandoff = "handoff";  ///< kind of timers

/// Commands: override_add, override_end, absence_add, absence_end, swap_ask, swap_accept,
/// swap_decline, swap_withdraw, contact_code, contact_prove.
RotaAnswer change_rota(StoreWriter& writer, const Rules& rules, const AckKey& key, Chance chance,
                       const RotaCommand& command);

/// contact_code and contact_prove (rota_contacts.cpp).
RotaAnswer send_code(StoreWriter& writer, const Rules& rules, Effects& effects, Chance chance,
                     const RotaCommand& command);
RotaAnswer prove_contact(StoreWriter& writer, const Rules& rules, Chance chance,
                         const RotaCommand& command);

/// storm_rename, storm_split, storm_join, storm_end (storm_doors.cpp).
RotaAnswer change_storm(StoreWriter& writer, const Rules& rules, Effects& effects, Chance chance,
                        const RotaCommand& command);

/// Arms the next change of every schedule (rota_handoff.cpp).
void arm_handoffs(StoreWriter& writer, const Rules& rules, Instant now);
/// A schedule changed hands: tells who comes and who goes, records where nobody is on call.
void hand_off(StoreWriter& writer, const Rules& rules, Effects& effects, const TimerRecord& timer,
              Instant now);

RotaAnswer rota_refusal(std::string code, std::string text, std::string field = {});
/// "Mon 2 Mar, 09:00 (Europe/Berlin)".
std::string local_text(Instant at, const std::string& zone);

}  // namespace earshot

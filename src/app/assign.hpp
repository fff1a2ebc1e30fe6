#pragma once

/// Gives cases to people by the strategies of their team: gathers who is there, asks the pure
/// choice (cases/assignment.hpp) and returns what to record. Called inside a transaction.

#include "earshot/app/rules.hpp"
#include "earshot/cases/assignment.hpp"
#include "earshot/store/store.hpp"

namespace earshot {

/// The kind of record that remembers when each person of a team was last given a case.
inline constexpr std::string_view kGiven = "given";

/// The kind of record of a case that waits until somebody of its team has room. Its parent is the
/// team; in the order of their ids the oldest case comes first.
inline constexpr std::string_view kWaiting = "waiting";

/// The policy of the case's route, or of its team; the default (whoever acknowledges) where neither
/// has one.
AssignPolicy assign_policy(const Rules& rules, const Case& it);
/// Everybody of the case's team as they are now.
std::vector<Candidate> candidates_for(StoreReader& reader, const Rules& rules, const Case& it,
                                      Instant now);
/// Whom the case is given to, with reasons. Nobody where the team's policy does not choose.
Assignment assignment_for(StoreReader& reader, const Rules& rules, const Case& it, Instant now);
/// Remembers the turn.
void remember_turn(StoreWriter& writer, const std::string& team, const std::string& person,
                   Instant now);
/// Nobody can be chosen for the case now: it is remembered.
void remember_waiting(StoreWriter& writer, const Case& it, Instant now);
/// The cases of the team that wait, the oldest first; at most `limit`.
std::vector<Record> waiting_of(StoreReader& reader, const std::string& team, std::size_t limit);

}  // namespace earshot

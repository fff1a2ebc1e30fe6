#pragma once

/// Gives cases to people by the strategies of their team: gathers who is there, asks the pure
/// choice (cases/assignment.hpp) and returns what to record. Called inside a transaction.

#include "earshot/app/rules.hpp"
#include "earshot/cases/assignment.hpp"
#include "earshot/store/store.hpp"

namespace earshot {

/// The kind of record that remembers when each person of a team was last given a case.
inline constexpr std::string_view kGiven = "given";

/// The policy of the case's team; the default (whoever acknowledges) where it has none.
const AssignPolicy& assign_policy(const Rules& rules, const Case& it);
/// Everybody of the case's team as they are now.
std::vector<Candidate> candidates_for(StoreReader& reader, const Rules& rules, const Case& it,
                                      Instant now);
/// Whom the case is given to, with reasons. Nobody where the team's policy does not choose.
Assignment assignment_for(StoreReader& reader, const Rules& rules, const Case& it, Instant now);
/// Remembers the turn.
void remember_turn(StoreWriter& writer, const std::string& team, const std::string& person,
                   Instant now);
/// The oldest case of the team that nobody has and nobody was given; nullopt where there is none.
std::optional<CaseRecord> oldest_waiting(StoreReader& reader, const std::string& team);

}  // namespace earshot

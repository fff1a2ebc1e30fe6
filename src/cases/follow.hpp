#pragma once

/// What follows from a case beyond its states, as part of the machine: who rings, what is granted,
/// signs that it failed. Pure.

#include "earshot/cases/machine.hpp"

namespace earshot {

Applied apply_follow(const Case& it, const Command& command, Instant now, const CasePolicy& policy);
void fold_follow(Case& it, const Event& event);
std::string follow_sentence(const Event& event);

/// The outcome of a call-back.
Applied verify(const Case& it, const Command& command, Instant now, const CasePolicy& policy);
/// The event that follows answer and feedback.
Event verification_due(const Case& it, const std::string& who, Instant now,
                       const CasePolicy& policy);
/// What these events make of a case may want a call-back that none was needed for before: a page,
/// or a failed case.
void ask_after_all(const Case& it, Applied& out, const std::string& who, Instant now,
                   const CasePolicy& policy);

}  // namespace earshot

#pragma once

/// Failed cases: the customer had to come again, or promises were missed. Found by signs, explained
/// in a sentence, and one level up by themselves. Pure.

#include <optional>
#include <string>
#include <vector>

#include "earshot/cases/machine.hpp"
#include "earshot/classify/assessment.hpp"

namespace earshot {

/// second_contact: complained again on the same matter. clocks: so many were missed. told_before:
/// "I already told you". other_channel: the same customer elsewhere.
EARSHOT_ENUM(FailureKind, second_contact, reopened, clocks, told_before, other_channel);

struct Failure {
  FailureKind kind = FailureKind::second_contact;
  std::string reason;
};

/// What new words of the customer say about the case they were added to, as it stood before.
std::vector<Failure> failures_of_words(const Case& before, const std::string& source,
                                       const Assessment& assessment, Instant now,
                                       const CasePolicy& policy);
/// What the first words say about a case that opens; `others`: cases of the same customer.
std::vector<Failure> failures_of_opening(const Case& opened, const std::vector<Case>& others,
                                         Instant now, const CasePolicy& policy);
/// `missed`: clocks that ran out since it opened, or was opened again.
std::optional<Failure> failure_of_clocks(const Case& it, int missed, const CasePolicy& policy);

Command fail_command(const Failure& failure, const std::string& who);

}  // namespace earshot

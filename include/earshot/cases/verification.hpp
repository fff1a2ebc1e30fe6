#pragma once

/// Verification: is there a call-back, who rings, and what do they ask? Pure; every answer has its
/// reason.

#include <string>
#include <vector>

#include "earshot/cases/machine.hpp"
#include "earshot/cases/question.hpp"

namespace earshot {

struct VerificationChoice {
  bool needed = true;
  std::string why;
};

/// Always for the urgencies of the policy and for cases that failed before; of the others a share,
/// drawn by the case's own id: anybody who knows the id draws the same.
VerificationChoice choose_verification(const Case& it, const CasePolicy& policy);
/// The draw of a case: 0 <= lot < 1.
double verification_lot(const std::string& case_id);

struct Caller {
  std::string person;  ///< id of a person or a principal; "" where there is nobody
  std::string why;
};
/// Whom the policy lets ring: never who did the work, unless it says so or nobody else is there.
/// `lead`: of the case's team, or "".
Caller choose_caller(const Case& it, const CasePolicy& policy, const Parties& parties,
                     const std::string& lead);

/// Refuses feedback whose *done* is word for word what had been done before the case came back:
/// the customer has said that it was not enough. `done_before`: of the earlier feedbacks.
std::optional<Refusal> repeats_what_failed(const Arguments& feedback,
                                           const std::vector<std::string>& done_before);

/// What to say and ask, in order: one sentence each.
std::vector<std::string> call_script(const Case& it);

}  // namespace earshot

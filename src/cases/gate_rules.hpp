#pragma once

/// The gates on the way to the end, shared by the machine and by what people are shown. Pure.

#include <optional>
#include <string>
#include <string_view>

#include "earshot/cases/machine.hpp"

namespace earshot {

/// Letters, digits and what else is seen: "  ... " says nothing, nor do characters that are not
/// seen, and "We're sorry!" is "we re sorry".
std::string bare(std::string_view text);

/// What is wrong with the arguments of a feedback; nullopt where they are complete.
std::optional<Refusal> check_feedback(const Case& it, const Arguments& args,
                                      const CasePolicy& policy);
/// The department that the arguments name, or whose their cause is; "" where neither says.
std::string department_of(const Arguments& args, const CasePolicy& policy);

/// Why the case cannot be closed or verified now: names every gate still shut.
Refusal gate_refusal(const Case& it, const std::string& first);

}  // namespace earshot

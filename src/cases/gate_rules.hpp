#pragma once

/// The gates on the way to the end, shared by the machine and by what people are shown. Pure.

#include <optional>
#include <string>

#include "earshot/cases/machine.hpp"

namespace earshot {

/// What the arguments of a feedback lack; nullopt where they are complete.
std::optional<Refusal> check_feedback(const Arguments& args);

/// Why the case cannot be closed or verified now: names every gate still shut.
Refusal gate_refusal(const Case& it, const std::string& first);

}  // namespace earshot

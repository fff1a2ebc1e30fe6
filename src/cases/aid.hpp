#pragma once

/// Actions that help whoever has a case, or keep a case as it is: help, snooze, hold, release,
/// teach. Part of the case machine (machine.cpp calls it). Pure.

#include "earshot/cases/machine.hpp"

namespace earshot {

Applied apply_aid(const Case& it, const Command& command, Instant now, const CasePolicy& policy);

}  // namespace earshot

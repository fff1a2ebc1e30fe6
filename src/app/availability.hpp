#pragma once

/// Who is away, by the configuration or by what people have said while the daemon runs. Pure.

#include <string>

#include "earshot/app/rules.hpp"
#include "earshot/oncall/live.hpp"

namespace earshot {

bool is_absent(const Rules& rules, const LiveRota& live, const std::string& person, Instant now);

}  // namespace earshot

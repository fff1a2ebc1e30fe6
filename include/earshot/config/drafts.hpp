#pragma once

/// What replies to a case are judged by and where they would go, from the configuration. Pure.

#include "earshot/cases/draft.hpp"
#include "earshot/config/config.hpp"

namespace earshot {

DraftRules draft_rules(const Config& config, const Case& about);
/// How replies to this case go out; nullptr where none does.
const ReplyWay* reply_way(const Config& config, const Case& about);

}  // namespace earshot

#pragma once

/// What routes, silences and inhibition rules know of a case. Pure.

#include "earshot/cases/case.hpp"
#include "earshot/route/matcher.hpp"

namespace earshot {

/// The labels of a case; those it has no value for are missing.
Labels labels_of(const Case& it);
/// People or principals may be in danger - a hazard, an injury, a threat, or a page that is a
/// principal's -: no silence, muted route or inhibition keeps these back.
bool speaks_anyway(const Case& it);

}  // namespace earshot

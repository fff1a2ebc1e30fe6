#pragma once

/// Which cases a report is of. Private to this room.

#include "earshot/cases/case.hpp"
#include "earshot/digest/digest.hpp"

namespace earshot {

/// "en" keeps "en-GB", too.
bool keeps(const DigestFilter& filter, const Case& it);
/// "team care, language en"; "" without a filter.
std::string filter_words(const DigestFilter& filter);

}  // namespace earshot

#pragma once

/// The paragraph about a case that addresses a principal, from what is stored now.

#include <string>
#include <vector>

#include "earshot/cases/case.hpp"
#include "earshot/config/config.hpp"
#include "earshot/store/store.hpp"

namespace earshot {

/// `reader`: id of a person or principal, for the time zone; `story`: the ledger of the case.
std::string brief_now(const Case& it, const Config& config, const std::string& reader, Instant now,
                      const std::vector<LedgerEntry>& story);

}  // namespace earshot

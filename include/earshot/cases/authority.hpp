#pragma once

/// Authority: what somebody may grant without asking, and what was granted. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/cases/policy.hpp"

namespace earshot {

/// "250 EUR": hundredths, and three letters.
struct Money {
  std::int64_t cents = 0;
  std::string currency;
};
/// nullopt for anything but an amount of at most two decimals above nothing, a blank and a
/// currency.
std::optional<Money> money_of(std::string_view text);

/// One thing a person may grant: "refund" up to "250 EUR".
struct Allowance {
  std::string kind;
  std::string up_to;
};
/// Their own, and what everybody may.
std::vector<Allowance> authority_of(const CasePolicy& policy, std::string_view person);
/// What they may grant of a kind; "" where nothing is allowed.
std::string limit_of(const CasePolicy& policy, std::string_view person, std::string_view kind);
/// Is the amount within the limit, in the same currency?
bool within(std::string_view amount, std::string_view limit);

}  // namespace earshot

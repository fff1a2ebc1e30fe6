#pragma once

/// How long a customer waited, as one event of their case tells it, and the groups in which waits
/// are compared. The digest and the gauges measure with this, so that they cannot differ. Pure.

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "earshot/cases/case.hpp"
#include "earshot/cases/machine.hpp"

namespace earshot {

struct Waited {
  std::string_view what;  ///< first_answer, solution
  Duration span{};        ///< from the customer's own post, or from a reopening; never below 0
};
/// nullopt where the event ends no wait: of its case before it, and after.
std::optional<Waited> waited_in(const Case& before, const Case& after, const Event& event);

/// What waits are compared by, and a case's group in each, in the same order.
inline constexpr std::array<std::string_view, 4> kWaitedBy{"channel", "reach", "team", "language"};
std::array<std::string, kWaitedBy.size()> waited_groups(const Case& it);

}  // namespace earshot

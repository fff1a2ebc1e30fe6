#pragma once

/// Makes a seed that fails smaller: what is left is what the failure needs.

#include "runs.hpp"

namespace earshot::sim {

/// Leaves out faults, halves first, then one by one, then the second feed, and cuts the time, while
/// the same invariant breaks. Prints what it did and the line that runs the rest again. Returns the
/// exit code: 0 where it failed and is smaller now, 1 where it passes.
int shrink(Run run, unsigned jobs, const std::shared_ptr<const Rules>& rules);

}  // namespace earshot::sim

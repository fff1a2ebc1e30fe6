#pragma once

/// When windows of the week are open, as instants: for layers of a rota and for business calendars.
/// Pure.

#include <span>
#include <vector>

#include "earshot/oncall/business.hpp"
#include "earshot/oncall/schedule.hpp"
#include "zone.hpp"

namespace earshot {

/// What is open within [from, to): in order, joined where windows touch, not clipped to the ends.
std::vector<OpenSpan> open_spans(std::span<const DutyWindow> windows, const Zone& zone,
                                 Instant from, Instant to);

}  // namespace earshot

#pragma once

/// CCTZ behind one door: civil time to instants by the rules of schedule.hpp. Pure but for reading
/// the system's tzdata once per zone.

#include <cctz/time_zone.h>

#include <string>

#include "earshot/oncall/schedule.hpp"

namespace earshot {

/// Converts many times of one zone without looking the zone up again.
class Zone {
 public:
  /// UTC where the name is unknown.
  explicit Zone(const std::string& name);
  Instant instant(CivilTime local) const;
  CivilTime civil(Instant at) const;

 private:
  cctz::time_zone zone_;
};

}  // namespace earshot

#include "availability.hpp"

#include <algorithm>

#include "earshot/oncall/schedule.hpp"

namespace earshot {

bool is_absent(const Rules& rules, const LiveRota& live, const std::string& person, Instant now) {
  const bool said = std::ranges::any_of(live.absences, [&](const LiveAbsence& it) {
    return it.person == person && it.start <= now && now < it.end;
  });
  if (said) return true;
  for (const Schedule& schedule : rules.config->schedules) {
    for (const Absence& it : schedule.absences) {
      const std::string& zone = it.zone.empty() ? schedule.zone : it.zone;
      if (it.person == person && to_instant(it.start, zone) <= now &&
          now < to_instant(it.end, zone))
        return true;
    }
  }
  return false;
}

}  // namespace earshot

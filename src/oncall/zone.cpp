#include "zone.hpp"

#include <cctz/civil_time.h>

#include <algorithm>

namespace earshot {
namespace {

const cctz::civil_second kCivilEpoch{1970, 1, 1, 0, 0, 0};

/// CCTZ opens absolute paths, climbs out of the zone folder and knows names that depend on the
/// machine; a configuration must not.
bool is_iana_name(std::string_view name) {
  if (name.empty() || name.size() > 64 || name.front() == '/' || name == "localtime") return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '+' || c == '-' || c == '/';
  });
}

}  // namespace

Zone::Zone(const std::string& name) : zone_(cctz::utc_time_zone()) {
  if (is_iana_name(name)) cctz::load_time_zone(name, &zone_);  // leaves UTC where it fails
}

Instant Zone::instant(CivilTime local) const {
  const auto found = zone_.lookup(kCivilEpoch + local.time_since_epoch().count());
  const auto at = found.kind == cctz::time_zone::civil_lookup::SKIPPED ? found.trans : found.pre;
  return std::chrono::time_point_cast<Duration>(at);
}

CivilTime Zone::civil(Instant at) const {
  const auto found = zone_.lookup(std::chrono::floor<cctz::seconds>(at));
  return CivilTime{std::chrono::seconds{found.cs - kCivilEpoch}};
}

Instant to_instant(CivilTime local, const std::string& zone) {
  return Zone{zone}.instant(local);
}
CivilTime to_civil(Instant at, const std::string& zone) {
  return Zone{zone}.civil(at);
}

bool known_zone(const std::string& zone) {
  cctz::time_zone loaded;
  return is_iana_name(zone) && cctz::load_time_zone(zone, &loaded);
}

}  // namespace earshot

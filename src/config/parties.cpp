#include "earshot/config/parties.hpp"

namespace earshot {

Parties parties_of(const Config& config) {
  return [&config](std::string_view id) {
    Party out;
    out.id = id;
    if (const Person* person = find_person(config.people, id)) {
      out.name = person->name;
      out.zone = person->zone;
      out.manager = person->manager;
    }
    for (const Principal& principal : config.watch.principals) {
      if (principal.id != id) continue;
      if (!principal.name.empty()) out.name = principal.name;
      for (const std::string* hand : {&principal.delegate, &principal.aide}) {
        if (!hand->empty()) out.hands.push_back(*hand);
      }
    }
    return out;
  };
}

}  // namespace earshot

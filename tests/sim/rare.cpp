#include "rare.hpp"

#include "earshot/core/rare.hpp"

namespace earshot::sim {
namespace {

constexpr double kOn = 0.34;
Rare* in_force = nullptr;

}  // namespace

void Rare::use(Rare* rare) {
  in_force = rare;
}

bool Rare::happens(std::string_view site) {
  if (rate_ <= 0) return false;
  auto found = sites_.find(site);
  if (found == sites_.end()) {
    Random own = random_.branch(site);
    const bool on = own.chance(kOn);
    found = sites_.emplace(std::string{site}, Site{on, own}).first;
  }
  if (!found->second.on || !found->second.random.chance(rate_)) return false;
  happened_.insert(found->first);
  return true;
}

bool asked(std::string_view site) {
  return in_force != nullptr && in_force->happens(site);
}

}  // namespace earshot::sim

#ifdef EARSHOT_BUGGIFY
namespace earshot {

bool rare(std::string_view site) {
  return sim::asked(site);
}

}  // namespace earshot
#endif

#include <array>

#include "parts.hpp"

namespace earshot {
namespace {

using P = Api::Parts;
using T = Touches;

constexpr std::array kDoors{
    Door{"POST", "/api/v1/posts", "push", T::nothing, &P::push},
    Door{"GET", "/api/v1/cases", "viewer", T::list, &P::list},
    Door{"POST", "/api/v1/cases/bulk", "responder", T::many, &P::bulk},
    Door{"GET", "/api/v1/cases/{id}", "viewer", T::one, &P::show},
    Door{"POST", "/api/v1/cases/{id}/{action}", "responder", T::one, &P::act},
    Door{"GET", "/api/v1/oncall", "viewer", T::nothing, &P::oncall},
    Door{"GET", "/api/v1/oncall/shifts", "viewer", T::nothing, &P::shifts_of},
    Door{"GET", "/api/v1/sources", "viewer", T::nothing, &P::sources},
    Door{"GET", "/api/v1/me", "viewer", T::nothing, &P::me},
    Door{"GET", "/api/v1/ledger", "audit", T::all, &P::ledger},
    Door{"GET", "/api/v1/tokens", "admin", T::nothing, &P::tokens},
    Door{"POST", "/api/v1/reload", "admin", T::nothing, &P::reload},
    Door{"POST", "/-/reload", "admin", T::nothing, &P::reload},
    Door{"POST", "/api/v1/receivers/{name}/test", "manager", T::nothing, &P::test},
    Door{"GET", "/api/v1/openapi.json", "viewer", T::nothing, &P::openapi},
};
constexpr Door kActions{"POST", "/api/v1/cases/{id}/{action}", "responder", T::one, &P::act};

}  // namespace

std::span<const Door> doors() {
  return kDoors;
}

const Door& door_of_actions() {
  return kActions;
}

}  // namespace earshot

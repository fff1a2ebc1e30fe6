#pragma once

/// Where the program may connect to (RELIABILITY 4.4). Checked on the final address of every
/// connect, so redirects and DNS rebinding are caught. Pure.

#include <array>
#include <cstdint>

#include "earshot/core/network.hpp"

namespace earshot {

/// True where a connection to this address (16 bytes, IPv4 mapped) is permitted.
bool may_connect(const std::array<std::uint8_t, 16>& address, const NetworkPolicy& policy);

}  // namespace earshot

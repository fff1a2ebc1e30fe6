#pragma once

/// Where the program may connect to (RELIABILITY 4.4). Checked on the final address of every
/// connect, so redirects and DNS rebinding are caught. Pure.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/core/result.hpp"

namespace earshot {

/// "127.0.0.1/32", "fd00::/8"; an address alone is a range of one.
struct AddressRange {
  std::array<std::uint8_t, 16> address{};  ///< IPv4 as ::ffff:a.b.c.d
  int prefix = 128;                        ///< bits of the 128
};
Result<AddressRange> parse_range(std::string_view text);

/// The default denies loopback, private, link-local, CGNAT, ULA, multicast, reserved and the forms
/// that embed IPv4
/// (::ffff:, 64:ff9b::/96, 2002::/16); `allow` opens ranges again.
struct NetworkPolicy {
  std::vector<AddressRange> allow{};
  bool insecure_http =
      false;  ///< Plain http and unencrypted mail may be spoken to what is reachable.
};

/// True where a connection to this address (16 bytes, IPv4 mapped) is permitted.
bool may_connect(const std::array<std::uint8_t, 16>& address, const NetworkPolicy& policy);

}  // namespace earshot

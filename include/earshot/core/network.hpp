#pragma once

/// Address ranges and who may be reached, as the configuration names them. runtime/network.hpp
/// decides with them at every connect (RELIABILITY 4.4). Pure.

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "earshot/core/result.hpp"

namespace earshot {

/// "127.0.0.1/32", "fd00::/8"; an address alone is a range of one.
struct AddressRange {
  std::array<std::uint8_t, 16> address{};  ///< IPv4 as ::ffff:a.b.c.d
  int prefix = 128;                        ///< bits of the 128
};
/// Bits beyond the prefix are dropped: "10.1.2.3/8" is 10.0.0.0/8. Errors are permanent and say
/// what is wrong with the text.
Result<AddressRange> parse_range(std::string_view text);
bool contains(const AddressRange& range, const std::array<std::uint8_t, 16>& address);

/// The default denies loopback, private, link-local, CGNAT, ULA, multicast, reserved and the forms
/// that embed IPv4 (::ffff:, 64:ff9b::/96, 2002::/16); `allow` opens ranges again.
struct NetworkPolicy {
  std::vector<AddressRange> allow{};
  bool insecure_http =
      false;  ///< Plain http and unencrypted mail may be spoken to what is reachable.
};

}  // namespace earshot

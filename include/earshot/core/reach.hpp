#pragma once

/// Which addresses are public. Pure.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace earshot {

/// True for a public unicast address (16 bytes, IPv4 mapped): nothing of IANA's special-purpose
/// registries, nothing that embeds IPv4 in IPv6, no cloud's own services (RELIABILITY 4.4).
bool is_public(const std::array<std::uint8_t, 16>& address);

/// The address that a host of a URL is, in every spelling that a resolver takes without asking
/// anybody: "127.1", "0x7f.1", "2130706433", "0177.0.0.1", "::1", one dot at the end. nullopt for
/// a name. The host without brackets.
std::optional<std::array<std::uint8_t, 16>> literal_address(std::string_view host);

}  // namespace earshot

#include "earshot/core/reach.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <string>

#include "earshot/core/network.hpp"

namespace earshot {

namespace {

using Address = std::array<std::uint8_t, 16>;

constexpr Address v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
  return {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, a, b, c, d};
}

constexpr Address v6(std::uint16_t a, std::uint16_t b = 0) {
  return {static_cast<std::uint8_t>(a >> 8U), static_cast<std::uint8_t>(a & 0xFFU),
          static_cast<std::uint8_t>(b >> 8U), static_cast<std::uint8_t>(b & 0xFFU)};
}

// IANA's special-purpose registry for IPv4 (RFC 6890 and its updates): everything that is not a
// public unicast address.
const AddressRange kDeniedV4[] = {
    {v4(0, 0, 0, 0), 96 + 8},        // this network
    {v4(10, 0, 0, 0), 96 + 8},       // private
    {v4(100, 64, 0, 0), 96 + 10},    // carrier-grade NAT
    {v4(127, 0, 0, 0), 96 + 8},      // loopback
    {v4(168, 63, 129, 16), 128},     // Azure's platform, reachable from its machines alone
    {v4(169, 254, 0, 0), 96 + 16},   // link-local, the clouds' metadata services
    {v4(172, 16, 0, 0), 96 + 12},    // private
    {v4(192, 0, 0, 0), 96 + 24},     // protocol assignments
    {v4(192, 0, 2, 0), 96 + 24},     // documentation
    {v4(192, 88, 99, 0), 96 + 24},   // 6to4 relays
    {v4(192, 168, 0, 0), 96 + 16},   // private
    {v4(198, 18, 0, 0), 96 + 15},    // benchmarks
    {v4(198, 51, 100, 0), 96 + 24},  // documentation
    {v4(203, 0, 113, 0), 96 + 24},   // documentation
    {v4(224, 0, 0, 0), 96 + 4},      // multicast
    {v4(240, 0, 0, 0), 96 + 4},      // reserved, broadcast
};

// Of IPv6 only 2000::/3 is public unicast at all; the rest (loopback, ULA, link-local, NAT64
// 64:ff9b::/96, multicast …) is denied as a whole, and of 2000::/3 what embeds IPv4 or is not
// routed.
const AddressRange kPublicV6{v6(0x2000), 3};
const AddressRange kDeniedV6[] = {
    {v6(0x2001, 0), 23},       // protocol assignments, Teredo among them
    {v6(0x2001, 0x0db8), 32},  // documentation
    {v6(0x2002), 16},          // 6to4: embeds IPv4
    {v6(0x3fff), 20},          // documentation
};

template <class List>
bool any_contains(const List& ranges, const Address& address) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [&](const AddressRange& range) { return contains(range, address); });
}

bool is_v4(const Address& address) {
  const Address mapped = v4(0, 0, 0, 0);
  return std::equal(mapped.begin(), mapped.begin() + 12, address.begin());
}

}  // namespace

bool is_public(const std::array<std::uint8_t, 16>& address) {
  if (is_v4(address)) return !any_contains(kDeniedV4, address);
  return contains(kPublicV6, address) && !any_contains(kDeniedV6, address);
}

std::optional<std::array<std::uint8_t, 16>> literal_address(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.find('/') != std::string_view::npos) return std::nullopt;
  if (const auto plain = parse_range(host)) return plain->address;
  in_addr number{};
  const bool digit = !host.empty() && host.front() >= '0' && host.front() <= '9';
  if (!digit || ::inet_aton(std::string{host}.c_str(), &number) == 0) return std::nullopt;
  const std::uint32_t it = ntohl(number.s_addr);
  return v4(static_cast<std::uint8_t>(it >> 24U), static_cast<std::uint8_t>(it >> 16U & 0xFFU),
            static_cast<std::uint8_t>(it >> 8U & 0xFFU), static_cast<std::uint8_t>(it & 0xFFU));
}

}  // namespace earshot

#include "earshot/core/network.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>
#include <string>

#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

constexpr int kMappedBits = 96;  // ::ffff:0:0/96

struct Address {
  std::array<std::uint8_t, 16> bytes{};
  bool v4 = false;
};

std::optional<Address> parse_address(std::string_view text) {
  if (text.size() > 45) return std::nullopt;
  const std::string zero_ended{text};
  Address out;
  if (inet_pton(AF_INET, zero_ended.c_str(), out.bytes.data() + 12) == 1) {
    out.bytes[10] = out.bytes[11] = 0xFF;
    out.v4 = true;
    return out;
  }
  if (inet_pton(AF_INET6, zero_ended.c_str(), out.bytes.data()) == 1) return out;
  return std::nullopt;
}

bool bit(const std::array<std::uint8_t, 16>& bytes, int index) {
  const auto i = static_cast<std::size_t>(index);
  return ((bytes[i / 8] >> (7U - i % 8)) & 1U) != 0;
}

}  // namespace

Result<AddressRange> parse_range(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) {
    return permanent("\"" + printable(cut_utf8(text, 60)) + "\" is not an IP address or range");
  }
  AddressRange range{address->bytes, 128};
  if (slash == std::string_view::npos) return range;
  const std::string_view digits = text.substr(slash + 1);
  const int most = address->v4 ? 32 : 128;
  int bits = -1;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (failed != std::errc{} || end != digits.data() + digits.size() || bits < 0 || bits > most) {
    return permanent("the prefix after \"/\" must be 0 to " + std::to_string(most));
  }
  range.prefix = address->v4 ? kMappedBits + bits : bits;
  for (int i = range.prefix; i < 128; ++i) {  // "10.1.2.3/8" means 10.0.0.0/8
    const auto at = static_cast<std::size_t>(i);
    range.address[at / 8] &= static_cast<std::uint8_t>(~(0x80U >> (at % 8)));
  }
  return range;
}

bool contains(const AddressRange& range, const std::array<std::uint8_t, 16>& address) {
  for (int i = 0; i < range.prefix; ++i) {
    if (bit(range.address, i) != bit(address, i)) return false;
  }
  return true;
}

}  // namespace earshot

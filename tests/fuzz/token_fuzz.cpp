// Signed links: no bytes but those we signed are accepted, and what we sign for any case and person
// comes back as it was.
#include <array>
#include <cstdint>

#include "check.hpp"
#include "earshot/core/ids.hpp"
#include "earshot/web/ack_link.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace earshot;
  static const std::array<AckKey, 2> kKeys{AckKey{"b", std::string(32, 'b')},
                                           AckKey{"a", std::string(32, 'a')}};
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  const Instant now = from_unix(1'800'000'000);
  // Nobody signed these bytes: a token is accepted only where its signature can be made again.
  if (const auto grant = verify_ack(bytes, kKeys, now)) {
    check(sign_ack(*grant, kKeys[0]) == bytes || sign_ack(*grant, kKeys[1]) == bytes);
  }
  if (const auto plain = from_base64url(bytes)) check(plain->size() <= bytes.size());

  const std::size_t half = size / 2;
  AckGrant grant{std::string{bytes.substr(0, half)}, std::string{bytes.substr(half)},
                 static_cast<int>(size), now + seconds{1}, size * 7919};
  const std::string token = sign_ack(grant, kKeys[size % 2]);
  const auto read = verify_ack(token, kKeys, now);
  check(read.ok() == (token.size() <= 1024));
  if (!read) return 0;
  check(read->case_id == grant.case_id && read->person == grant.person);
  check(!verify_ack(token, kKeys, grant.expires));
  // One byte changed, the place and the value chosen by the input.
  std::string forged = token;
  const std::size_t at = size > 0 ? (data[0] * 256U + data[size - 1]) % forged.size() : 0;
  forged[at] = static_cast<char>(forged[at] ^ (size > 1 && data[1] != 0 ? data[1] : 1));
  check(!verify_ack(forged, kKeys, now));
  return 0;
}

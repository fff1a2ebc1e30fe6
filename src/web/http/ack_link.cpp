#include "earshot/web/ack_link.hpp"

#include <fmt/format.h>

#include <charconv>
#include <vector>

#include "earshot/core/ids.hpp"

namespace earshot {
namespace {

constexpr std::size_t kLongest = 1024;

std::string_view view_of(const Sha256& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

template <class T>
bool number(std::string_view text, T& into) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
  return error == std::errc{} && end == text.data() + text.size();
}

std::vector<std::string_view> split(std::string_view text, char mark) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(mark);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string payload_of(const AckGrant& grant, std::string_view key_id) {
  return fmt::format("1|{}|ack|{}|{}|{}|{}|{:016x}", key_id, base64url(grant.case_id),
                     base64url(grant.person), grant.step, to_unix(grant.expires), grant.nonce);
}

}  // namespace

std::string sign_ack(const AckGrant& grant, const AckKey& key) {
  const std::string payload = payload_of(grant, key.id);
  return base64url(payload) + "." + base64url(view_of(hmac_sha256(key.secret, payload)));
}

Result<AckGrant> verify_ack(std::string_view token, std::span<const AckKey> keys, Instant now) {
  const Error bad = permanent("this link is not valid");
  const std::size_t dot = token.find('.');
  if (token.size() > kLongest || dot == std::string_view::npos) return bad;
  const auto payload = from_base64url(token.substr(0, dot));
  const auto signature = from_base64url(token.substr(dot + 1));
  if (!payload || !signature) return bad;
  const std::vector<std::string_view> parts = split(*payload, '|');
  if (parts.size() != 8 || parts[0] != "1" || parts[2] != "ack") return bad;
  for (const AckKey& key : keys) {
    if (key.id != parts[1] ||
        !equal_in_constant_time(*signature, view_of(hmac_sha256(key.secret, *payload))))
      continue;
    AckGrant grant;
    std::int64_t expires = 0;
    const auto case_id = from_base64url(parts[3]);
    const auto person = from_base64url(parts[4]);
    if (!case_id || !person || !number(parts[5], grant.step) || !number(parts[6], expires))
      return bad;
    const auto [end, error] =
        std::from_chars(parts[7].data(), parts[7].data() + parts[7].size(), grant.nonce, 16);
    if (error != std::errc{} || end != parts[7].data() + parts[7].size()) return bad;
    grant.case_id = *case_id;
    grant.person = *person;
    grant.expires = from_unix(expires);
    // One spelling only: base64 has spare bits, and a second spelling of a token would be a second
    // token.
    if (sign_ack(grant, key) != token) return bad;
    if (grant.expires <= now) return permanent("this link has expired");
    return grant;
  }
  return bad;
}

}  // namespace earshot

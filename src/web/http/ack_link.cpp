#include "earshot/web/ack_link.hpp"

#include <fmt/format.h>

#include <charconv>
#include <vector>

#include "earshot/core/ids.hpp"
#include "earshot/core/planted.hpp"

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

/// One key a purpose, all drawn from the one that is kept.
std::string key_for(std::string_view secret, std::string_view purpose) {
  return std::string{view_of(hmac_sha256(secret, fmt::format("earshot link {}", purpose)))};
}

std::string digest_for(std::string_view secret, std::string_view purpose, std::string_view case_id,
                       std::string_view person) {
  const std::string text = fmt::format("{}|{}", base64url(case_id), base64url(person));
  return std::string{view_of(hmac_sha256(key_for(secret, purpose), text))};
}

std::string code_of(std::string_view secret, std::string_view case_id, std::string_view person) {
  std::uint64_t number = 0;
  for (const char c : digest_for(secret, "code", case_id, person).substr(0, 8))
    number = (number << 8U) | static_cast<unsigned char>(c);
  return fmt::format("{:04}", number % 10'000);
}

std::string tag_of(std::string_view secret, std::string_view case_id, std::string_view person) {
  return to_hex(digest_for(secret, "reply", case_id, person).substr(0, 4));
}

std::string payload_of(const AckGrant& grant, std::string_view key_id) {
  return fmt::format("1|{}|{}|{}|{}|{}|{}|{:016x}", key_id, to_word(grant.purpose),
                     base64url(grant.case_id), base64url(grant.person), grant.step,
                     to_unix(grant.expires), grant.nonce);
}

}  // namespace

std::string sign_ack(const AckGrant& grant, const AckKey& key) {
  const std::string payload = payload_of(grant, key.id);
  return base64url(payload) + "." +
         base64url(view_of(hmac_sha256(key_for(key.secret, to_word(grant.purpose)), payload)));
}

Result<AckGrant> verify_ack(std::string_view token, std::span<const AckKey> keys, Instant now) {
  const Error bad = permanent("this link is not valid");
  const std::size_t dot = token.find('.');
  if (token.size() > kLongest || dot == std::string_view::npos) return bad;
  const auto payload = from_base64url(token.substr(0, dot));
  const auto signature = from_base64url(token.substr(dot + 1));
  if (!payload || !signature) return bad;
  const std::vector<std::string_view> parts = split(*payload, '|');
  if (parts.size() != 8 || parts[0] != "1") return bad;
  const auto purpose = from_word<LinkPurpose>(parts[2]);
  if (!purpose) return bad;
  for (const AckKey& key : keys) {
    if (key.id != parts[1] ||
        (!planted<35> &&
         !equal_in_constant_time(*signature,
                                 view_of(hmac_sha256(key_for(key.secret, parts[2]), *payload)))))
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
    grant.purpose = *purpose;
    grant.case_id = *case_id;
    grant.person = *person;
    grant.expires = from_unix(expires);
    // One spelling only: base64 has spare bits, and a second spelling of a token would be a second
    // token.
    if (!planted<35> && sign_ack(grant, key) != token) return bad;
    if (grant.expires <= now) return permanent("this link has expired");
    return grant;
  }
  return bad;
}

std::string ack_code(const AckKey& key, std::string_view case_id, std::string_view person) {
  return code_of(key.secret, case_id, person);
}

bool is_ack_code(std::string_view given, const AckKey& key, std::string_view case_id,
                 std::string_view person) {
  if (equal_in_constant_time(given, code_of(key.secret, case_id, person))) return true;
  return !key.previous.empty() &&
         equal_in_constant_time(given, code_of(key.previous, case_id, person));
}

std::string reply_tag(const AckKey& key, std::string_view case_id, std::string_view person) {
  return tag_of(key.secret, case_id, person);
}

bool is_reply_tag(std::string_view given, const AckKey& key, std::string_view case_id,
                  std::string_view person) {
  if (equal_in_constant_time(given, tag_of(key.secret, case_id, person))) return true;
  return !key.previous.empty() &&
         equal_in_constant_time(given, tag_of(key.previous, case_id, person));
}

}  // namespace earshot

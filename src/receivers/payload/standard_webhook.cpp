#include "earshot/receivers/standard_webhook.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <array>
#include <optional>

#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

constexpr std::string_view kPrefix = "whsec_";
constexpr std::string_view kVersion = "v1,";
constexpr std::size_t kShortestKey = 24;
constexpr std::size_t kLongestKey = 64;

std::optional<std::string> from_base64(std::string_view text) {
  for (const int variant :
       {sodium_base64_VARIANT_ORIGINAL, sodium_base64_VARIANT_ORIGINAL_NO_PADDING}) {
    std::string bytes(text.size(), '\0');
    std::size_t size = 0;
    const char* end = nullptr;
    if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                          text.size(), nullptr, &size, &end, variant) == 0 &&
        end == text.data() + text.size()) {
      bytes.resize(size);
      return bytes;
    }
  }
  return std::nullopt;
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string signature(const WebhookKey& key, std::string_view id, std::string_view timestamp,
                      std::string_view body) {
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, bytes_of(key), key.size());
  for (const std::string_view part :
       {id, std::string_view{"."}, timestamp, std::string_view{"."}, body}) {
    crypto_auth_hmacsha256_update(&state, bytes_of(part), part.size());
  }
  std::array<unsigned char, crypto_auth_hmacsha256_BYTES> mac{};
  crypto_auth_hmacsha256_final(&state, mac.data());
  std::array<char, sodium_base64_ENCODED_LEN(crypto_auth_hmacsha256_BYTES,
                                             sodium_base64_VARIANT_ORIGINAL)>
      text{};
  sodium_bin2base64(text.data(), text.size(), mac.data(), mac.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  return std::string{kVersion} + text.data();
}

/// Seconds of Unix time: digits only.
std::optional<std::int64_t> parse_timestamp(std::string_view text) {
  if (text.empty() || text.size() > 12) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

Result<std::vector<WebhookKey>> parse_webhook_secrets(std::string_view text) {
  std::vector<WebhookKey> keys;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = trim(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (line.empty()) continue;
    if (line.starts_with(kPrefix)) line.remove_prefix(kPrefix.size());
    std::optional<std::string> key = from_base64(line);
    if (!key)
      return permanent(
          "the secret is not base64; it looks like whsec_ and 32 to 88 characters of base64");
    if (key->size() < kShortestKey || key->size() > kLongestKey) {
      return permanent(fmt::format("the secret has {} bytes, but {} to {} are wanted", key->size(),
                                   kShortestKey, kLongestKey));
    }
    keys.push_back(std::move(*key));
  }
  if (keys.empty()) return permanent("the secret is empty");
  return keys;
}

std::string sign_webhook(const std::vector<WebhookKey>& keys, std::string_view id,
                         std::int64_t timestamp, std::string_view body) {
  std::string out;
  for (const WebhookKey& key : keys) {
    if (!out.empty()) out += ' ';
    out += signature(key, id, std::to_string(timestamp), body);
  }
  return out;
}

Result<void> verify_webhook(const std::vector<WebhookKey>& keys, std::string_view id,
                            std::string_view timestamp, std::string_view signatures,
                            std::string_view body, Instant now, Duration tolerance) {
  if (id.empty()) return permanent("webhook-id is missing");
  const auto sent = parse_timestamp(timestamp);
  if (!sent) return permanent("webhook-timestamp is not a number of seconds");
  const Duration age = now - from_unix(*sent);
  if (age > tolerance) return permanent("webhook-timestamp is too old");
  if (age < -tolerance) return permanent("webhook-timestamp is in the future");
  for (const WebhookKey& key : keys) {
    const std::string right = signature(key, id, timestamp, body);
    for (std::string_view rest = signatures; !rest.empty();) {
      const std::size_t blank = rest.find(' ');
      if (same(rest.substr(0, blank), right)) return {};
      rest = blank == std::string_view::npos ? std::string_view{} : rest.substr(blank + 1);
    }
  }
  return permanent("no signature is right");
}

}  // namespace earshot

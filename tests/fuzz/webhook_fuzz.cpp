// Standard Webhooks: files of secrets are read or refused without repeating them; no signature but
// ours is good, and ours is, for any id, time and body.
#include <cstdint>
#include <string>

#include "check.hpp"
#include "earshot/receivers/standard_webhook.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace earshot;
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  const Instant now = from_unix(1'800'000'000);
  if (const auto keys = parse_webhook_secrets(bytes)) {
    check(!keys->empty());
    for (const WebhookKey& key : *keys) check(key.size() >= 24 && key.size() <= 64);
  }
  // Not the input itself: a fuzzer finds out the words of the message.
  const std::string secret = "zq7Xw9Kp2LmN4RtB";
  const auto marked = parse_webhook_secrets("whsec_" + secret + std::string{bytes});
  if (!marked) check(marked.error().message.find(secret) == std::string::npos);
  const std::vector<WebhookKey> ours{std::string(32, 'a'), std::string(24, 'b')};
  const std::size_t half = size / 2;
  const std::string_view id = bytes.substr(0, half), body = bytes.substr(half);
  if (id.empty()) return 0;  // refused as a whole
  const std::string good = sign_webhook(ours, id, 1'800'000'000, body);
  check(verify_webhook(ours, id, "1800000000", good, body, now).ok());
  check(!verify_webhook(ours, id, "1800000000", bytes, body, now).ok());  // 256 bits by chance
  if (const auto read = verify_webhook(ours, id, bytes.substr(0, 40), good, body, now))
    check(bytes.substr(0, 40).find("1800000000") != std::string_view::npos);
  return 0;
}

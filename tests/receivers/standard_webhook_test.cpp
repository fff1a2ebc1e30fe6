#include "earshot/receivers/standard_webhook.hpp"

#include <gtest/gtest.h>

namespace earshot {
namespace {

// The example of the specification's own test suite.
constexpr std::string_view kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr std::string_view kId = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr std::string_view kBody = R"({"test": 2432232314})";
constexpr std::string_view kSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
constexpr std::int64_t kTime = 1614265330;

std::vector<WebhookKey> keys(std::string_view text) {
  auto read = parse_webhook_secrets(text);
  EXPECT_TRUE(read.ok());
  return read ? *read : std::vector<WebhookKey>{};
}

Result<void> verify(std::string_view signatures, Instant now = from_unix(kTime),
                    std::string_view body = kBody) {
  return verify_webhook(keys(kSecret), kId, "1614265330", signatures, body, now);
}

TEST(StandardWebhook, SignsTheExampleOfTheSpecification) {
  EXPECT_EQ(sign_webhook(keys(kSecret), kId, kTime, kBody), kSignature);
}

TEST(StandardWebhook, AcceptsWhatItSignedAndNothingElse) {
  EXPECT_TRUE(verify(kSignature).ok());
  EXPECT_FALSE(verify(kSignature, from_unix(kTime), "{}").ok());
  EXPECT_FALSE(verify("v1,AAAM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=").ok());
  EXPECT_FALSE(verify("v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=").ok());
  EXPECT_FALSE(verify("").ok());
  EXPECT_FALSE(
      verify_webhook(keys(kSecret), "", "1614265330", kSignature, kBody, from_unix(kTime)).ok());
}

TEST(StandardWebhook, OneRightSignatureAmongSeveralIsEnough) {
  const std::string list = "v1a,b2xk v1,b2xk  " + std::string{kSignature} + " v2,bmV3";
  EXPECT_TRUE(verify(list).ok());
}

TEST(StandardWebhook, TheTimestampMayBeFiveMinutesOffBothWays) {
  EXPECT_TRUE(verify(kSignature, from_unix(kTime + 300)).ok());
  EXPECT_FALSE(verify(kSignature, from_unix(kTime + 301)).ok());
  EXPECT_TRUE(verify(kSignature, from_unix(kTime - 300)).ok());
  EXPECT_FALSE(verify(kSignature, from_unix(kTime - 301)).ok());
  for (const std::string_view text : {"", "-1", "1614265330.0", "0x10", "99999999999999999999"}) {
    EXPECT_FALSE(verify_webhook(keys(kSecret), kId, text, kSignature, kBody, from_unix(kTime)).ok())
        << text;
  }
}

TEST(StandardWebhook, TwoKeysInRotationSignBoth) {
  const std::string other = "whsec_" + std::string(42, 'B') + "A=";
  const auto both = keys(std::string{kSecret} + "\r\n\n" + other + "\n");
  ASSERT_EQ(both.size(), 2U);
  const std::string header = sign_webhook(both, kId, kTime, kBody);
  EXPECT_EQ(header.find(std::string{kSignature} + " v1,"), 0U);
  EXPECT_TRUE(verify(header).ok());
}

struct SecretRow {
  const char* name;
  std::string secret;
  bool good;
};
class Secret : public testing::TestWithParam<SecretRow> {};
TEST_P(Secret, IsReadOrRefusedWithoutBeingRepeated) {
  const auto read = parse_webhook_secrets(GetParam().secret);
  EXPECT_EQ(read.ok(), GetParam().good);
  if (!read && GetParam().secret.size() > 8) {
    EXPECT_EQ(read.error().message.find(GetParam().secret), std::string::npos);
  }
}
INSTANTIATE_TEST_SUITE_P(
    Table, Secret,
    testing::Values(
        SecretRow{"with_its_prefix", std::string{kSecret}, true},
        SecretRow{"without_prefix", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", true},
        SecretRow{"with_a_line_end", std::string{kSecret} + "\n", true},
        SecretRow{"sixty_four_bytes_unpadded", "whsec_" + std::string(86, 'A'), true},
        SecretRow{"sixty_four_bytes_padded", "whsec_" + std::string(86, 'A') + "==", true},
        SecretRow{"sixty_five_bytes", "whsec_" + std::string(87, 'A') + "=", false},
        SecretRow{"twenty_three_bytes", "whsec_" + std::string(31, 'A') + "=", false},
        SecretRow{"empty", "", false}, SecretRow{"blank", " \n", false},
        SecretRow{"only_the_prefix", "whsec_", false},
        SecretRow{"not_base64", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa$w", false},
        SecretRow{"a_blank_inside", "whsec_MfKQ9r8GKYqrTwjU PD8ILPZIo2LaLaSw", false},
        SecretRow{"the_alphabet_of_addresses", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa_-", false},
        SecretRow{"padding_in_the_middle", "whsec_MfKQ9r8GKYqrTwjU==PD8ILPZIo2LaLaSw", false}),
    [](const auto& row) { return std::string{row.param.name}; });

}  // namespace
}  // namespace earshot

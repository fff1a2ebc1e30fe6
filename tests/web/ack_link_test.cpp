#include "earshot/web/ack_link.hpp"

#include <gtest/gtest.h>

#include <random>

namespace earshot {
namespace {

const Instant kNow = *parse_rfc3339("2026-11-23T17:25:00Z");
const AckGrant kGrant{"0k3x|odd case", "jo", 2, kNow + hours{24}, 77};
const AckKey kKey{"k1", std::string(32, 's')};

TEST(AckLink, RoundTrips) {
  const std::vector<AckKey> keys{kKey};
  const auto got = verify_ack(sign_ack(kGrant, kKey), keys, kNow);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->case_id, kGrant.case_id);
  EXPECT_EQ(got->person, "jo");
  EXPECT_EQ(got->step, 2);
  EXPECT_FALSE(verify_ack(sign_ack(kGrant, kKey), keys, kNow + hours{25})) << "expired";
}

TEST(AckLink, TwoKeysAreValidWhileTheyRotate) {
  const AckKey fresh{"k2", std::string(32, 't')};
  const std::vector<AckKey> both{fresh, kKey};
  EXPECT_TRUE(verify_ack(sign_ack(kGrant, kKey), both, kNow));
  EXPECT_TRUE(verify_ack(sign_ack(kGrant, fresh), both, kNow));
  const std::vector<AckKey> gone{fresh};
  EXPECT_FALSE(verify_ack(sign_ack(kGrant, kKey), gone, kNow));
}

TEST(AckLink, EveryFlippedBitIsRefused) {
  const std::vector<AckKey> keys{kKey};
  const std::string token = sign_ack(kGrant, kKey);
  for (std::size_t i = 0; i < token.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string bad = token;
      bad[i] = static_cast<char>(static_cast<unsigned char>(bad[i]) ^ (1U << bit));
      ASSERT_FALSE(verify_ack(bad, keys, kNow)) << i << "/" << bit;
    }
  }
  std::mt19937 dice{1};
  for (int i = 0; i < 20'000; ++i) {
    std::string bad = token;
    bad[dice() % bad.size()] = "ABCDEFabcdef0123456789-_."[dice() % 25];
    if (bad != token) {
      ASSERT_FALSE(verify_ack(bad, keys, kNow));
    }
  }
}

}  // namespace
}  // namespace earshot

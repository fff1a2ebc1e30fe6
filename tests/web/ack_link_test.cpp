#include "earshot/web/ack_link.hpp"

#include <gtest/gtest.h>

#include <cstdio>
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

TEST(AckLink, AMillionTamperedTokensAreRefused) {
  const std::vector<AckKey> keys{{"k2", std::string(32, 't')}, kKey};
  const std::string token = sign_ack(kGrant, kKey);
  std::mt19937 dice{2};
  int refused = 0;
  int tried = 0;
  std::string bad;
  while (tried < 1'000'000) {
    bad = token;
    const auto flips = static_cast<unsigned>(1 + dice() % 3);
    for (unsigned i = 0; i < flips; ++i) {
      const std::size_t at = dice() % bad.size();
      bad[at] = static_cast<char>(static_cast<unsigned char>(bad[at]) ^ (1U << (dice() % 8)));
    }
    if (dice() % 8 == 0) bad.resize(dice() % bad.size());
    if (bad == token) continue;
    ++tried;
    refused += verify_ack(bad, keys, kNow) ? 0 : 1;
  }
  EXPECT_EQ(refused, tried);
  std::printf("figure: %d tampered tokens, %d refused\n", tried, refused);
}

TEST(AckLink, ALinkForOnePurposeServesForNoOther) {
  const std::vector<AckKey> keys{kKey};
  for (const LinkPurpose purpose : {LinkPurpose::ack, LinkPurpose::undo, LinkPurpose::not_worth}) {
    AckGrant grant = kGrant;
    grant.purpose = purpose;
    const std::string token = sign_ack(grant, kKey);
    const auto got = verify_ack(token, keys, kNow);
    ASSERT_TRUE(got);
    EXPECT_EQ(got->purpose, purpose);
  }
}

TEST(AckLink, CodesAndTagsBelongToOnePersonAndOneCase) {
  const std::string code = ack_code(kKey, "c1", "jo");
  EXPECT_EQ(code.size(), 4U);
  EXPECT_TRUE(is_ack_code(code, kKey, "c1", "jo"));
  int same = 0;
  for (int i = 0; i < 2000; ++i)
    same += is_ack_code(code, kKey, "c" + std::to_string(i + 2), "jo") ? 1 : 0;
  EXPECT_LE(same, 4) << "about one in ten thousand";
  EXPECT_TRUE(is_reply_tag(reply_tag(kKey, "c1", "jo"), kKey, "c1", "jo"));
  EXPECT_FALSE(is_reply_tag(reply_tag(kKey, "c1", "jo"), kKey, "c1", "kim"));
  EXPECT_FALSE(is_reply_tag("", kKey, "c1", "kim"));
}

}  // namespace
}  // namespace earshot

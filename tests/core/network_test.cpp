#include "earshot/core/network.hpp"

#include <gtest/gtest.h>

namespace earshot {
namespace {

TEST(Network, RangesAreReadAndContainTheirAddresses) {
  const auto loopback = parse_range("127.0.0.1/8");
  ASSERT_TRUE(loopback);
  EXPECT_EQ(loopback->prefix, 104);
  EXPECT_TRUE(contains(*loopback, parse_range("127.9.9.9")->address));
  EXPECT_FALSE(contains(*loopback, parse_range("128.0.0.1")->address));
  const auto local = parse_range("fd00::/8");
  ASSERT_TRUE(local);
  EXPECT_TRUE(contains(*local, parse_range("fd12::1")->address));
  EXPECT_TRUE(contains(*parse_range("0.0.0.0/0"), parse_range("8.8.8.8")->address));
  EXPECT_FALSE(contains(*parse_range("0.0.0.0/0"), parse_range("2001:db8::1")->address));
}

TEST(Network, RubbishIsRefused) {
  for (const char* text : {"", "localhost", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0/8",
                           "::1/129", "1.2.3.4/8x", "::1/ 8"}) {
    EXPECT_FALSE(parse_range(text)) << text;
  }
}

}  // namespace
}  // namespace earshot

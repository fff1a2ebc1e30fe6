#include "earshot/runtime/network.hpp"

#include <gtest/gtest.h>

#include <string>

namespace earshot {
namespace {

std::array<std::uint8_t, 16> address(const std::string& text) {
  const Result<AddressRange> range = parse_range(text);
  EXPECT_TRUE(range.ok()) << text;
  return range ? range->address : std::array<std::uint8_t, 16>{};
}

// RELIABILITY 4.4: both ends of every range, and the neighbours outside.
const char* const kDenied[] = {
    "0.0.0.0", "0.0.0.1", "0.255.255.255", "10.0.0.0", "10.0.0.1", "10.1.2.3", "10.255.255.255",
    "100.64.0.0", "100.64.0.1", "100.100.100.200", "100.127.255.255", "127.0.0.0", "127.0.0.1",
    "127.0.1.1", "127.1.1.1", "127.255.255.255", "169.254.0.0", "169.254.0.1", "169.254.169.254",
    "169.254.170.2", "169.254.255.255", "172.16.0.0", "172.16.0.1", "172.17.0.1", "172.31.255.255",
    "192.0.0.0", "192.0.0.1", "192.0.0.170", "192.0.0.192", "192.0.0.255", "192.0.2.0",
    "192.0.2.255", "192.88.99.0", "192.88.99.1", "192.88.99.255", "192.168.0.0", "192.168.0.1",
    "192.168.1.1", "192.168.255.255", "198.18.0.0", "198.18.0.1", "198.19.255.255", "198.51.100.0",
    "198.51.100.255", "203.0.113.0", "203.0.113.255", "224.0.0.0", "224.0.0.1", "224.0.0.251",
    "239.255.255.250", "239.255.255.255", "240.0.0.0", "240.0.0.1", "254.255.255.255",
    "255.255.255.254", "255.255.255.255",
    // the same through IPv6
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:7f00:1", "::ffff:0:0",
    "64:ff9b::7f00:1", "64:ff9b::169.254.169.254", "64:ff9b::8.8.8.8", "64:ff9b:1::1",
    "64:ff9b:1:ffff::a00:1", "2002::", "2002:7f00:1::", "2002:a00:1::1",
    "2002:a9fe:a9fe::", "2002:808:808::1", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::127.0.0.1",
    "::10.0.0.1", "::8.8.8.8", "::ffff:0:127.0.0.1",
    // IPv6 of its own
    "::", "::1", "::2", "100::", "100::1", "100::ffff:ffff:ffff:ffff", "2001::", "2001::1",
    "2001:0:53aa:64c::1", "2001:2::1", "2001:10::1", "2001:20::1", "2001:1ff:ffff::1",
    "2001:db8::", "2001:db8::1", "2001:db8:ffff:ffff::1", "3fff::", "3fff::1", "3fff:fff::1",
    "1fff:ffff::1", "4000::", "4000::1", "5f00::1", "8000::1", "a000::1", "e000::1", "fbff::1",
    "fc00::", "fc00::1", "fd00::1", "fd00:ec2::254", "fdff:ffff::1", "fe00::1", "fe80::", "fe80::1",
    "fe80::a9fe:a9fe", "febf:ffff::1", "fec0::1", "feff::1", "ff00::", "ff01::1", "ff02::1",
    "ff02::fb", "ff05::2", "ff0e::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"};

const char* const kAllowed[] = {"1.0.0.0",
                                "1.1.1.1",
                                "8.8.8.8",
                                "9.255.255.255",
                                "11.0.0.0",
                                "100.63.255.255",
                                "100.128.0.0",
                                "126.255.255.255",
                                "128.0.0.0",
                                "169.253.255.255",
                                "169.255.0.0",
                                "172.15.255.255",
                                "172.32.0.0",
                                "191.255.255.255",
                                "192.0.1.0",
                                "192.0.3.0",
                                "192.88.98.255",
                                "192.88.100.0",
                                "192.167.255.255",
                                "192.169.0.0",
                                "198.17.255.255",
                                "198.20.0.0",
                                "198.51.99.255",
                                "198.51.101.0",
                                "203.0.112.255",
                                "203.0.114.0",
                                "223.255.255.255",
                                "::ffff:8.8.8.8",
                                "2000::1",
                                "2001:200::1",
                                "2001:4860:4860::8888",
                                "2001:db7::1",
                                "2001:db9::1",
                                "2003::1",
                                "2606:4700::1111",
                                "2a00::1",
                                "3ffe::1",
                                "3fff:1000::1"};

TEST(Network, DeniesWhatIsNotPublic) {
  static_assert(std::size(kDenied) >= 120);
  for (const char* text : kDenied) EXPECT_FALSE(may_connect(address(text), {})) << text;
}

TEST(Network, AllowsWhatIsPublic) {
  for (const char* text : kAllowed) EXPECT_TRUE(may_connect(address(text), {})) << text;
}

TEST(Network, ARangeOfTheOperatorOpensAgainAndNoMore) {
  NetworkPolicy policy;
  policy.allow = {*parse_range("10.20.0.0/15"), *parse_range("fd12::/16"),
                  *parse_range("192.168.1.7")};
  for (const char* text : {"10.20.0.0", "10.21.255.255", "fd12::1", "192.168.1.7", "8.8.8.8"}) {
    EXPECT_TRUE(may_connect(address(text), policy)) << text;
  }
  for (const char* text :
       {"10.19.255.255", "10.22.0.0", "fd13::1", "192.168.1.8", "127.0.0.1", "::1"}) {
    EXPECT_FALSE(may_connect(address(text), policy)) << text;
  }
}

TEST(Network, EverythingCanBeOpened) {
  NetworkPolicy policy;
  policy.allow = {*parse_range("0.0.0.0/0"), *parse_range("::/0")};
  for (const char* text : kDenied) EXPECT_TRUE(may_connect(address(text), policy)) << text;
}

}  // namespace
}  // namespace earshot

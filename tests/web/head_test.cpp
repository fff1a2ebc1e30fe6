#include "../../src/web/http/head.hpp"

#include <gtest/gtest.h>

#include <string>

namespace earshot {
namespace {

using State = HeadScan::State;
using namespace std::string_literals;

const std::string kHead = "GET / HTTP/1.1\r\nHost: a\r\n";

TEST(HttpHead, EveryPrefixOfAGoodHeadWantsMore) {
  const std::string head = kHead + "X-A: b\r\n\r\n";
  for (std::size_t n = 0; n < head.size(); ++n)
    EXPECT_EQ(scan_head(head.substr(0, n)).state, State::more) << n;
  const HeadScan whole = scan_head(head + "the body");
  EXPECT_EQ(whole.state, State::whole);
  EXPECT_EQ(whole.size, head.size());
  EXPECT_EQ(whole.framing, Framing::none);
}

TEST(HttpHead, SaysHowTheBodyIsDelimited) {
  const HeadScan length = scan_head(kHead + "Content-Length: 42 \r\n\r\n");
  EXPECT_EQ(length.framing, Framing::length);
  EXPECT_EQ(length.length, 42U);
  const HeadScan chunked =
      scan_head(kHead + "Transfer-encoding:\tChunked\r\nExpect: 100-Continue\r\n\r\n");
  EXPECT_EQ(chunked.framing, Framing::chunked);
  EXPECT_TRUE(chunked.expects_continue);
  EXPECT_EQ(scan_head(kHead + "Content-Length: 0\r\n\r\n").framing, Framing::none);
}

TEST(HttpHead, WhatTwoServersCouldReadDifferentlyIsRefused) {
  const struct {
    std::string bytes;
    int status;
  } cases[] = {
      {kHead + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {kHead + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", 400},
      {kHead + "Content-Length: 1, 1\r\n\r\n", 400},
      {kHead + "Content-Length: +1\r\n\r\n", 400},
      {kHead + "Content-Length: 18446744073709551616\r\n\r\n", 400},
      {kHead + "Content-Length:\r\n\r\n", 400},
      {kHead + "Transfer-Encoding: identity\r\n\r\n", 501},
      {kHead + "Transfer-Encoding: chunked, chunked\r\n\r\n", 501},
      // Unicode's blanks are not HTTP's: the parser behind reads another coding (found by fuzzing).
      {kHead + "Transfer-Encoding: \xEF\xBB\xBF"s + "chunked\r\n\r\n", 501},
      {kHead + "Transfer-Encoding: \xC2\xA0"s + "chunked\r\n\r\n", 501},
      {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {kHead + "X: a\r\n b\r\n\r\n", 400},
      {kHead + "X: a\n\r\n", 400},
      {kHead + "X: a\rb\r\n\r\n", 400},
      {kHead + "X: a\0b\r\n\r\n"s, 400},
      {kHead + "X : a\r\n\r\n", 400},
      {kHead + "\x80: a\r\n\r\n", 400},
      {kHead + "no colon\r\n\r\n", 400},
      {kHead + "Host: b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400},
      {"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET / HTTP/2.0\r\n\r\n", 400},
      {"\n", 400},
  };
  for (const auto& it : cases) {
    const HeadScan scan = scan_head(it.bytes);
    EXPECT_EQ(scan.state, State::refused) << it.bytes;
    EXPECT_EQ(scan.status, it.status) << it.bytes;
    EXPECT_FALSE(scan.why.empty());
  }
}

TEST(HttpHead, CountsAndSizesEndBeforeTheHeadDoes) {
  std::string many = kHead;
  for (int i = 1; i < 64; ++i) many += "X: y\r\n";
  EXPECT_EQ(scan_head(many + "\r\n").state, State::whole);
  EXPECT_EQ(scan_head(many + "X: y\r\n").status, 431);
  const std::string large = kHead + "X: " + std::string(kHeadBytes, 'y');
  EXPECT_EQ(scan_head(large).status, 431);
  std::string exact = kHead + "X: ";
  exact += std::string(kHeadBytes - exact.size() - 4, 'y') + "\r\n\r\n";
  EXPECT_EQ(scan_head(exact).state, State::whole);
  EXPECT_EQ(scan_head(exact.insert(kHead.size() + 3, 1, 'y')).status, 431);
}

}  // namespace
}  // namespace earshot

// What ends a transfer: time, size, a broken connection, who asked for it.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>
#include <string>

#include "curl_bench.hpp"
#include "support/pace.hpp"

namespace earshot {
namespace {

using namespace test;

TEST_F(CurlHttp, SilenceEndsAtTheTimeout) {
  RawServer server{loop, [](RawConnection& peer) -> Task<> {
                     while (co_await peer.request()) {
                     }
                   }};
  HttpRequest request = post(server.url("/"), "x");
  request.timeout = milliseconds{200};
  const auto before = SteadyClock::now();
  const auto got = send(request);
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().kind, Error::Kind::transient);
  EXPECT_TRUE(got.error().uncertain);
  EXPECT_GE(SteadyClock::now() - before, milliseconds{190});
  EXPECT_LT(SteadyClock::now() - before, milliseconds{1500});
}

TEST_F(CurlHttp, ADripEndsAtTheTimeout) {
  RawServer server{loop, [this](RawConnection& peer) -> Task<> {
                     co_await peer.request();
                     const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n";
                     bool listening = co_await peer.say(head);
                     const auto clock = make_clock(loop.executor());
                     const std::string drop = "x";
                     while (listening) {
                       co_await clock->sleep_for(milliseconds{20});
                       listening = co_await peer.say(drop);
                     }
                   }};
  HttpRequest request = get(server.url("/"));
  request.timeout = milliseconds{300};
  const auto got = send(request);
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().kind, Error::Kind::transient);
}

TEST_F(CurlHttp, HeadersWithoutEndAreCutAt64KiB) {
  RawServer server{loop, [](RawConnection& peer) -> Task<> {
                     co_await peer.request();
                     std::string head = "HTTP/1.1 200 OK\r\n";
                     bool listening = co_await peer.say(head);
                     const std::string line = "X-Flood: " + std::string(1000, 'a') + "\r\n";
                     for (int i = 0; listening && i < 10'000; ++i)
                       listening = co_await peer.say(line);
                   }};
  const auto got = send(get(server.url("/")));
  ASSERT_FALSE(got.ok());
  EXPECT_NE(got.error().message.find("headers"), std::string::npos) << got.error().message;
  EXPECT_EQ(got.error().kind, Error::Kind::permanent);
}

TEST_F(CurlHttp, ABodyBeyondTheCapEndsTheTransfer) {
  const std::string big(100'000, 'x');
  RawServer server{loop, [&](RawConnection& peer) -> Task<> {
                     while (co_await peer.request()) {
                       const std::string answer = ok(big);
                       co_await peer.say(answer);
                     }
                   }};
  HttpRequest request = get(server.url("/"));
  request.max_body = big.size();
  EXPECT_EQ(send(request)->body.size(), big.size());
  request.max_body = big.size() - 1;
  const auto got = send(request);
  ASSERT_FALSE(got.ok());
  EXPECT_NE(got.error().message.find("larger than 99999 bytes"), std::string::npos)
      << got.error().message;
}

// gzip of 64 MiB of zeros, made as one fixed block pattern would be: deflate stores runs at about
// 1:1000.
std::string gzip_bomb() {
  FILE* pipe = popen("head -c 67108864 /dev/zero | gzip -9 -n", "r");
  std::string bytes;
  char part[65536];
  for (std::size_t n = 0; (n = fread(part, 1, sizeof part, pipe)) > 0;) bytes.append(part, n);
  EXPECT_EQ(pclose(pipe), 0);
  return bytes;
}

TEST_F(CurlHttp, ACompressionBombIsStoppedByItsRatio) {
  const std::string bomb = gzip_bomb();
  ASSERT_GT(bomb.size(), 10'000U);
  RawServer server{loop, [&](RawConnection& peer) -> Task<> {
                     while (co_await peer.request()) {
                       const std::string answer = ok(bomb, "Content-Encoding: gzip\r\n");
                       co_await peer.say(answer);
                     }
                   }};
  rusage before{};
  getrusage(RUSAGE_SELF, &before);
  const auto began = SteadyClock::now();
  HttpRequest request = get(server.url("/"));
  request.max_body = std::size_t{32} << 20U;
  const auto got = send(request);
  ASSERT_FALSE(got.ok());
  EXPECT_NE(got.error().message.find("100 times"), std::string::npos) << got.error().message;
  EXPECT_LT(SteadyClock::now() - began, kPace * milliseconds{500});
  rusage after{};
  getrusage(RUSAGE_SELF, &after);
  EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 40 * 1024);
}

TEST_F(CurlHttp, AnHonestlyCompressedBodyIsUnpacked) {
  FILE* pipe = popen("printf 'hello hello hello' | gzip -n", "r");
  char part[256];
  const std::string zipped(part, fread(part, 1, sizeof part, pipe));
  pclose(pipe);
  RawServer server{loop, [&](RawConnection& peer) -> Task<> {
                     co_await peer.request();
                     const std::string answer = ok(zipped, "Content-Encoding: gzip\r\n");
                     co_await peer.say(answer);
                   }};
  EXPECT_EQ(send(get(server.url("/")))->body, "hello hello hello");
}

// P6: whether the other side may have acted is known for a reset at each byte of the exchange.
TEST_F(CurlHttp, AResetIsUncertainExactlyWhenRequestBytesWereSent) {
  for (const std::size_t after : {0U, 1U, 40U, 150U, 400U}) {
    RawServer server{loop, [after](RawConnection& peer) -> Task<> {
                       co_await peer.bytes(after);
                       peer.reset();
                     }};
    const auto got = send(post(server.url("/"), std::string(300, 'x')));
    ASSERT_FALSE(got.ok()) << after;
    EXPECT_EQ(got.error().kind, Error::Kind::transient) << got.error().message;
    if (after > 0) {
      EXPECT_TRUE(got.error().uncertain) << after << ": " << got.error().message;
    }
  }
}

TEST_F(CurlHttp, ATruncatedAnswerIsAnError) {
  RawServer server{loop, [](RawConnection& peer) -> Task<> {
                     co_await peer.request();
                     const std::string part = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf";
                     co_await peer.say(part);
                     peer.reset();
                   }};
  const auto got = send(post(server.url("/"), "x"));
  ASSERT_FALSE(got.ok());
  EXPECT_TRUE(got.error().uncertain);
}

// On a connection kept alive curl would send a lost request again by itself: a page twice, and
// nobody knows.
TEST_F(CurlHttp, APostIsNotRepeatedBehindOurBack) {
  int asked = 0;
  const RawServer::Handler once = [&](RawConnection& peer) -> Task<> {
    co_await peer.request();
    ++asked;
    const std::string answer = ok("");
    co_await peer.say(answer);
    co_await peer.request();
    ++asked;
    peer.reset();
  };
  RawServer server{loop, once};
  ASSERT_TRUE(send(post(server.url("/"), "1")).ok());
  const auto got = send(post(server.url("/"), "2"));
  ASSERT_FALSE(got.ok());
  EXPECT_TRUE(got.error().uncertain) << got.error().message;
  EXPECT_EQ(got.error().kind, Error::Kind::transient);
  EXPECT_EQ(asked, 2);

  RawServer again{loop, once};
  HttpRequest keyed = post(again.url("/"), "1");
  keyed.headers = {{"webhook-id", "msg_1"}};
  ASSERT_TRUE(send(keyed).ok());
  EXPECT_TRUE(send(keyed).ok());  // the receiver knows the key: curl may try again
}

TEST_F(CurlHttp, CancellationEndsATransferAtOnce) {
  RawServer silent{loop, [](RawConnection& peer) -> Task<> {
                     co_await peer.request();
                     co_await peer.request();
                   }};
  // 192.0.2.1 is nobody's; connecting to it hangs. The third is a name to look up.
  NetworkPolicy all = local();
  all.allow.push_back(*parse_range("0.0.0.0/0"));
  for (const std::string& url :
       {silent.url("/"), std::string{"http://192.0.2.1/"}, std::string{"http://slow.invalid/"}}) {
    TaskGroup group{loop.executor()};
    bool came_back = false;
    group.spawn("sender", [&, url]() -> Task<> {
      HttpRequest request = get(url);
      request.network = all;
      const auto got = co_await http->send(std::move(request));
      // Without a route or a resolver these two fail at once, which is no cancellation.
      came_back = got.ok() || url == silent.url("/");
    });
    const auto clock = make_clock(loop.executor());
    loop.run(clock->sleep_for(milliseconds{20}));
    const auto before = SteadyClock::now();
    group.cancel();
    loop.run(group.join());
    EXPECT_LT(SteadyClock::now() - before, kPace * milliseconds{50}) << url;
    EXPECT_FALSE(came_back) << url;
    EXPECT_EQ(pool->in_flight(), 0U);
  }
}

TEST_F(CurlHttp, CancellationBeforeTheStartLeavesNothing) {
  TaskGroup group{loop.executor()};
  for (int i = 0; i < 200; ++i) {
    group.spawn("sender", [&]() -> Task<> {
      HttpRequest request = get("http://127.0.0.1:1/");
      const auto got = co_await http->send(std::move(request));
      EXPECT_FALSE(got.ok());
    });
  }
  group.cancel();
  loop.run(group.join());
  EXPECT_EQ(pool->in_flight(), 0U);
}

TEST_F(CurlHttp, AwaitedRequestsGoInOrderOverOneConnection) {
  std::string order;
  RawServer server{loop, [&](RawConnection& peer) -> Task<> {
                     while (co_await peer.request()) {
                       order += peer.head.substr(5, 1);
                       const std::string answer = ok("");
                       co_await peer.say(answer);
                     }
                   }};
  for (int i = 0; i < 9; ++i) ASSERT_TRUE(send(get(server.url("/" + std::to_string(i)))).ok());
  EXPECT_EQ(order, "012345678");
  EXPECT_EQ(server.accepted(), 1U);
}

TEST_F(CurlHttp, RequestsToOneHostBeginInTheOrderOfTheirCalls) {
  CurlOptions options;
  options.connections_per_host = 1;
  start(options);
  std::string order;
  RawServer server{loop, [&](RawConnection& peer) -> Task<> {
                     while (co_await peer.request()) {
                       order += peer.head.substr(5, 1);
                       const std::string answer = ok("");
                       co_await peer.say(answer);
                     }
                   }};
  TaskGroup group{loop.executor()};
  TaskGroup leaving{loop.executor()};
  for (int i = 0; i < 9; ++i) {
    // Two of them give up their place while they wait for it.
    TaskGroup& owner = i == 3 || i == 8 ? leaving : group;
    owner.spawn("sender", [&, i]() -> Task<> {
      HttpRequest request = get(server.url("/" + std::to_string(i)));
      const auto got = co_await http->send(std::move(request));
      EXPECT_TRUE(got.ok());
    });
  }
  leaving.cancel();
  loop.run(group.join());
  loop.run(leaving.join());
  EXPECT_EQ(order, "0124567");
  EXPECT_EQ(server.accepted(), 1U);
  EXPECT_EQ(pool->in_flight(), 0U);
}

TEST_F(CurlHttp, AThousandAtOnceAllEndAndLeaveNothingOpen) {
  loop.settle();
  const std::size_t before = open_descriptors();
  {
    CurlOptions options;
    options.connections_per_host = 100;
    start(options);
    RawServer server{loop, [](RawConnection& peer) -> Task<> {
                       const std::string answer = ok("ok");
                       while (co_await peer.request()) co_await peer.say(answer);
                     }};
    int good = 0;
    TaskGroup group{loop.executor()};
    for (int i = 0; i < 1000; ++i) {
      group.spawn("sender", [&]() -> Task<> {
        HttpRequest request = get(server.url("/"));
        request.timeout = seconds{20};
        const auto got = co_await http->send(std::move(request));
        good += got.ok() ? 1 : 0;
      });
    }
    loop.run(group.join());
    EXPECT_EQ(good, 1000);
    EXPECT_EQ(pool->in_flight(), 0U);
    EXPECT_LE(pool->sockets(), 100U);
    http.reset();
    pool.reset();
  }
  loop.settle();
  EXPECT_LE(open_descriptors(), before);
}

TEST_F(CurlHttp, APoolThatEndsEndsItsTransfers) {
  RawServer server{loop, [](RawConnection& peer) -> Task<> {
                     co_await peer.request();
                     co_await peer.request();
                   }};
  TaskGroup group{loop.executor()};
  std::string message;
  group.spawn("sender", [&]() -> Task<> {
    HttpRequest request = post(server.url("/"), "x");
    const auto got = co_await http->send(std::move(request));
    if (!got) message = got.error().message;
  });
  const auto clock = make_clock(loop.executor());
  loop.run(clock->sleep_for(milliseconds{20}));
  pool.reset();
  loop.run(group.join());
  EXPECT_NE(message, "");
  HttpRequest late = get(server.url("/"));
  EXPECT_FALSE(send(late).ok());
}

}  // namespace
}  // namespace earshot

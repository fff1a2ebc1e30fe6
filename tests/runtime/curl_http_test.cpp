#include <dirent.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>

#include "earshot/runtime/clock.hpp"
#include "earshot/runtime/curl.hpp"
#include "support/pace.hpp"
#include "support/raw_server.hpp"
#include "support/run.hpp"

namespace earshot {
namespace {

using SteadyClock = std::chrono::steady_clock;

std::string ok(const std::string& body, const std::string& headers = {}) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + headers +
         "\r\n" + body;
}

std::size_t open_descriptors() {
  DIR* dir = opendir("/proc/self/fd");
  std::size_t count = 0;
  while (readdir(dir) != nullptr) ++count;
  closedir(dir);
  return count;
}

NetworkPolicy local() {
  NetworkPolicy policy;
  policy.allow = {*parse_range("127.0.0.0/8"), *parse_range("::1")};
  policy.insecure_http = true;
  return policy;
}

class CurlHttp : public testing::Test {
 protected:
  CurlHttp() { start({}); }
  void start(CurlOptions options) {
    http.reset();
    pool = make_curl_pool(loop.executor(), std::move(options));
    http = make_http_client(*pool);
  }
  static HttpRequest get(std::string url) {
    HttpRequest request;
    request.url = std::move(url);
    request.network = local();
    request.timeout = seconds{5};
    return request;
  }
  static HttpRequest post(std::string url, std::string body) {
    HttpRequest request = get(std::move(url));
    request.method = "POST";
    request.body = std::move(body);
    return request;
  }
  Result<HttpResponse> send(HttpRequest request) {
    return loop.run(http->send(std::move(request)));
  }

  Loop loop;
  std::unique_ptr<CurlPool> pool;
  std::unique_ptr<HttpClient> http;
};

TEST_F(CurlHttp, GivesStatusHeadersAndBodyWhateverTheStatus) {
  RawServer server{loop, [](RawConnection& peer) -> Task<> {
                     while (co_await peer.request()) {
                       const std::string answer =
                           "HTTP/1.1 429 Slow down\r\nRetry-After: 7\r\nX-Two:  b "
                           "\r\nContent-Length: 3\r\n\r\nabc";
                       co_await peer.say(answer);
                     }
                   }};
  const auto got = send(get(server.url("/x?token=1")));
  ASSERT_TRUE(got.ok()) << got.error().message;
  EXPECT_EQ(got->status, 429);
  EXPECT_EQ(got->body, "abc");
  EXPECT_EQ(got->header("x-TWO"), "b");
  EXPECT_EQ(got->header("retry-after"), "7");
  EXPECT_EQ(got->url, server.url("/x?token=1"));
  EXPECT_EQ(retry_after(*got, Instant{}), seconds{7});
}

TEST_F(CurlHttp, SendsTheRequestAsWritten) {
  std::string head;
  std::string body;
  RawServer server{loop, [&](RawConnection& peer) -> Task<> {
                     while (co_await peer.request()) {
                       head = peer.head;
                       body = peer.body;
                       const std::string answer = ok("");
                       co_await peer.say(answer);
                     }
                   }};
  HttpRequest request = post(server.url("/hook?a=b#part"), std::string(2'000'000, 'x'));
  request.headers = {
      {"X-First", "1"}, {"X-Empty", ""}, {"Content-Type", "application/json"}, {"X-Last", "3"}};
  request.bearer = "tok";
  ASSERT_TRUE(send(request).ok());
  EXPECT_EQ(head.substr(0, 25), "POST /hook?a=b HTTP/1.1\r\n");
  EXPECT_NE(head.find("User-Agent: earshot/"), std::string::npos);
  EXPECT_NE(head.find("Authorization: Bearer tok\r\n"), std::string::npos);
  EXPECT_NE(head.find("X-Empty:\r\n"), std::string::npos);
  EXPECT_LT(head.find("X-First: 1"), head.find("X-Last: 3"));
  EXPECT_EQ(head.find("Expect"), std::string::npos);
  EXPECT_EQ(body.size(), 2'000'000U);

  HttpRequest basic = get(server.url("/"));
  basic.user = "me";
  basic.password = "pass:word";
  ASSERT_TRUE(send(basic).ok());
  EXPECT_NE(head.find("Authorization: Basic bWU6cGFzczp3b3Jk\r\n"), std::string::npos);
  EXPECT_EQ(head.find("Content-Type"), std::string::npos);

  for (const char* method : {"PUT", "PATCH", "DELETE", "HEAD", "REPORT"}) {
    HttpRequest other = get(server.url("/"));
    other.method = method;
    ASSERT_TRUE(send(other).ok()) << method;
    EXPECT_EQ(head.substr(0, head.find(' ')), method);
  }
}

TEST_F(CurlHttp, DoesNotFollowRedirects) {
  int asked = 0;
  RawServer server{loop, [&](RawConnection& peer) -> Task<> {
                     while (co_await peer.request()) {
                       ++asked;
                       const std::string answer =
                           "HTTP/1.1 302 Found\r\nLocation: "
                           "http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n";
                       co_await peer.say(answer);
                     }
                   }};
  const auto got = send(get(server.url("/")));
  ASSERT_TRUE(got.ok());
  EXPECT_EQ(got->status, 302);
  EXPECT_EQ(got->header("location"), "http://169.254.169.254/");
  EXPECT_EQ(asked, 1);
}

TEST_F(CurlHttp, KeepsTheLastAnswersHeadersAfterAnInterimOne) {
  RawServer server{loop, [](RawConnection& peer) -> Task<> {
                     co_await peer.request();
                     const std::string answer = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" +
                                                ok("x", "ETag: \"1\"\r\n");
                     co_await peer.say(answer);
                   }};
  const auto got = send(get(server.url("/")));
  ASSERT_TRUE(got.ok());
  EXPECT_EQ(got->status, 200);
  EXPECT_EQ(got->header("link"), "");
  EXPECT_EQ(got->header("etag"), "\"1\"");
}

struct Refusal {
  const char* name;
  void (*change)(HttpRequest&);
};

TEST_F(CurlHttp, RefusesWhatMustNotBeSent) {
  const Refusal rows[] = {
      {"a line end in a header",
       [](HttpRequest& r) {
         r.headers = {{"X-A", "1\r\nX-Evil: 2"}};
       }},
      {"a bare LF in a header",
       [](HttpRequest& r) {
         r.headers = {{"X-A", "1\n2"}};
       }},
      {"a NUL in a header",
       [](HttpRequest& r) {
         r.headers = {{"X-A", std::string("a\0b", 3)}};
       }},
      {"a colon in a header's name",
       [](HttpRequest& r) {
         r.headers = {{"X:A", "1"}};
       }},
      {"an empty header name",
       [](HttpRequest& r) {
         r.headers = {{"", "1"}};
       }},
      {"a line end in the token", [](HttpRequest& r) { r.bearer = "a\r\nb"; }},
      {"a colon in the user", [](HttpRequest& r) { r.user = "a:b"; }},
      {"a blank in the method", [](HttpRequest& r) { r.method = "GET /evil"; }},
      {"credentials in the URL", [](HttpRequest& r) { r.url = "http://me:secret@127.0.0.1:1/"; }},
      {"a user in the URL", [](HttpRequest& r) { r.url = "http://me@127.0.0.1:1/"; }},
      {"a file", [](HttpRequest& r) { r.url = "file:///etc/passwd"; }},
      {"gopher", [](HttpRequest& r) { r.url = "gopher://127.0.0.1:25/_HELO"; }},
      {"no URL", [](HttpRequest& r) { r.url = ""; }},
      {"a line end in the URL", [](HttpRequest& r) { r.url = "http://127.0.0.1:1/\r\nX: y"; }},
      {"a NUL in the URL",
       [](HttpRequest& r) { r.url = std::string("http://127.0.0.1:1/\0x", 21); }},
      {"plain http without leave", [](HttpRequest& r) { r.network.insecure_http = false; }},
  };
  for (const Refusal& row : rows) {
    HttpRequest request = get("http://127.0.0.1:1/secret");
    row.change(request);
    const auto got = send(request);
    ASSERT_FALSE(got.ok()) << row.name;
    EXPECT_EQ(got.error().kind, Error::Kind::permanent) << row.name;
    EXPECT_FALSE(got.error().uncertain) << row.name;
    EXPECT_EQ(got.error().message.find("secret"), std::string::npos) << got.error().message;
  }
  EXPECT_EQ(pool->in_flight(), 0U);
}

TEST_F(CurlHttp, RefusesAddressesThePolicyDenies) {
  bool reached = false;
  RawServer server{loop, [&](RawConnection&) -> Task<> {
                     reached = true;
                     co_return;
                   }};
  for (const char* host :
       {"127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "0"}) {
    HttpRequest request = get(server.url("/?secret=1", host));
    request.network.allow.clear();
    const auto got = send(request);
    ASSERT_FALSE(got.ok()) << host;
    EXPECT_EQ(got.error().kind, Error::Kind::permanent) << host << ": " << got.error().message;
    EXPECT_FALSE(got.error().uncertain);
    EXPECT_EQ(got.error().message.find("secret"), std::string::npos);
  }
  EXPECT_FALSE(reached);
}

TEST_F(CurlHttp, AKeptConnectionIsNotLentToARequestThatMayNotUseIt) {
  int asked = 0;
  RawServer server{loop, [&](RawConnection& peer) -> Task<> {
                     while (co_await peer.request()) {
                       ++asked;
                       const std::string answer = ok("");
                       co_await peer.say(answer);
                     }
                   }};
  ASSERT_TRUE(send(get(server.url("/"))).ok());
  HttpRequest denied = get(server.url("/"));
  denied.network.allow.clear();
  const auto got = send(denied);
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().kind, Error::Kind::permanent) << got.error().message;
  EXPECT_EQ(asked, 1);
  ASSERT_TRUE(send(get(server.url("/"))).ok());
}

TEST_F(CurlHttp, TheClientsOwnPolicyOpensNetworksToo) {
  CurlOptions options;
  options.network = local();
  start(options);
  RawServer server{loop, [](RawConnection& peer) -> Task<> {
                     co_await peer.request();
                     const std::string answer = ok("");
                     co_await peer.say(answer);
                   }};
  HttpRequest request;
  request.url = server.url("/");
  EXPECT_TRUE(send(request).ok());
}

TEST_F(CurlHttp, ConnectionRefusedIsTransientAndCertain) {
  unsigned short port = 0;
  {
    RawServer gone{loop, [](RawConnection&) -> Task<> { co_return; }};
    port = gone.port();
  }
  loop.settle();
  const auto got = send(post("http://127.0.0.1:" + std::to_string(port) + "/secret", "x"));
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().kind, Error::Kind::transient);
  EXPECT_FALSE(got.error().uncertain);
  EXPECT_EQ(got.error().message.find("secret"), std::string::npos) << got.error().message;
}

TEST_F(CurlHttp, ANameThatDoesNotExistIsTransientAndCertain) {
  const auto got = send(post("http://no-such-host.invalid/", "x"));
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().kind, Error::Kind::transient);
  EXPECT_FALSE(got.error().uncertain);
}

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

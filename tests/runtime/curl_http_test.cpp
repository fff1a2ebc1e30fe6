// Requests and answers: what is sent, what is refused, what comes back.
#include <gtest/gtest.h>

#include <string>

#include "curl_bench.hpp"

namespace earshot {
namespace {

using namespace test;

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

struct RefusedAddress {
  const char* name;
  void (*change)(HttpRequest&);
};

TEST_F(CurlHttp, RefusesWhatMustNotBeSent) {
  const RefusedAddress rows[] = {
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
  for (const RefusedAddress& row : rows) {
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

}  // namespace
}  // namespace earshot

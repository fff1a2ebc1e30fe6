// No request goes where it must not (RELIABILITY P15, 4.4), through the real client: every spelling
// of an address, names that change their mind, redirects. A server on the target's port counts who
// comes.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <netdb.h>

#include <atomic>
#include <deque>
#include <mutex>

#include "earshot/config/config.hpp"
#include "earshot/runtime/curl.hpp"
#include "earshot/sources/registry.hpp"
#include "support/address_vectors.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_mail.hpp"
#include "support/raw_server.hpp"

namespace {

// Names under .rebind.test are answered from here, an answer a look-up; all others by the system.
std::mutex answers_lock;
std::deque<std::vector<std::string>> answers;
std::atomic<int> look_ups{0};

using GetAddrInfo = int (*)(const char*, const char*, const addrinfo*, addrinfo**);

GetAddrInfo system_look_up() {
  return reinterpret_cast<GetAddrInfo>(dlsym(RTLD_NEXT, "getaddrinfo"));
}

/// A list that freeaddrinfo can free: each part comes from the system.
int look_up_numbers(const std::vector<std::string>& numbers, const char* service,
                    const addrinfo* hints, addrinfo** out) {
  addrinfo** end = out;
  *out = nullptr;
  for (const std::string& number : numbers) {
    const int failed = system_look_up()(number.c_str(), service, hints, end);
    if (failed != 0) return failed;
    while (*end != nullptr) end = &(*end)->ai_next;
  }
  return *out == nullptr ? EAI_NONAME : 0;
}

}  // namespace

// libcurl's resolver thread calls this one: the program comes before the C library.
extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints,
                           addrinfo** out) {
  if (name == nullptr || std::string_view{name}.find(".rebind.test") == std::string_view::npos)
    return system_look_up()(name, service, hints, out);
  ++look_ups;
  std::vector<std::string> numbers;
  {
    const std::lock_guard hold{answers_lock};
    if (!answers.empty()) numbers = answers.front();
    if (answers.size() > 1) answers.pop_front();
  }
  return look_up_numbers(numbers, service, hints, out);
}

namespace earshot {
namespace {

void answer_names(std::deque<std::vector<std::string>> list) {
  const std::lock_guard hold{answers_lock};
  answers = std::move(list);
  look_ups = 0;
}

class Ssrf : public testing::Test {
 protected:
  Result<HttpResponse> get(const std::string& url, const std::vector<std::string>& allow = {}) {
    const auto pool = make_curl_pool(loop.executor(), {});  // no name remembered, nothing kept open
    const auto http = make_http_client(*pool);
    HttpRequest request;
    request.url = url;
    request.timeout = seconds{5};
    request.connect_timeout = seconds{2};
    request.network.insecure_http = true;
    for (const std::string& range : allow) request.network.allow.push_back(*parse_range(range));
    return loop.run(http->send(std::move(request)));
  }
  std::string with_port(std::string url) const {
    for (std::size_t at; (at = url.find("{}")) != std::string::npos;)
      url.replace(at, 2, std::to_string(server.port()));
    return url;
  }

  Loop loop;
  int came = 0;
  RawServer server{loop, [this](RawConnection& peer) -> Task<> {
                     ++came;
                     while (co_await peer.request())
                       co_await peer.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
                   }};
};

TEST_F(Ssrf, EverySpellingIsRefusedAndNobodyComes) {
  const auto vectors = address_vectors("refused");
  ASSERT_GE(vectors.size(), 180U);
  for (const AddressVector& it : vectors) {
    const std::string& vector = it.url;
    const auto got = get(with_port(vector));
    ASSERT_FALSE(got.ok()) << vector << " was answered with " << got->status;
    EXPECT_FALSE(got.error().uncertain) << vector;
    EXPECT_EQ(got.error().message.find("meta-data"), std::string::npos) << got.error().message;
  }
  loop.settle();
  EXPECT_EQ(came, 0);
}

TEST_F(Ssrf, WhatIsAllowedIsReachedInEverySpelling) {
  const auto vectors = address_vectors("passes");
  ASSERT_GE(vectors.size(), 12U);
  for (const AddressVector& it : vectors) {
    answer_names({it.answers});
    const auto got = get(with_port(it.url), it.allow);
    EXPECT_TRUE(got.ok()) << it.url << ": " << (got.ok() ? "" : got.error().message);
  }
  loop.settle();
  EXPECT_EQ(came, static_cast<int>(vectors.size()));
}

TEST_F(Ssrf, TheAllowListOpensNoMoreThanItNames) {
  for (const char* range : {"127.0.0.2/32", "127.0.0.2/31", "10.0.0.0/8", "::1/128", "fd00::/8"})
    EXPECT_FALSE(get(with_port("http://127.0.0.1:{}/"), {range}).ok()) << range;
  loop.settle();
  EXPECT_EQ(came, 0);
}

TEST_F(Ssrf, ANameThatPointsInwardsIsRefused) {
  for (const char* address : {"127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fd00::1",
                              "::ffff:127.0.0.1", "fe80::1", "0.0.0.0", "64:ff9b::7f00:1",
                              "2002:7f00:1::1", "100.100.100.200", "192.168.1.1", "fd20:ce::254"}) {
    answer_names({{address}});
    const auto got = get(with_port("http://one.rebind.test:{}/"));
    ASSERT_FALSE(got.ok()) << address;
    EXPECT_EQ(got.error().kind, Error::Kind::permanent) << address << got.error().message;
  }
  loop.settle();
  EXPECT_EQ(came, 0);
}

TEST_F(Ssrf, ANameThatChangesItsMindIsCheckedAtEachConnect) {
  // 127.0.0.1 stands for a public address here, 127.0.0.3 for one inside.
  answer_names({{"127.0.0.1"}, {"127.0.0.3"}});
  const auto first = get(with_port("http://two.rebind.test:{}/"), {"127.0.0.1/32"});
  ASSERT_TRUE(first.ok()) << first.error().message;
  const auto second = get(with_port("http://two.rebind.test:{}/"), {"127.0.0.1/32"});
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().kind, Error::Kind::permanent);
  EXPECT_EQ(look_ups, 2);
  EXPECT_EQ(came, 1);
}

TEST_F(Ssrf, OfSeveralAddressesOnlyPermittedOnesAreTried) {
  answer_names({{"10.0.0.1", "::1", "169.254.169.254", "127.0.0.1"}});
  const auto mixed = get(with_port("http://three.rebind.test:{}/"), {"127.0.0.1/32"});
  EXPECT_TRUE(mixed.ok()) << (mixed.ok() ? "" : mixed.error().message);
  answer_names({{"10.0.0.1", "::1", "169.254.169.254"}});
  EXPECT_FALSE(get(with_port("http://four.rebind.test:{}/"), {"127.0.0.1/32"}).ok());
  EXPECT_EQ(came, 1);
}

TEST_F(Ssrf, ARedirectLeadsNowhereElseEither) {
  // The feed's own host is 127.0.0.5, which the operator allowed; it sends us to every vector.
  std::string target;
  const auto redirects = [&](RawConnection& peer) -> Task<> {
    while (co_await peer.request())
      co_await peer.say("HTTP/1.1 302 Found\r\nLocation: " + target +
                        "\r\nContent-Length: 0\r\n\r\n");
  };
  RawServer front{loop, redirects, "127.0.0.5"};
  FakeClock clock{loop};
  FakeDice dice;
  FakeMailServer no_mail;
  FakeMailConnector mail{no_mail};
  const auto pool = make_curl_pool(loop.executor(), {});
  const auto http = make_http_client(*pool);
  SourceConfig config;
  config.name = "press", config.type = "feed", config.url = front.url("/rss", "127.0.0.5");
  config.network.allow = {*parse_range("127.0.0.5/32")};
  config.network.insecure_http = true;
  for (const AddressVector& it : address_vectors("refused")) {
    target = with_port(it.url);
    if (target.find_first_of(std::string_view{"\r\n\0", 3}) != std::string::npos) continue;
    auto source = make_source(config, {clock, dice, *http, mail, "/"});
    ASSERT_TRUE(source);
    const auto got = loop.run((*source)->poll(""));
    EXPECT_FALSE(got.ok()) << target;
  }
  loop.settle();
  EXPECT_EQ(came, 0);
}

}  // namespace
}  // namespace earshot

// No request goes where it must not (RELIABILITY P15, 4.4), through the real client: every spelling
// of an address, names that change their mind, redirects. A server on the target's port counts who
// comes.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <netdb.h>

#include <atomic>
#include <deque>
#include <mutex>

#include "earshot/runtime/curl.hpp"
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
  if (name == nullptr || !std::string_view{name}.ends_with(".rebind.test"))
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
    const std::size_t at = url.find("{}");
    if (at != std::string::npos) url.replace(at, 2, std::to_string(server.port()));
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

// "{}" is the port of a server that would answer on 127.0.0.1.
const char* const kRefused[] = {
    // loopback, in every base and length that inet_aton reads
    "http://127.0.0.1:{}/", "http://127.0.0.2:{}/", "http://127.255.255.254:{}/",
    "http://127.1:{}/", "http://127.0.1:{}/", "http://2130706433:{}/", "http://0x7f000001:{}/",
    "http://0x7F.0x0.0x0.0x1:{}/", "http://0x7f.1:{}/", "http://0177.0.0.1:{}/",
    "http://0177.1:{}/", "http://017700000001:{}/", "http://0000177.0000.0000.0001:{}/",
    "http://127.0.0.1.:{}/", "http://127.0x0.0.01:{}/", "http://0:{}/", "http://0.0.0.0:{}/",
    "http://0x0:{}/", "http://00000000:{}/", "http://4294967295:{}/",
    // names of loopback
    "http://localhost:{}/", "http://LOCALHOST:{}/", "http://localhost.:{}/",
    "http://LocalHost.:{}/", "http://a.localhost:{}/",
    // IPv6 and IPv4 inside it
    "http://[::1]:{}/", "http://[0:0:0:0:0:0:0:1]:{}/", "http://[::]:{}/",
    "http://[::ffff:127.0.0.1]:{}/", "http://[::ffff:7f00:1]:{}/",
    "http://[0:0:0:0:0:ffff:7f00:0001]:{}/", "http://[::127.0.0.1]:{}/",
    "http://[64:ff9b::7f00:1]:{}/", "http://[64:ff9b::127.0.0.1]:{}/",
    "http://[64:ff9b:1::7f00:1]:{}/", "http://[2002:7f00:1::]:{}/", "http://[2002:7f00:1::1]:{}/",
    "http://[2001:0:7f00:1::]:{}/", "http://[fe80::1]:{}/", "http://[fe80::1%25lo]:{}/",
    "http://[fe80::1%251]:{}/", "http://[fe80::1%lo]:{}/", "http://[fec0::1]:{}/",
    "http://[fd00::1]:{}/", "http://[fc00::1]:{}/", "http://[ff02::1]:{}/",
    "http://[fd00:ec2::254]/latest/meta-data/", "http://[::ffff:a9fe:a9fe]/",
    "http://[64:ff9b::a9fe:a9fe]/", "http://[2001:db8::1]/", "http://[100::1]/",
    // private, shared, link-local, reserved
    "http://10.0.0.1:{}/", "http://10.255.255.255/", "http://167772161:{}/", "http://012.0.0.1:{}/",
    "http://0xa.1:{}/", "http://172.16.0.1/", "http://172.31.255.255/", "http://192.168.0.1/",
    "http://192.168.1/", "http://3232235777/", "http://0xc0a80101/", "http://100.64.0.1/",
    "http://100.127.255.254/", "http://169.254.169.254/latest/meta-data/",
    "http://169.254.169.254./", "http://2852039166/", "http://0xa9fea9fe/",
    "http://0251.0376.43518/", "http://169.254.43518/", "http://192.0.0.192/", "http://192.0.2.1/",
    "http://192.88.99.1/", "http://198.18.0.1/", "http://198.51.100.1/", "http://203.0.113.1/",
    "http://224.0.0.1/", "http://239.255.255.250:1900/", "http://240.0.0.1/",
    "http://255.255.255.255/",
    // who is the host? credentials, fragments, backslashes, blanks
    "http://example.com@127.0.0.1:{}/", "http://example.com:80@127.0.0.1:{}/",
    "http://127.0.0.1:{}#@example.com/", "http://127.0.0.1:{}?@example.com/",
    "http://example.com\\@127.0.0.1:{}/", "http://127.0.0.1:{}\\@example.com/",
    "http://127.0.0.1%00.example.com:{}/", "http://127.0.0.1 .example.com:{}/",
    "http://127.0.0.1\t:{}/", "http:127.0.0.1:{}/", "http:/127.0.0.1:{}/", "http:///127.0.0.1:{}/",
    "//127.0.0.1:{}/", "127.0.0.1:{}/", "HTTP://127.0.0.1:{}/", "http://%31%32%37.0.0.1:{}/",
    "http://127%2e0%2e0%2e1:{}/", "http://127\u30020\u30020\u30021:{}/",
    "http://\uFF11\uFF12\uFF17.0.0.1:{}/", "http://\u2460\u2461\u2466.0.0.1:{}/",
    // other tongues
    "file:///etc/passwd", "file://127.0.0.1/etc/passwd", "gopher://127.0.0.1:{}/_x",
    "dict://127.0.0.1:{}/x", "ftp://127.0.0.1:{}/", "ldap://127.0.0.1:{}/", "tftp://127.0.0.1:{}/",
    "telnet://127.0.0.1:{}/", "smtp://127.0.0.1:{}/", "imap://127.0.0.1:{}/",
    "scp://127.0.0.1:{}/x", "ws://127.0.0.1:{}/", "javascript:alert(1)", "data:,x"};

TEST_F(Ssrf, EverySpellingIsRefusedAndNobodyComes) {
  static_assert(std::size(kRefused) >= 100);
  for (const char* vector : kRefused) {
    const auto got = get(with_port(vector));
    ASSERT_FALSE(got.ok()) << vector << " was answered with " << got->status;
    EXPECT_FALSE(got.error().uncertain) << vector;
    EXPECT_EQ(got.error().message.find("meta-data"), std::string::npos) << got.error().message;
  }
  loop.settle();
  EXPECT_EQ(came, 0);
}

TEST_F(Ssrf, TheAllowListOpensWhatItNamesInEverySpelling) {
  for (const char* vector : {"http://127.0.0.1:{}/", "http://2130706433:{}/", "http://0x7f.1:{}/",
                             "http://[::ffff:127.0.0.1]:{}/", "http://localhost:{}/"}) {
    const auto got = get(with_port(vector), {"127.0.0.1/32"});
    EXPECT_TRUE(got.ok()) << vector << ": " << (got.ok() ? "" : got.error().message);
  }
  const int before = came;
  for (const char* range : {"127.0.0.2/32", "127.0.0.2/31", "10.0.0.0/8", "::1/128", "fd00::/8"})
    EXPECT_FALSE(get(with_port("http://127.0.0.1:{}/"), {range}).ok()) << range;
  loop.settle();
  EXPECT_EQ(came, before);
}

TEST_F(Ssrf, ANameThatPointsInwardsIsRefused) {
  for (const char* address : {"127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fd00::1",
                              "::ffff:127.0.0.1", "fe80::1", "0.0.0.0", "64:ff9b::7f00:1"}) {
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

}  // namespace
}  // namespace earshot

// BlueskySource against the reference AT Protocol network. tests/e2e/bluesky_test.py starts one
// with its production rate limits and runs these (they are disabled otherwise, because a unit test
// needs no server). Without a network they fail.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "earshot/core/json.hpp"
#include "earshot/runtime/curl.hpp"
#include "sources/social_source.hpp"

namespace earshot {
namespace {

/// Hands requests on; can put another token into the next one.
class Switch final : public HttpClient {
 public:
  explicit Switch(HttpClient& below) : below_(below) {}
  std::string next_bearer;
  int sign_ins = 0;
  int refreshes = 0;
  Task<Result<HttpResponse>> send(HttpRequest request) override {
    sign_ins += request.url.find("createSession") != std::string::npos ? 1 : 0;
    refreshes += request.url.find("refreshSession") != std::string::npos ? 1 : 0;
    if (!next_bearer.empty()) request.bearer = std::exchange(next_bearer, {});
    auto answer = co_await below_.send(std::move(request));
    co_return answer;
  }

 private:
  HttpClient& below_;
};

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

struct DISABLED_BlueskyNetwork : testing::Test {
  Loop loop;
  std::unique_ptr<Clock> clock = make_clock(loop.executor());
  std::unique_ptr<Dice> dice = make_dice();
  std::unique_ptr<CurlPool> pool;
  std::unique_ptr<HttpClient> http;
  std::unique_ptr<Switch> client;
  NoMail mail;
  Folder folder;
  std::unique_ptr<Source> source;
  NetworkPolicy network;
  std::string pds = variable("EARSHOT_PDS");
  std::string control = variable("EARSHOT_PDS_CONTROL");

  struct Account {
    std::string did;
    std::string access;
  };

  void SetUp() override {
    ASSERT_FALSE(pds.empty() || control.empty())
        << "EARSHOT_PDS and EARSHOT_PDS_CONTROL name the network: run tests/e2e/bluesky_test.py";
    const auto loopback = parse_range("127.0.0.1/32");
    ASSERT_TRUE(loopback);
    network = {{*loopback}, true};
    CurlOptions options;
    options.network = network;
    pool = make_curl_pool(loop.executor(), options);
    http = make_http_client(*pool);
    client = std::make_unique<Switch>(*http);
  }

  HttpResponse call(std::string method, std::string url, std::string body = {},
                    std::string bearer = {}) {
    HttpRequest request;
    request.method = std::move(method);
    request.url = std::move(url);
    request.body = std::move(body);
    request.bearer = std::move(bearer);
    if (!request.body.empty()) request.headers.emplace_back("Content-Type", "application/json");
    request.network = network;
    auto answer = loop.run(http->send(std::move(request)));
    EXPECT_TRUE(answer) << answer.error().message;
    return answer ? *answer : HttpResponse{};
  }

  Account join(const std::string& handle) {
    const auto answer = call("POST", pds + "/xrpc/com.atproto.server.createAccount",
                             "{\"handle\":\"" + handle + ".test\",\"email\":\"" + handle +
                                 "@example.test\",\"password\":\"pw-" + handle + "\"}");
    EXPECT_EQ(answer.status, 200) << answer.body;
    const auto document = parse_json(answer.body);
    if (!document) return {};
    return {std::string{string_at(*document, "did")},
            std::string{string_at(*document, "accessJwt")}};
  }

  /// Posts text that mentions `whom` in its first bytes ("@handle …"); returns the uri.
  std::string post(const Account& author, const std::string& text, const Account& whom,
                   std::size_t mention_bytes) {
    JsonWriter out;
    out.object();
    out.field("repo", author.did);
    out.field("collection", "app.bsky.feed.post");
    out.key("record");
    out.raw(
        "{\"$type\":\"app.bsky.feed.post\",\"text\":\"" + text + "\",\"createdAt\":\"" +
        to_rfc3339_ms(clock->now()) +
        "\",\"facets\":[{\"index\":{\"byteStart\":0,\"byteEnd\":" + std::to_string(mention_bytes) +
        "},\"features\":[{\"$type\":\"app.bsky.richtext.facet#mention\",\"did\":\"" + whom.did +
        "\"}]}]}");
    out.end();
    const auto answer =
        call("POST", pds + "/xrpc/com.atproto.repo.createRecord", out.take(), author.access);
    EXPECT_EQ(answer.status, 200) << answer.body;
    settle();
    const auto document = parse_json(answer.body);
    return document ? std::string{string_at(*document, "uri")} : std::string{};
  }

  void settle() { EXPECT_EQ(call("POST", control + "/process").status, 200); }

  void make(const std::string& handle, const std::string& query = {}) {
    folder.write("app.pw", "pw-" + handle + "\n");
    SourceConfig config;
    config.name = "sky";
    config.type = "bluesky";
    config.url = pds;
    config.identifier = handle + ".test";
    config.password_file = "app.pw";
    config.query = query;
    config.network = network;
    auto made = make_source(config, SourceTools{*clock, *dice, *client, mail, folder.path()});
    ASSERT_TRUE(made) << made.error().message;
    source = std::move(*made);
  }

  Result<Batch> poll(const std::string& state) { return loop.run(source->poll(state)); }
};

TEST_F(DISABLED_BlueskyNetwork, AMentionIsPostedFoundTakenBackAndTheTokenExpires) {
  const Account brand = join("lampco");
  const Account ana = join("ana");
  make("lampco", "lampco");
  const auto first = poll("");
  ASSERT_TRUE(first) << first.error().message;

  const std::string words = "@lampco.test the lamp caught fire, call me";
  const std::string uri = post(ana, words, brand, 12);
  const std::string second_uri = post(ana, "@lampco.test and nobody answers", brand, 12);
  const auto found = poll(first->next);
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->posts.size(), 2U);
  const Post& seen = found->posts[0].id == uri ? found->posts[0] : found->posts[1];
  EXPECT_EQ(seen.id, uri);
  EXPECT_EQ(seen.text, words);
  EXPECT_EQ(seen.author.id, ana.did);
  EXPECT_EQ(seen.author.handle, "ana.test");
  EXPECT_EQ(seen.author.followers, 0U);
  EXPECT_EQ(seen.mentions, (std::vector<std::string>{"lampco.test"}));
  EXPECT_FALSE(found->baseline);

  // A correctly signed token that has expired: refreshed once, the call repeated.
  const auto token =
      call("POST", control + "/token", "{\"did\":\"" + brand.did + "\",\"expSeconds\":-60}");
  const auto document = parse_json(token.body);
  ASSERT_TRUE(document);
  client->next_bearer = string_at(*document, "accessJwt");
  const auto third = poll(found->next);
  ASSERT_TRUE(third) << third.error().message;
  EXPECT_TRUE(third->posts.empty());
  EXPECT_EQ(client->sign_ins, 1);
  EXPECT_EQ(client->refreshes, 1);

  // Taken back: the newer one; the older one below it stays on the page.
  const std::string key = second_uri.substr(second_uri.rfind('/') + 1);
  const auto deleted =
      call("POST", pds + "/xrpc/com.atproto.repo.deleteRecord",
           "{\"repo\":\"" + ana.did + "\",\"collection\":\"app.bsky.feed.post\",\"rkey\":\"" + key +
               "\"}",
           ana.access);
  EXPECT_EQ(deleted.status, 200) << deleted.body;
  settle();
  const auto fourth = poll(third->next);
  ASSERT_TRUE(fourth) << fourth.error().message;
  EXPECT_EQ(fourth->deleted, (std::vector<std::string>{second_uri}));

  // A restart lives on the refresh token.
  make("lampco", "lampco");
  ASSERT_TRUE(poll(fourth->next));
  EXPECT_EQ(client->sign_ins, 1);
}

TEST_F(DISABLED_BlueskyNetwork, TooManySignInsAreAnsweredWithAWait) {
  join("busy");
  int status = 0;
  for (int i = 0; i < 40 && status != 429; ++i) {
    status = call("POST", pds + "/xrpc/com.atproto.server.createSession",
                  R"({"identifier":"busy.test","password":"pw-busy"})")
                 .status;
  }
  ASSERT_EQ(status, 429) << "the network does not enforce its limits";
  make("busy");
  const auto batch = poll("");
  ASSERT_FALSE(batch);
  EXPECT_EQ(batch.error().kind, Error::Kind::transient);
  EXPECT_EQ(batch.error().status, 429);
  ASSERT_TRUE(batch.error().retry_after.has_value());
  EXPECT_LE(*batch.error().retry_after, minutes{5});
  EXPECT_EQ(batch.error().message.find("pw-busy"), std::string::npos);
}

}  // namespace
}  // namespace earshot

#include <fmt/format.h>

#include "../../src/sources/bluesky_query.hpp"
#include "earshot/core/json.hpp"
#include "sources/social_source.hpp"

namespace earshot {
namespace {

std::string view(const std::string& key, const std::string& words = "dark",
                 const std::string& cid = "c1") {
  return fmt::format(
      R"({{"uri":"at://did:plc:ana/app.bsky.feed.post/{0}","cid":"{2}","author":{{"did":"did:plc:ana","handle":"ana.test"}},)"
      R"("reason":"mention","record":{{"$type":"app.bsky.feed.post","text":"{1}","createdAt":"2026-03-02T08:00:00Z"}}}})",
      key, words, cid);
}

/// A server in miniature: sessions, notifications, search, posts, profiles.
struct Server {
  std::vector<std::string> notifications;
  std::vector<std::string> found;
  std::size_t page = 100;
  int sign_ins = 0;
  int refreshes = 0;
  std::string valid = "access-0";
  std::string refresh_error;
  bool cursors_broken = false;
  std::vector<std::string> gone;

  static Result<HttpResponse> reply(int status, std::string body) {
    return HttpResponse{status, {}, std::move(body), ""};
  }

  std::string session() {
    valid = fmt::format("access-{}", sign_ins + refreshes);
    return fmt::format(
        R"({{"accessJwt":"{}","refreshJwt":"refresh-{}","did":"did:plc:bw","handle":"bw.test"}})",
        valid, sign_ins + refreshes);
  }

  Result<HttpResponse> list(const std::string& url, const std::string& name,
                            const std::vector<std::string>& items) const {
    const std::size_t at = url.find("&cursor=");
    if (at != std::string::npos && cursors_broken)
      return reply(502, R"({"error":"InternalServerError"})");
    const std::size_t from = at == std::string::npos ? 0 : std::stoul(url.substr(at + 8));
    std::string body = "{\"" + name + "\":[";
    const std::size_t to = std::min(from + page, items.size());
    for (std::size_t i = from; i < to; ++i) body += (i == from ? "" : ",") + items[i];
    body += to < items.size() ? fmt::format("],\"cursor\":\"{}\"}}", to) : "]}";
    return reply(200, body);
  }

  Result<HttpResponse> operator()(const HttpRequest& request) {
    const std::string& url = request.url;
    const auto is = [&](const char* name) { return url.find(name) != std::string::npos; };
    if (is("createSession")) return ++sign_ins, reply(200, session());
    if (is("refreshSession")) {
      if (!refresh_error.empty()) return reply(400, "{\"error\":\"" + refresh_error + "\"}");
      return ++refreshes, reply(200, session());
    }
    if (request.bearer != valid)
      return reply(400, R"({"error":"ExpiredToken","message":"Token has expired"})");
    if (is("listNotifications")) return list(url, "notifications", notifications);
    if (is("searchPosts")) return list(url, "posts", found);
    if (is("getProfiles"))
      return reply(200, R"({"profiles":[{"did":"did:plc:ana","followersCount":4000000}]})");
    if (is("getPosts")) {
      std::string body = R"({"posts":[)";
      for (const char* key : {"a", "b", "c"}) {
        const bool asked = url.find(fmt::format("post%2F{}", key)) != std::string::npos;
        if (asked && std::find(gone.begin(), gone.end(), key) == gone.end())
          body += (body.back() == '[' ? "" : ",") + view(key);
      }
      return reply(200, body + "]}");
    }
    return reply(404, "{}");
  }
};

struct Bluesky : testing::Test, SourceBench {
  SourceConfig config;
  Server server;
  void SetUp() override {
    folder.write("app.pw", "pw-s3cr3t\n");
    config.name = "sky";
    config.type = "bluesky";
    config.url = "https://pds.example";
    config.identifier = "bw.test";
    config.password_file = "app.pw";
    make(config);
    http.otherwise([this](const HttpRequest& request) { return server(request); });
  }
  std::size_t asked(const std::string& name) const {
    return static_cast<std::size_t>(
        std::count_if(http.requests.begin(), http.requests.end(),
                      [&](const HttpRequest& r) { return r.url.find(name) != std::string::npos; }));
  }
  std::vector<std::string> keys(const Result<Batch>& batch) {
    std::vector<std::string> out;
    for (const Post& post : batch->posts) out.push_back(post.id.substr(post.id.rfind('/') + 1));
    return out;
  }
};

TEST_F(Bluesky, SignsInOnceAndMarksTheArchiveSeen) {
  server.notifications = {view("b"), view("a")};
  const auto first = poll("");
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_TRUE(first->baseline);
  server.notifications.insert(server.notifications.begin(), view("c"));
  const auto second = poll(first->next);
  ASSERT_TRUE(second);
  EXPECT_FALSE(second->baseline);
  EXPECT_EQ(keys(second), (std::vector<std::string>{"c"}));
  EXPECT_EQ(second->posts[0].author.followers, 4'000'000U);
  EXPECT_EQ(server.sign_ins, 1);
  EXPECT_TRUE(poll(second->next)->posts.empty());
}

TEST_F(Bluesky, ARestartRefreshesInsteadOfSigningIn) {
  const auto first = poll("");
  ASSERT_TRUE(first);
  EXPECT_NE(first->next.find("refresh-1"), std::string::npos);
  EXPECT_EQ(first->next.find("access-"), std::string::npos);
  make(config);
  ASSERT_TRUE(poll(first->next));
  EXPECT_EQ(server.sign_ins, 1);
  EXPECT_EQ(server.refreshes, 1);
}

TEST_F(Bluesky, AnExpiredTokenIsRefreshedAndTheCallRepeated) {
  server.notifications = {view("a")};
  const auto first = poll("");
  ASSERT_TRUE(first);
  server.valid = "another";
  server.notifications.insert(server.notifications.begin(), view("b"));
  const auto second = poll(first->next);
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(keys(second), (std::vector<std::string>{"b"}));
  EXPECT_EQ(server.refreshes, 1);
  EXPECT_EQ(server.sign_ins, 1);
}

TEST_F(Bluesky, ARevokedSessionSignsInAgain) {
  const auto first = poll("");
  server.valid = "another";
  server.refresh_error = "ExpiredToken";
  ASSERT_TRUE(poll(first->next));
  EXPECT_EQ(server.sign_ins, 2);
}

TEST_F(Bluesky, ATakenDownAccountIsARefusal) {
  const auto first = poll("");
  server.valid = "another";
  server.refresh_error = "AccountTakedown";
  const auto second = poll(first->next);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, Error::Kind::permanent);
  EXPECT_NE(second.error().message.find("AccountTakedown"), std::string::npos);
  EXPECT_EQ(server.sign_ins, 1);
}

TEST_F(Bluesky, NeverSignsInMoreOftenThanAllowed) {
  http.otherwise([this](const HttpRequest& request) -> Result<HttpResponse> {
    if (request.url.find("createSession") != std::string::npos)
      return ++server.sign_ins, Server::reply(200, server.session());
    return Server::reply(401, R"({"error":"AuthMissing"})");
  });
  Error last;
  for (int i = 0; i < 50; ++i) {
    const auto batch = poll("");
    ASSERT_FALSE(batch);
    last = batch.error();
  }
  EXPECT_LE(server.sign_ins, 10);
  EXPECT_EQ(last.kind, Error::Kind::transient);
  EXPECT_TRUE(last.retry_after.has_value());
}

TEST_F(Bluesky, A429OfTheSignInTellsTheWait) {
  http.answer(429, R"({"error":"RateLimitExceeded"})",
              {{"RateLimit-Reset", "1795450200"}, {"Date", "Mon, 23 Nov 2026 16:08:00 GMT"}});
  const auto batch = poll("");
  ASSERT_FALSE(batch);
  EXPECT_EQ(batch.error().kind, Error::Kind::transient);
  EXPECT_EQ(batch.error().retry_after, seconds{120});
  EXPECT_EQ(batch.error().message.find("s3cr3t"), std::string::npos);
}

TEST_F(Bluesky, AWrongPasswordIsARefusal) {
  http.answer(401,
              R"({"error":"AuthenticationRequired","message":"Invalid identifier or password"})");
  const auto batch = poll("");
  ASSERT_FALSE(batch);
  EXPECT_EQ(batch.error().kind, Error::Kind::permanent);
}

TEST_F(Bluesky, PagesAreReadUntilOneIsKnown) {
  server.page = 2;
  server.notifications = {view("a"), view("b")};
  const auto first = poll("");
  ASSERT_TRUE(first);
  server.notifications = {view("f"), view("e"), view("d"), view("c"), view("a"), view("b")};
  const auto second = poll(first->next);
  ASSERT_TRUE(second);
  EXPECT_EQ(keys(second), (std::vector<std::string>{"c", "d", "e", "f"}));
}

TEST_F(Bluesky, ABackdatedSearchResultAtTheEndIsFound) {
  config.notifications = false;
  config.query = "brightwave";
  make(config);
  server.page = 2;
  server.found = {view("a"), view("b"), view("c"), view("d")};
  const auto first = poll("");
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->baseline);
  EXPECT_EQ(first->posts.size(), 4U);
  server.found.push_back(view("old"));
  clock.jump(minutes{16});
  const auto second = poll(first->next);
  ASSERT_TRUE(second);
  EXPECT_EQ(keys(second), (std::vector<std::string>{"old"}));
}

TEST_F(Bluesky, AnEditedRecordComesAgain) {
  server.notifications = {view("a")};
  const auto first = poll("");
  server.notifications = {view("a", "solved", "c2")};
  const auto second = poll(first->next);
  ASSERT_EQ(second->posts.size(), 1U);
  EXPECT_EQ(second->posts[0].text, "solved");
}

TEST_F(Bluesky, APostTakenBackIsTold) {
  server.notifications = {view("c"), view("b"), view("a")};
  const auto first = poll("");
  server.notifications = {view("c"), view("a")};
  server.gone = {"b"};
  const auto second = poll(first->next);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->deleted, (std::vector<std::string>{"at://did:plc:ana/app.bsky.feed.post/b"}));
  EXPECT_TRUE(poll(second->next)->deleted.empty());
}

TEST_F(Bluesky, ACursorThatStaysBrokenIsGivenUpAndToldAsAGap) {
  server.page = 2;
  server.notifications = {view("a")};
  const auto first = poll("");
  server.notifications = {view("e"), view("d"), view("c"), view("b"), view("a")};
  server.cursors_broken = true;
  EXPECT_EQ(poll(first->next).error().kind, Error::Kind::transient);
  EXPECT_EQ(poll(first->next).error().kind, Error::Kind::transient);
  const auto third = poll(first->next);
  ASSERT_TRUE(third);
  EXPECT_EQ(keys(third), (std::vector<std::string>{"d", "e"}));
  EXPECT_FALSE(third->gap.empty());
}

TEST_F(Bluesky, FollowersAreAskedForOncePerAuthorAndDay) {
  const auto first = poll("");
  server.notifications = {view("b"), view("a")};
  const auto second = poll(first->next);
  server.notifications.insert(server.notifications.begin(), view("c"));
  ASSERT_TRUE(poll(second->next));
  EXPECT_EQ(asked("getProfiles"), 1U);
}

TEST_F(Bluesky, EveryStatusCodeIsAnErrorOfTheRightKind) {
  ASSERT_TRUE(poll(""));
  for (int status = 402; status < 600; ++status) {
    http.answer(status, R"({"error":"X"})");
    const auto batch = poll("");
    ASSERT_FALSE(batch) << status;
    const bool passing = status == 408 || status == 425 || status == 429 || status >= 500;
    EXPECT_EQ(batch.error().kind == Error::Kind::transient, passing) << status;
  }
}

TEST(BlueskyQueryTest, FiltersByItsOperators) {
  Post post;
  post.author.handle = "ana.test";
  post.mentions = {"brightwave.com"};
  post.hashtags = {"Lamp"};
  post.language = "de";
  post.links = {"https://www.news.example/x"};
  post.created_at = parse_rfc3339("2026-03-02T09:00:00Z");
  for (const char* good : {"lamp", "from:ana.test", "mentions:@brightwave.com lamp", "#lamp",
                           "lang:de", "domain:news.example", "since:2026-03-02", "until:2026-03-03",
                           "\"from:bo said\" x", "-from:bo.test", "see: this"}) {
    EXPECT_TRUE(BlueskyQuery{good}.admits(post)) << good;
  }
  for (const char* bad :
       {"from:bo.test", "-from:ana.test", "mentions:other.com", "#fire", "lang:en",
        "domain:ews.example", "since:2026-03-03", "until:2026-03-02"}) {
    EXPECT_FALSE(BlueskyQuery{bad}.admits(post)) << bad;
  }
}

}  // namespace
}  // namespace earshot

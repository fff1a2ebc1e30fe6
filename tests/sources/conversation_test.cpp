// The conversation around a post, read again.
#include "sources/social_source.hpp"

namespace earshot {
namespace {

std::string status(const std::string& id, const std::string& account, const std::string& parent) {
  return R"({"id":")" + id + R"(","created_at":"2026-03-02T08:00:00.000Z","visibility":"public",)" +
         R"("content":"<p>words of )" + account + R"(</p>","in_reply_to_id":)" +
         (parent.empty() ? "null" : "\"" + parent + "\"") + R"(,"account":{"id":")" + account +
         R"(","acct":")" + account + R"("}})";
}

struct Conversations : testing::Test, SourceBench {
  void use(const std::string& type) {
    SourceConfig config;
    folder.write("secret", "s3cr3t\n");
    config.name = "social", config.type = type, config.url = "https://social.example";
    config.token_file = type == "mastodon" ? "secret" : "";
    config.password_file = type == "bluesky" ? "secret" : "";
    config.identifier = "bw.test";
    make(config);
  }
  Result<Conversation> read(const std::string& id) {
    return loop.run(clock, source->conversation(id));
  }
};

TEST_F(Conversations, OfMastodonAreThePostAndItsContext) {
  use("mastodon");
  http.answer(200, status("1", "ann", ""));
  http.answer(200, R"({"ancestors":[],"descendants":[)" + status("2", "care", "1") + "," +
                       status("3", "bob", "1") + "]}");
  const auto got = read("1");
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_FALSE(got->gone);
  ASSERT_EQ(got->posts.size(), 3U);
  EXPECT_EQ(got->posts[1].author.handle, "care");
  EXPECT_EQ(got->posts[1].in_reply_to, "1");
  EXPECT_EQ(got->posts[1].source, "social");
  EXPECT_EQ(http.requests.at(0).url, "https://social.example/api/v1/statuses/1");
  EXPECT_EQ(http.requests.at(1).url, "https://social.example/api/v1/statuses/1/context");
  EXPECT_EQ(http.requests.at(1).bearer, "s3cr3t");
}

TEST_F(Conversations, OfAPostThatIsGoneSaySo) {
  use("mastodon");
  http.answer(404, R"({"error":"Record not found"})");
  const auto got = read("1");
  ASSERT_TRUE(got);
  EXPECT_TRUE(got->gone);
  EXPECT_TRUE(got->posts.empty());
}

TEST_F(Conversations, FailAsPollsDo) {
  use("mastodon");
  http.answer(503, "");
  EXPECT_EQ(read("1").error().kind, Error::Kind::transient);
  http.answer(401, "{}");
  EXPECT_EQ(read("1").error().kind, Error::Kind::permanent);
  http.answer(200, "<html>");
  EXPECT_EQ(read("1").error().kind, Error::Kind::transient);
}

std::string sky(const std::string& key, const std::string& who, const std::string& reply) {
  return R"({"uri":"at://did:plc:)" + who + "/app.bsky.feed.post/" + key + R"(","cid":"c",)" +
         R"("author":{"did":"did:plc:)" + who + R"(","handle":")" + who + R"(.test"},)" +
         R"("record":{"$type":"app.bsky.feed.post","text":"words","createdAt":"2026-03-02T08:00:00Z")" +
         reply + "}}";
}

TEST_F(Conversations, OfBlueskyAreTheThread) {
  use("bluesky");
  const std::string root = "at://did:plc:ana/app.bsky.feed.post/a";
  const std::string under = R"(,"reply":{"root":{"uri":")" + root +
                            R"(","cid":"c"},"parent":{"uri":")" + root + R"(","cid":"c"}})";
  bool gone = false;
  http.otherwise([&](const HttpRequest& request) -> Result<HttpResponse> {
    const auto is = [&](const char* name) { return request.url.find(name) != std::string::npos; };
    if (is("createSession"))
      return HttpResponse{
          200,
          {},
          R"({"accessJwt":"a","refreshJwt":"r","did":"did:plc:bw","handle":"bw.test"})",
          ""};
    if (is("getPosts"))
      return HttpResponse{200, {}, R"({"posts":[)" + (gone ? "" : sky("a", "ana", "")) + "]}", ""};
    return HttpResponse{200,
                        {},
                        R"({"thread":{"$type":"app.bsky.feed.defs#threadViewPost","post":)" +
                            sky("a", "ana", "") +
                            R"(,"replies":[{"$type":"app.bsky.feed.defs#threadViewPost","post":)" +
                            sky("b", "bw", under) + R"(,"replies":[]}]}})",
                        ""};
  });
  const auto got = read(root);
  ASSERT_TRUE(got) << got.error().message;
  ASSERT_EQ(got->posts.size(), 2U);
  EXPECT_EQ(got->posts[1].author.handle, "bw.test");
  EXPECT_EQ(got->posts[1].in_reply_to, root);
  gone = true;
  EXPECT_TRUE(read(root)->gone);
}

}  // namespace
}  // namespace earshot

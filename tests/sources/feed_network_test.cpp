// FeedSource against nginx. tests/e2e/feeds_test.py starts one and runs these (they are disabled
// otherwise, because a unit test needs no server). Without a server they fail.

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "earshot/runtime/curl.hpp"
#include "sources/social_source.hpp"

namespace earshot {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

struct DISABLED_FeedNetwork : testing::Test {
  Loop loop;
  std::unique_ptr<Clock> clock = make_clock(loop.executor());
  std::unique_ptr<Dice> dice = make_dice();
  std::unique_ptr<CurlPool> pool;
  std::unique_ptr<HttpClient> http;
  NoMail mail;
  Folder folder;
  std::string host = variable("EARSHOT_FEEDS");
  std::filesystem::path www = variable("EARSHOT_FEEDS_FILES");
  SourceConfig config;

  void SetUp() override {
    ASSERT_FALSE(host.empty() || www.empty())
        << "EARSHOT_FEEDS and EARSHOT_FEEDS_FILES name the server: run tests/e2e/feeds_test.py";
    const auto loopback = parse_range("127.0.0.1/32");
    ASSERT_TRUE(loopback);
    CurlOptions options;
    options.network = {{*loopback}, true};
    pool = make_curl_pool(loop.executor(), options);
    http = make_http_client(*pool);
    config.name = "press";
    config.type = "feed";
    config.start.kind = StartPolicy::Kind::all;
    config.network = options.network;
  }

  /// Each test has a file of its own; `age` makes Last-Modified differ where a test writes twice in
  /// a second.
  void write(const std::string& name, const std::string& items, int age = 0) {
    std::ofstream{www / name, std::ios::binary} << "<?xml version=\"1.0\" encoding=\"utf-8\"?><rss "
                                                   "version=\"2.0\"><channel><title>T</title>"
                                                << items << "</channel></rss>";
    std::filesystem::last_write_time(
        www / name, std::filesystem::file_time_type::clock::now() - std::chrono::hours{age});
  }
  static std::string item(int n, const std::string& words =
                                     "kettle words long enough that the server compresses them, "
                                     "said twice: kettle words long enough") {
    return "<item><guid isPermaLink=\"false\">k" + std::to_string(n) + "</guid><title>t" +
           std::to_string(n) + "</title><description>" + words + "</description></item>";
  }
  Result<Batch> poll(const std::string& path, const std::string& state = {}) {
    config.url = host + path;
    auto source = make_source(config, SourceTools{*clock, *dice, *http, mail, folder.path()});
    EXPECT_TRUE(source);
    return loop.run((*source)->poll(state));
  }
};

TEST_F(DISABLED_FeedNetwork, UnchangedIs304AndNewItemsComeOnce) {
  write("a.xml", item(1) + item(2), 5);
  const auto first = poll("/a.xml");
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->posts.size(), 2U);
  const auto same = poll("/a.xml", first->next);
  ASSERT_TRUE(same) << same.error().message;
  EXPECT_TRUE(same->posts.empty());
  write("a.xml", item(3) + item(2) + item(1, "other words"), 4);
  const auto changed = poll("/a.xml", same->next);
  ASSERT_TRUE(changed) << changed.error().message;
  EXPECT_EQ(changed->posts.size(), 2U);
  EXPECT_TRUE(poll("/a.xml", changed->next).value().posts.empty());
}

TEST_F(DISABLED_FeedNetwork, AServerWithoutValidatorsGivesNothingTwice) {
  write("b.xml", item(1) + item(2));
  const auto first = poll("/noetag/b.xml");
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_TRUE(poll("/noetag/b.xml", first->next).value().posts.empty());
}

TEST_F(DISABLED_FeedNetwork, RedirectsOfAllKindsAreFollowedAndLoopsEnd) {
  write("c.xml", item(1));
  for (const char* path : {"/moved301/c.xml", "/moved308/c.xml", "/temp302/c.xml"}) {
    const auto batch = poll(path);
    ASSERT_TRUE(batch) << path << ": " << batch.error().message;
    EXPECT_EQ(batch->posts.size(), 1U);
  }
  EXPECT_FALSE(poll("/loop"));
}

TEST_F(DISABLED_FeedNetwork, RefusalsAndPausesAreTold) {
  EXPECT_EQ(poll("/gone").error().status, 410);
  EXPECT_EQ(poll("/gone").error().kind, Error::Kind::permanent);
  EXPECT_EQ(poll("/missing.xml").error().status, 404);
  EXPECT_EQ(poll("/busy").error().retry_after, seconds{7});
  const auto dated = poll("/busydate").error();
  EXPECT_EQ(dated.kind, Error::Kind::transient);
  ASSERT_TRUE(dated.retry_after);
  EXPECT_GT(*dated.retry_after, hours{1});
  EXPECT_FALSE(poll("/login"));
}

TEST_F(DISABLED_FeedNetwork, TheHeadersCharsetCounts) {
  std::ofstream{www / "d.xml", std::ios::binary}
      << "<rss version=\"2.0\"><channel><item><guid>1</guid><title>caf\xE9 "
         "\x93x\x94</title></item></channel></rss>";
  const auto batch = poll("/latin1/d.xml");
  ASSERT_TRUE(batch) << batch.error().message;
  ASSERT_EQ(batch->posts.size(), 1U);
  EXPECT_EQ(batch->posts[0].title, "caf\xC3\xA9 \xE2\x80\x9Cx\xE2\x80\x9D");
}

TEST_F(DISABLED_FeedNetwork, PasswordsOpenWhatIsClosed) {
  write("e.xml", item(1));
  EXPECT_EQ(poll("/auth/e.xml").error().status, 401);
  folder.write("feed.pw", "secret\n");
  config.user = "feed";
  config.password_file = "feed.pw";
  const auto batch = poll("/auth/e.xml");
  ASSERT_TRUE(batch) << batch.error().message;
  EXPECT_EQ(batch->posts.size(), 1U);
}

}  // namespace
}  // namespace earshot

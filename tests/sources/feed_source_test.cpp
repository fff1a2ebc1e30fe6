#include <gtest/gtest.h>

#include <fmt/format.h>

#include "earshot/config/config.hpp"
#include "earshot/runtime/mail.hpp"
#include "earshot/sources/registry.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_http.hpp"
#include "support/fake_mail.hpp"
#include "support/run.hpp"

namespace earshot {
namespace {

std::string item(int n, const std::string& text = "text",
                 const std::string& date = "Mon, 02 Mar 2026 08:00:00 GMT") {
  return fmt::format(
      "<item><guid>g{0}</guid><title>t{0}</title><link>https://f.example/{0}</"
      "link><description>{1} {0}</description><pubDate>{2}</pubDate></item>",
      n, text, date);
}
std::string rss(const std::string& items, const std::string& head = "") {
  return "<rss version='2.0'><channel><title>T</title>" + head + items + "</channel></rss>";
}

class FeedSourceTest : public testing::Test {
 protected:
  FeedSourceTest() {
    config.name = "press";
    config.type = "feed";
    config.url = "https://f.example/rss";
  }
  Result<Batch> poll(const std::string& state) {
    auto source = make_source(config, tools);
    EXPECT_TRUE(source);
    return loop.run((*source)->poll(state));
  }
  std::string header(std::size_t request, std::string_view name) const {
    for (const auto& [key, value] : http.requests.at(request).headers) {
      if (key == name) return value;
    }
    return "";
  }
  /// The state after a first poll of items 1 and 2.
  std::string settled(const FakeHttp::Headers& headers = {
                          {"ETag", "W/\"a\""},
                          {"Last-Modified", "Mon, 02 Mar 2026 08:00:00 GMT"}}) {
    http.answer(200, rss(item(2) + item(1)), headers);
    const auto batch = poll("");
    EXPECT_TRUE(batch);
    http.requests.clear();
    return batch ? batch->next : "";
  }

  SourceConfig config;
  Loop loop;
  FakeClock clock{loop};
  FakeDice dice;
  FakeHttp http;
  FakeMailServer mail_server;
  FakeMailConnector mail{mail_server};
  SourceTools tools{clock, dice, http, mail, "."};
};

TEST_F(FeedSourceTest, FirstPollIsABaselineByDefault) {
  http.answer(200, rss(item(2) + item(1)));
  const auto batch = poll("");
  ASSERT_TRUE(batch) << batch.error().message;
  EXPECT_TRUE(batch->baseline);
  ASSERT_EQ(batch->posts.size(), 2U);
  EXPECT_EQ(batch->posts[0].source, "press");
}

TEST_F(FeedSourceTest, StartSevenDaysBackTakesOnlyRecentItems) {
  config.start = {StartPolicy::Kind::back, hours{24 * 7}};
  http.answer(200, rss(item(2) + item(1, "old", "Mon, 02 Feb 2026 08:00:00 GMT")));
  const auto batch = poll("");
  ASSERT_TRUE(batch);
  EXPECT_FALSE(batch->baseline);
  ASSERT_EQ(batch->posts.size(), 1U);
  EXPECT_EQ(batch->posts[0].id, "g2");
}

TEST_F(FeedSourceTest, ValidatorsGoBackVerbatimAnd304ChangesNothing) {
  const std::string state = settled();
  http.answer(304);
  const auto batch = poll(state);
  ASSERT_TRUE(batch);
  EXPECT_EQ(header(0, "If-None-Match"), "W/\"a\"");
  EXPECT_EQ(header(0, "If-Modified-Since"), "Mon, 02 Mar 2026 08:00:00 GMT");
  EXPECT_TRUE(batch->posts.empty());
  EXPECT_EQ(batch->next, state);
}

TEST_F(FeedSourceTest, OnlyNewAndEditedItemsComeWhateverTheirDates) {
  const std::string state = settled();
  http.answer(200, rss(item(3, "backdated", "Thu, 01 Jan 2009 00:00:00 GMT") + item(2) +
                       item(1, "edited")));
  const auto batch = poll(state);
  ASSERT_TRUE(batch);
  ASSERT_EQ(batch->posts.size(), 2U);
  EXPECT_EQ(batch->posts[0].id, "g3");
  EXPECT_EQ(batch->posts[1].id, "g1");
  EXPECT_FALSE(batch->baseline);
  http.answer(200, rss(item(3, "backdated", "Thu, 01 Jan 2009 00:00:00 GMT") + item(2) +
                       item(1, "edited")));
  EXPECT_TRUE(poll(batch->next).value().posts.empty());
}

TEST_F(FeedSourceTest, TheSameStateGivesTheSameItems) {
  const std::string state = settled();
  const std::string page = rss(item(3) + item(2));
  http.answer(200, page);
  http.answer(200, page);
  const auto one = poll(state);
  const auto two = poll(state);
  ASSERT_TRUE(one && two);
  EXPECT_EQ(one->next, two->next);
  ASSERT_EQ(one->posts.size(), 1U);
  EXPECT_EQ(one->posts[0].id, two->posts[0].id);
}

TEST_F(FeedSourceTest, NewGuidsForOldItemsAreNoNews) {
  const std::string state = settled();
  std::string page = rss(item(2) + item(1));
  for (std::size_t at = page.find("<guid>g"); at != std::string::npos; at = page.find("<guid>g"))
    page.replace(at, 7, "<guid>new-");
  http.answer(200, page);
  EXPECT_TRUE(poll(state).value().posts.empty());
}

TEST_F(FeedSourceTest, OneGuidForTwoTextsIsNewsOnce) {
  const std::string state = settled();
  const std::string page = rss(item(3, "a") + item(3, "b") + item(2));
  http.answer(200, page);
  const auto batch = poll(state);
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->posts.size(), 2U);
  http.answer(200, page);
  EXPECT_TRUE(poll(batch->next).value().posts.empty());
}

TEST_F(FeedSourceTest, A226IsASubsetAndForgetsNothing) {
  const std::string state = settled();
  http.answer(226, rss(item(3)), {{"ETag", "\"b\""}});
  const auto batch = poll(state);
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->posts.size(), 1U);
  http.answer(200, rss(item(3) + item(2) + item(1)));
  EXPECT_TRUE(poll(batch->next).value().posts.empty());
}

TEST_F(FeedSourceTest, PermanentMovesAreBelievedAfterThreeTimes) {
  std::string state;
  for (int i = 0; i < 3; ++i) {
    http.answer(301, "", {{"Location", "/new"}});
    http.answer(200, rss(item(1)));
    const auto batch = poll(state);
    ASSERT_TRUE(batch);
    state = batch->next;
  }
  http.requests.clear();
  http.answer(200, rss(item(1)));
  ASSERT_TRUE(poll(state));
  EXPECT_EQ(http.requests.at(0).url, "https://f.example/new");
}

TEST_F(FeedSourceTest, TemporaryRedirectsAreFollowedAndForgotten) {
  for (const int status : {302, 303, 307}) {
    http.requests.clear();
    http.answer(status, "", {{"Location", "https://other.example/x"}});
    http.answer(200, rss(item(1)));
    ASSERT_TRUE(poll("")) << status;
    EXPECT_EQ(http.requests.at(1).url, "https://other.example/x");
  }
}

TEST_F(FeedSourceTest, CredentialsStayWithTheirHost) {
  config.user = "feed";
  http.answer(302, "", {{"Location", "https://other.example/x"}});
  http.answer(200, rss(item(1)));
  ASSERT_TRUE(poll(""));
  EXPECT_EQ(http.requests.at(0).user, "feed");
  EXPECT_EQ(http.requests.at(1).user, "");
}

TEST_F(FeedSourceTest, RefusesBadRedirects) {
  for (const char* where : {"http://f.example/x", "file:///etc/passwd", "gopher://f.example/"}) {
    http.answer(302, "", {{"Location", where}});
    const auto batch = poll("");
    ASSERT_FALSE(batch);
    EXPECT_EQ(batch.error().kind, Error::Kind::permanent) << where;
  }
  http.otherwise([](const HttpRequest&) -> Result<HttpResponse> {
    return HttpResponse{.status = 302, .headers = {{"Location", "/loop"}}, .body = {}, .url = {}};
  });
  http.requests.clear();
  EXPECT_FALSE(poll(""));
  EXPECT_EQ(http.requests.size(), 4U);
}

struct StatusRow {
  const char* name;
  int status;
  Error::Kind kind;
};
class FeedStatus : public FeedSourceTest, public testing::WithParamInterface<StatusRow> {};

TEST_P(FeedStatus, SaysWhoMustAct) {
  http.answer(GetParam().status, "no");
  const auto batch = poll("");
  ASSERT_FALSE(batch);
  EXPECT_EQ(batch.error().kind, GetParam().kind);
  EXPECT_EQ(batch.error().status, GetParam().status);
}

INSTANTIATE_TEST_SUITE_P(Table, FeedStatus,
                         testing::Values(StatusRow{"unauthorised", 401, Error::Kind::permanent},
                                         StatusRow{"forbidden", 403, Error::Kind::permanent},
                                         StatusRow{"missing", 404, Error::Kind::permanent},
                                         StatusRow{"gone", 410, Error::Kind::permanent},
                                         StatusRow{"busy", 429, Error::Kind::transient},
                                         StatusRow{"broken", 500, Error::Kind::transient},
                                         StatusRow{"down", 503, Error::Kind::transient}),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST_F(FeedSourceTest, RetryAfterIsReadInBothForms) {
  http.answer(429, "", {{"Retry-After", "7"}});
  EXPECT_EQ(poll("").error().retry_after, seconds{7});
  http.answer(503, "",
              {{"Retry-After", "Mon, 02 Mar 2026 10:00:30 GMT"},
               {"Date", "Mon, 02 Mar 2026 10:00:00 GMT"}});
  EXPECT_EQ(poll("").error().retry_after, seconds{30});
}

TEST_F(FeedSourceTest, ALoginPageIsAnErrorAndNotAnEmptyFeed) {
  for (const char* body : {"<!doctype html><title>Log in</title>", "", "{\"items\":["}) {
    http.answer(200, body);
    const auto batch = poll("");
    ASSERT_FALSE(batch) << body;
    EXPECT_EQ(batch.error().kind, Error::Kind::transient);
  }
}

TEST_F(FeedSourceTest, ThePublishersRhythmIsHonouredUnlessTheHostIsOurs) {
  const std::string page = rss(item(1), "<ttl>30</ttl><skipHours><hour>9</hour></skipHours>");
  http.answer(200, page);
  EXPECT_EQ(poll("").value().not_before, hours{1});  // 09:00 now; ttl ends in a skipped hour
  http.answer(200, rss(item(1)), {{"Cache-Control", "public, max-age=900"}});
  EXPECT_EQ(poll("").value().not_before, minutes{15});
  config.min_every = seconds{1};
  http.answer(200, page);
  EXPECT_EQ(poll("").value().not_before, seconds{1});
}

TEST_F(FeedSourceTest, OlderPagesAreReadUntilSomethingIsKnown) {
  const std::string state = settled();
  http.answer(200,
              rss(item(6) + item(5),
                  "<atom:link xmlns:atom='http://www.w3.org/2005/Atom' rel='next' href='/p2'/>"));
  http.answer(200, rss(item(4) + item(3) + item(2) + item(1)));
  const auto batch = poll(state);
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->posts.size(), 4U);
  EXPECT_EQ(batch->gap, "");
  EXPECT_EQ(http.requests.at(1).url, "https://f.example/p2");
}

TEST_F(FeedSourceTest, AnOvertakenFeedWithoutPagesTellsOfTheGap) {
  const std::string state = settled();
  http.answer(200, rss(item(9) + item(8)));
  const auto batch = poll(state);
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->posts.size(), 2U);
  EXPECT_FALSE(batch->gap.empty());
}

TEST_F(FeedSourceTest, ACutDocumentIsReadAgainWithoutValidators) {
  http.answer(200, "<rss version='2.0'><channel>" + item(2) + "<item><guid>g1</guid><title>x",
              {{"ETag", "\"a\""}});
  const auto batch = poll("");
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->posts.size(), 1U);
  EXPECT_EQ(batch->bad.size(), 1U);
  http.requests.clear();
  http.answer(200, rss(item(2) + item(1)));
  EXPECT_EQ(poll(batch->next).value().posts.size(), 1U);
  EXPECT_EQ(header(0, "If-None-Match"), "");
}

TEST_F(FeedSourceTest, AnotherUrlInTheConfigurationStartsOver) {
  const std::string state = settled();
  config.url = "https://f.example/other";
  http.answer(200, rss(item(3) + item(2)));
  const auto batch = poll(state);
  ASSERT_TRUE(batch);
  EXPECT_EQ(header(0, "If-None-Match"), "");
  EXPECT_EQ(batch->posts.size(), 1U);
}

}  // namespace
}  // namespace earshot

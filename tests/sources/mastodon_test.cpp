#include <fmt/format.h>

#include <functional>
#include <set>

#include "../../src/sources/mastodon_place.hpp"
#include "earshot/core/json.hpp"
#include "earshot/runtime/poison.hpp"
#include "sources/social_source.hpp"

namespace earshot {
namespace {

std::string mention(int n, const std::string& words = "dark", const std::string& edited = "") {
  return fmt::format(
      R"({{"id":"n{0:03}","type":"mention","status":{{"id":"s{0:03}","created_at":"2026-03-02T09:{1:02}:00.000Z","edited_at":{3},)"
      R"("visibility":"public","content":"<p>{2} {0}</p>","account":{{"id":"7","acct":"ana@far.example"}}}}}})",
      n, n % 60, words, edited.empty() ? "null" : "\"" + edited + "\"");
}

/// Mentions from `newest` down to `oldest`.
std::string page(int newest, int oldest) {
  std::string out = "[";
  for (int n = newest; n >= oldest; --n) out += (n == newest ? "" : ",") + mention(n);
  return out + "]";
}

struct Mastodon : testing::Test, SourceBench {
  SourceConfig config;
  void SetUp() override {
    folder.write("token", "s3cr3t-token\n");
    config.name = "mentions";
    config.type = "mastodon";
    config.url = "https://social.example/";
    config.token_file = "token";
    make(config);
  }
  std::string started_at(int newest, int oldest) {
    http.answer(200, page(newest, oldest));
    const auto batch = poll("");
    EXPECT_TRUE(batch);
    EXPECT_TRUE(batch->baseline);
    http.requests.clear();
    return batch->next;
  }
};

TEST_F(Mastodon, FirstPollMarksTheArchiveSeen) {
  http.answer(200, page(3, 1));
  const auto batch = poll("");
  ASSERT_TRUE(batch) << batch.error().message;
  EXPECT_TRUE(batch->baseline);
  EXPECT_EQ(batch->posts.size(), 3U);
  EXPECT_EQ(batch->posts.front().id, "s001");
  EXPECT_EQ(batch->posts.front().source, "mentions");
  EXPECT_EQ(
      http.requests.at(0).url,
      "https://social.example/api/v1/notifications?types[]=mention&include_filtered=true&limit=80");
  EXPECT_EQ(http.requests.at(0).bearer, "s3cr3t-token");
}

TEST_F(Mastodon, OnlyWhatIsNewFollows) {
  const std::string state = started_at(3, 1);
  http.answer(200, page(5, 1));
  const auto batch = poll(state);
  ASSERT_TRUE(batch);
  EXPECT_FALSE(batch->baseline);
  ASSERT_EQ(batch->posts.size(), 2U);
  EXPECT_EQ(batch->posts[0].id, "s004");
  EXPECT_EQ(batch->posts[1].id, "s005");
  EXPECT_TRUE(batch->gap.empty());
  http.answer(200, page(5, 1));
  EXPECT_TRUE(poll(batch->next)->posts.empty());
}

/// How many documents were read under it.
struct CountingGuard final : PoisonGuard {
  int marks = 0;
  void mark(std::string_view, std::string_view) override { ++marks; }
  void clear(std::string_view) override {}
  void died(std::string_view) override {}
  std::vector<std::string> deadly(std::string_view, int) const override { return {}; }
  int deaths(std::string_view, std::string_view) const override { return 0; }
  bool suspects(std::string_view) const override { return false; }
  void forgive(std::string_view) override {}
};

TEST_F(Mastodon, ThePageOfBeforeIsNotReadAgainWhereThePlaceIsTheSame) {
  CountingGuard guard;
  SourceTools tools{clock, dice, http, mail, folder.path()};
  tools.guard = &guard;
  source = *make_source(config, tools);
  const std::string state = started_at(3, 1);
  http.answer(200, page(5, 1));
  const auto news = poll(state);
  ASSERT_TRUE(news);
  const int read = guard.marks;
  EXPECT_GT(read, 0);
  http.answer(200, page(5, 1));
  const auto same = poll(news->next);
  ASSERT_TRUE(same);
  EXPECT_EQ(guard.marks, read);
  EXPECT_EQ(same->next, news->next);
  // What was read was not stored: the place is that of before, and the page says something new.
  http.answer(200, page(5, 1));
  const auto again = poll(state);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->posts.size(), 2U);
  EXPECT_GT(guard.marks, read);
  http.answer(200, page(6, 1));
  EXPECT_EQ(poll(again->next)->posts.size(), 1U);
}

struct TopRow {
  const char* name;
  void (*change)(MastodonTop& top, MastodonPlace& place);
  int seconds;  ///< since the anchor was dropped
  bool nothing_new;
};
class Top : public testing::TestWithParam<TopRow> {};
TEST_P(Top, SaysNothingNewOnlyWhereItCannot) {
  const Instant dropped = from_unix(1'772'442'000);
  MastodonTop top{7, {"n3", "n2", "n1"}};
  MastodonPlace place;
  place.started = true;
  place.newest = "n3";
  place.anchors = {{"n1", to_unix_ms(dropped)}};
  GetParam().change(top, place);
  EXPECT_EQ(top.says_nothing_new(7, place, dropped + seconds{GetParam().seconds}),
            GetParam().nothing_new);
}
INSTANTIATE_TEST_SUITE_P(
    Table, Top,
    testing::Values(
        TopRow{"the_same", [](auto&, auto&) {}, 30, true},
        TopRow{"other_bytes", [](auto& top, auto&) { top.body = 8; }, 30, false},
        TopRow{"never_begun", [](auto&, auto& place) { place.started = false; }, 30, false},
        TopRow{"stopped_on_the_way", [](auto&, auto& place) { place.forward = "n3"; }, 30, false},
        TopRow{"due_and_the_page_reaches_back", [](auto&, auto&) {}, 130, true},
        TopRow{"due_and_it_does_not", [](auto& top, auto&) { top.ids.pop_back(); }, 130, false},
        TopRow{"due_at_the_beginning", [](auto&, auto& place) { place.anchors.front().id.clear(); },
               130, false},
        TopRow{"no_anchor_yet", [](auto&, auto& place) { place.anchors.clear(); }, 30, false}),
    [](const auto& row) { return row.param.name; });

TEST_F(Mastodon, SameStateAndAnswerGiveTheSameItems) {
  const std::string state = started_at(3, 1);
  http.answer(200, page(5, 1));
  http.answer(200, page(5, 1));
  const auto first = poll(state);
  const auto again = poll(state);
  ASSERT_TRUE(first && again);
  EXPECT_EQ(first->next, again->next);
  EXPECT_EQ(first->posts.size(), again->posts.size());
}

TEST_F(Mastodon, AnEmptyStartIsNoBaselineLater) {
  http.answer(200, "[]");
  const auto first = poll("");
  ASSERT_TRUE(first);
  http.answer(200, page(1, 1));
  const auto second = poll(first->next);
  ASSERT_TRUE(second);
  EXPECT_FALSE(second->baseline);
  EXPECT_EQ(second->posts.size(), 1U);
  EXPECT_TRUE(second->gap.empty());
}

TEST_F(Mastodon, ALatePostBelowTheNewestIsFound) {
  http.answer(200, "[" + mention(9) + "," + mention(5) + "]");
  const auto first = poll("");
  ASSERT_TRUE(first);
  http.answer(200, "[" + mention(9) + "," + mention(7) + "," + mention(5) + "]");
  const auto second = poll(first->next);
  ASSERT_TRUE(second);
  ASSERT_EQ(second->posts.size(), 1U);
  EXPECT_EQ(second->posts[0].id, "s007");
}

TEST_F(Mastodon, AnEditComesAgain) {
  const std::string state = started_at(3, 1);
  http.answer(200, "[" + mention(3, "solved", "2026-03-02T09:30:00.000Z") + "," + mention(2) + "," +
                       mention(1) + "]");
  const auto batch = poll(state);
  ASSERT_TRUE(batch);
  ASSERT_EQ(batch->posts.size(), 1U);
  EXPECT_EQ(batch->posts[0].text, "solved 3");
  EXPECT_TRUE(batch->posts[0].updated_at.has_value());
}

TEST_F(Mastodon, AStatusTakenBackIsAskedForAndTold) {
  const std::string state = started_at(3, 1);
  http.answer(200, "[" + mention(3) + "," + mention(1) + "]");
  http.answer(404, R"({"error":"Record not found"})");
  const auto batch = poll(state);
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->deleted, (std::vector<std::string>{"s002"}));
  EXPECT_EQ(http.requests.at(1).url, "https://social.example/api/v1/statuses/s002");
  http.answer(200, "[" + mention(3) + "," + mention(1) + "]");
  EXPECT_TRUE(poll(batch->next)->deleted.empty());
}

TEST_F(Mastodon, WhatFellOffTheEndOfThePageIsNotTakenBack) {
  const std::string state = started_at(3, 1);
  http.answer(200, page(5, 3));
  const auto batch = poll(state);
  ASSERT_TRUE(batch);
  EXPECT_TRUE(batch->deleted.empty());
  EXPECT_EQ(http.requests.size(), 1U);
}

TEST_F(Mastodon, AStretchBehindIsReadForwardUntilAnEmptyPage) {
  const std::string state = started_at(3, 1);
  http.answer(200, page(200, 121));
  http.answer(200, page(83, 4),
              {{"Link",
                "<https://evil.example/x?limit=80&max_id=n004>; rel=\"next\", "
                "<https://evil.example/x?limit=80&min_id=n083>; rel=\"prev\""}});
  http.answer(200, page(163, 84));
  http.answer(200, page(200, 164));
  http.answer(200, "[]");
  const auto batch = poll(state);
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->posts.size(), 197U);
  EXPECT_TRUE(batch->gap.empty());
  EXPECT_FALSE(batch->more);
  EXPECT_TRUE(http.requests.at(1).url.ends_with("&min_id=n003"));
  EXPECT_TRUE(http.requests.at(2).url.ends_with("&min_id=n083"));
  EXPECT_TRUE(http.requests.at(4).url.ends_with("&min_id=n200"));
  for (const HttpRequest& request : http.requests)
    EXPECT_TRUE(request.url.starts_with("https://social.example/"));
}

TEST_F(Mastodon, ALongStretchIsReadInSeveralPolls) {
  std::string state = started_at(3, 1);
  http.otherwise([](const HttpRequest& request) -> Result<HttpResponse> {
    const std::size_t at = request.url.find("min_id=n");
    const int after = at == std::string::npos ? -1 : std::stoi(request.url.substr(at + 8));
    const int newest = after < 0 ? 999 : std::min(999, after + 80);
    const int oldest = after < 0 ? 920 : after + 1;
    return HttpResponse{200, {}, page(newest, oldest), request.url};
  });
  std::size_t posts = 0;
  int polls = 0;
  for (bool more = true; more && polls < 5; ++polls) {
    const auto batch = poll(state);
    ASSERT_TRUE(batch);
    posts += batch->posts.size();
    more = batch->more;
    state = batch->next;
    EXPECT_TRUE(batch->gap.empty());
  }
  EXPECT_EQ(polls, 2);
  EXPECT_EQ(posts, 996U);
}

/// Serves those of `ids`, as a server pages them.
std::function<Result<HttpResponse>(const HttpRequest&)> serving(const std::set<int>& ids) {
  return [&ids](const HttpRequest& request) -> Result<HttpResponse> {
    const std::size_t at = request.url.find("min_id=n");
    std::vector<int> shown;
    if (at == std::string::npos) {
      const std::size_t below = request.url.find("max_id=n");
      auto it = below == std::string::npos
                    ? ids.end()
                    : ids.lower_bound(std::stoi(request.url.substr(below + 8)));
      while (it != ids.begin() && shown.size() < 80) shown.push_back(*--it);
    } else {
      auto it = ids.upper_bound(std::stoi(request.url.substr(at + 8)));
      for (; it != ids.end() && shown.size() < 80; ++it) shown.insert(shown.begin(), *it);
    }
    std::string body = "[";
    for (const int n : shown) body += (body.size() == 1 ? "" : ",") + mention(n);
    return HttpResponse{200, {}, body + "]", request.url};
  };
}

TEST_F(Mastodon, APostThatComesLateBehindACrowdIsFound) {
  std::set<int> ids;
  for (int n = 500; n <= 520; ++n) ids.insert(n);
  http.otherwise(serving(ids));
  std::string state = poll("")->next;
  for (int n = 600; n < 700; ++n) ids.insert(n);  // more than a page
  ids.insert(510 + 20);                           // written before them, filed after
  std::size_t posts = 0;
  const auto go_on = [&](Duration later) {
    clock.advance(later);
    auto batch = poll(state);
    ASSERT_TRUE(batch);
    EXPECT_TRUE(batch->gap.empty()) << batch->gap;
    posts += batch->posts.size();
    state = batch->next;
  };
  go_on(std::chrono::seconds{30});
  EXPECT_EQ(posts, 101U);
  ids.insert(505 + 50);  // below all that was read
  for (int n = 700; n < 790; ++n) ids.insert(n);
  go_on(std::chrono::seconds{30});
  go_on(std::chrono::minutes{2});
  EXPECT_EQ(posts, 101U + 90U + 1U);
  ids.insert(595);  // eleven minutes late
  for (int minute = 0; minute < 6; ++minute) go_on(std::chrono::minutes{2});
  EXPECT_EQ(posts, 193U);
}

/// A timeline of young posts: number n was written n seconds after 2026-03-02T08:30:00Z, half an
/// hour before the clock begins. Serves as a server pages them.
std::function<Result<HttpResponse>(const HttpRequest&)> serving_young(const std::set<int>& ids) {
  return [&ids](const HttpRequest& request) -> Result<HttpResponse> {
    const auto number = [&](const char* name) -> std::optional<int> {
      const std::size_t at = request.url.find(name);
      if (at == std::string::npos) return std::nullopt;
      return std::stoi(request.url.substr(at + std::string_view{name}.size()));
    };
    std::vector<int> shown;
    if (const auto above = number("min_id=n")) {
      for (auto it = ids.upper_bound(*above); it != ids.end() && shown.size() < 80; ++it)
        shown.insert(shown.begin(), *it);
    } else {
      const auto below = number("max_id=n");
      auto it = below ? ids.lower_bound(*below) : ids.end();
      while (it != ids.begin() && shown.size() < 80) shown.push_back(*--it);
    }
    std::string body = "[";
    for (const int n : shown) {
      body +=
          (body.size() == 1 ? "" : ",") +
          fmt::format(
              R"({{"id":"n{0:04}","type":"mention","status":{{"id":"s{0:04}","created_at":"2026-03-02T{1:02}:{2:02}:{3:02}.000Z",)"
              R"("visibility":"public","content":"<p>dark {0}</p>","account":{{"id":"7","acct":"ana@far.example"}}}}}})",
              n, 8 + (1800 + n) / 3600, (1800 + n) / 60 % 60, n % 60);
    }
    return HttpResponse{200, {}, body + "]", request.url};
  };
}

struct YoungTimeline : Mastodon {
  std::set<int> ids;
  std::set<std::string> found;
  std::string state;
  void begin() {
    http.otherwise(serving_young(ids));
    go_on(Duration{0});
    found.clear();
  }
  void go_on(Duration later) {
    clock.advance(later);
    auto batch = poll(state);
    ASSERT_TRUE(batch) << batch.error().message;
    EXPECT_TRUE(batch->gap.empty()) << batch->gap;
    for (const Post& post : batch->posts) EXPECT_TRUE(found.insert(post.id).second) << post.id;
    state = batch->next;
  }
  /// A crowd, more than a page, hides what is filed below it.
  void crowd(int from) {
    for (int n = from; n < from + 100; ++n) ids.insert(n);
  }
};

TEST_F(YoungTimeline, APostBelowAllThatThereWasIsFoundBehindACrowd) {
  ids = {1790, 1795};
  begin();
  crowd(1800);
  go_on(std::chrono::minutes{3});
  EXPECT_EQ(found.size(), 100U);
  ids.insert(1500);  // eight minutes late
  for (int i = 0; i < 4; ++i) go_on(std::chrono::minutes{1});
  EXPECT_TRUE(found.contains("s1500"));
  EXPECT_EQ(found.size(), 101U);
}

TEST_F(YoungTimeline, APostBelowTheFirstOnesOfAnEmptyTimelineIsFoundBehindACrowd) {
  begin();
  crowd(1800);  // all at once: what no page showed is read, too
  go_on(std::chrono::minutes{2});
  EXPECT_EQ(found.size(), 100U);
  ids.insert(1500);
  for (int i = 0; i < 4; ++i) go_on(std::chrono::minutes{1});
  EXPECT_TRUE(found.contains("s1500"));
  EXPECT_EQ(found.size(), 101U);
}

TEST_F(YoungTimeline, APostBelowAFirstPageOfAMinuteIsFoundAndTheArchiveIsNot) {
  for (int n = 0; n < 60; ++n) ids.insert(n * 10);  // the archive, 20 minutes and older
  crowd(1700);
  begin();
  crowd(1800);
  ids.insert(1400);
  for (int i = 0; i < 4; ++i) go_on(std::chrono::minutes{1});
  EXPECT_TRUE(found.contains("s1400"));
  EXPECT_EQ(found.size(), 101U);
}

TEST_F(Mastodon, AQuietTimelineIsReadWithOneRequest) {
  std::set<int> ids{1, 2, 3};
  http.otherwise(serving(ids));
  std::string state = poll("")->next;
  for (int minute = 0; minute < 20; ++minute) {
    clock.advance(std::chrono::minutes{1});
    ids.insert(10 + minute);
    http.requests.clear();
    const auto batch = poll(state);
    ASSERT_TRUE(batch);
    EXPECT_EQ(batch->posts.size(), 1U);
    EXPECT_EQ(http.requests.size(), 1U) << minute;
    state = batch->next;
  }
}

TEST_F(Mastodon, ACursorTheServerDoesNotKnowIsAGap) {
  const std::string state = started_at(3, 1);
  http.answer(200, page(200, 121));
  http.answer(200, "[]");
  const auto batch = poll(state);
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->posts.size(), 80U);
  EXPECT_FALSE(batch->gap.empty());
}

TEST_F(Mastodon, AStateThatCannotBeReadIsAGapAndLosesNothing) {
  http.answer(200, page(3, 1));
  const auto batch = poll("{broken");
  ASSERT_TRUE(batch);
  EXPECT_FALSE(batch->baseline);
  EXPECT_EQ(batch->posts.size(), 3U);
  EXPECT_FALSE(batch->gap.empty());
}

TEST_F(Mastodon, StartAllReadsBackToTheEnd) {
  config.start.kind = StartPolicy::Kind::all;
  make(config);
  http.answer(200, page(100, 21));
  http.answer(200, page(20, 1));
  http.answer(200, "[]");
  const auto batch = poll("");
  ASSERT_TRUE(batch);
  EXPECT_FALSE(batch->baseline);
  EXPECT_EQ(batch->posts.size(), 100U);
  EXPECT_TRUE(http.requests.at(1).url.ends_with("&max_id=n021"));
}

TEST_F(Mastodon, ABadItemGoesToQuarantineOnce) {
  const std::string state = started_at(1, 1);
  const std::string body =
      R"([{"id":"n9","type":"mention","status":{"id":"s9"}},)" + mention(1) + "]";
  http.answer(200, body);
  const auto batch = poll(state);
  ASSERT_TRUE(batch);
  ASSERT_EQ(batch->bad.size(), 1U);
  EXPECT_EQ(batch->bad[0].id, "s9");
  http.answer(200, body);
  EXPECT_TRUE(poll(batch->next)->bad.empty());
}

TEST_F(Mastodon, HashtagsAreReadOneAfterTheOther) {
  config.timeline = "hashtag";
  config.hashtags = {"lamp", "straße"};
  make(config);
  http.otherwise([](const HttpRequest& request) -> Result<HttpResponse> {
    return HttpResponse{200, {}, "[]", request.url};
  });
  ASSERT_TRUE(poll(""));
  EXPECT_EQ(http.requests.at(0).url, "https://social.example/api/v1/timelines/tag/lamp?limit=40");
  EXPECT_EQ(http.requests.at(1).url,
            "https://social.example/api/v1/timelines/tag/stra%C3%9Fe?limit=40");
}

TEST_F(Mastodon, EveryStatusCodeIsAnErrorOfTheRightKind) {
  for (int status = 201; status < 600; ++status) {
    if (status == 304) continue;
    http.answer(status, R"({"error":"s3cr3t-token"})");
    const auto batch = poll("");
    ASSERT_FALSE(batch) << status;
    const bool passing = status == 408 || status == 425 || status == 429 || status >= 500;
    EXPECT_EQ(batch.error().kind == Error::Kind::transient, passing) << status;
    EXPECT_EQ(batch.error().status, status);
    EXPECT_EQ(batch.error().message.find("s3cr3t"), std::string::npos);
  }
}

TEST_F(Mastodon, A429SaysWhenRelativeToTheServersClock) {
  http.answer(429, "",
              {{"X-RateLimit-Reset", "2026-11-23T16:29:08.000Z"},
               {"Date", "Mon, 23 Nov 2026 16:24:12 GMT"}});
  const auto batch = poll("");
  ASSERT_FALSE(batch);
  EXPECT_EQ(batch.error().retry_after, seconds{296});
}

TEST_F(Mastodon, TheLastAllowedRequestAsksForAPause) {
  http.answer(200, "[]",
              {{"X-RateLimit-Remaining", "0"},
               {"X-RateLimit-Reset", "2026-11-23T16:29:08.000Z"},
               {"Date", "Mon, 23 Nov 2026 16:29:00 GMT"}});
  const auto batch = poll("");
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->not_before, seconds{8});
}

TEST_F(Mastodon, AnUnreadableAnswerIsTransient) {
  for (const char* body : {"<html>sign in</html>", "", "[{\"id\":", "{}"}) {
    http.answer(200, body);
    const auto batch = poll("");
    ASSERT_FALSE(batch);
    EXPECT_EQ(batch.error().kind, Error::Kind::transient);
  }
}

TEST_F(Mastodon, TheNetworkFailing) {
  http.answer(transient("connection refused"));
  const auto batch = poll("");
  ASSERT_FALSE(batch);
  EXPECT_EQ(batch.error().message, "mastodon: connection refused");
}

}  // namespace
}  // namespace earshot

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "../../src/sources/parse/feed.hpp"
#include "../../src/sources/parse/feed_dates.hpp"
#include "../../src/sources/parse/feed_encoding.hpp"
#include "../../src/sources/parse/feed_text.hpp"
#include "../../src/sources/parse/feed_tidy.hpp"
#include "earshot/core/post_json.hpp"
#include "support/tree.hpp"

namespace earshot {
namespace {

namespace fs = std::filesystem;

std::string bytes_of(const fs::path& path) {
  std::ifstream in{path, std::ios::binary};
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::vector<fs::path> golden_inputs() {
  std::vector<fs::path> found;
  for (const auto& entry :
       fs::recursive_directory_iterator(fs::path{source_tree()} / "tests/golden/sources/feed")) {
    if (entry.path().stem() == "input") found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::string lines_of(const ParsedFeed& feed) {
  std::string lines;
  for (const Post& post : feed.posts) lines += to_json(post, false) + "\n";
  return lines;
}

class GoldenFeed : public testing::TestWithParam<fs::path> {};

TEST_P(GoldenFeed, GivesTheSamePostsAsBefore) {
  const std::string input = bytes_of(GetParam());
  const auto feed = parse_feed({.body = input, .base_url = "https://base.example/feeds/1.xml"});
  ASSERT_TRUE(feed) << feed.error().message;
  const fs::path want = GetParam().parent_path() / "want.jsonl";
  if (std::getenv("UPDATE_GOLDEN") != nullptr)
    std::ofstream{want, std::ios::binary} << lines_of(*feed);
  EXPECT_EQ(lines_of(*feed), bytes_of(want));
}

INSTANTIATE_TEST_SUITE_P(Corpus, GoldenFeed, testing::ValuesIn(golden_inputs()),
                         [](const auto& row) {
                           return row.param.parent_path().filename().string();
                         });

struct DateRow {
  const char* name;
  const char* text;
  const char* want;  ///< "" where it is no date
};
class FeedDate : public testing::TestWithParam<DateRow> {};

TEST_P(FeedDate, IsRead) {
  const auto at = parse_feed_date(GetParam().text);
  EXPECT_EQ(at ? to_rfc3339(*at) : "", GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    Table, FeedDate,
    testing::Values(
        DateRow{"rfc_822", "Thu, 01 Jan 2004 19:48:21 GMT", "2004-01-01T19:48:21Z"},
        DateRow{"two_digit_year", "Mon, 23 Nov 26 07:00 EST", "2026-11-23T12:00:00Z"},
        DateRow{"year_99", "07 Sep 99 00:00 GMT", "1999-09-07T00:00:00Z"},
        DateRow{"wrong_weekday", "Fri, 01 Jan 2004 19:48:21 -0530", "2004-01-02T01:18:21Z"},
        DateRow{"no_zone", "01 Jan 2004 10:00:00", "2004-01-01T10:00:00Z"},
        DateRow{"date_only", "01 Jan 2004", "2004-01-01T00:00:00Z"},
        DateRow{"military", "Tue, 7 Sep 1999 10:00:00 N", "1999-09-07T09:00:00Z"},
        DateRow{"twenty_four", "Thu, 01 Jan 2004 24:00:00 GMT", "2004-01-02T00:00:00Z"},
        DateRow{"leap_second", "2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"},
        DateRow{"comment", "Thu, 01 Jan 2004 19:48:21 +0100 (CET)", "2004-01-01T18:48:21Z"},
        DateRow{"asctime", "Sun Jan  4 16:29:06 2004", "2004-01-04T16:29:06Z"},
        DateRow{"asctime_zone", "Sun Jan  4 16:29:06 PST 2004", "2004-01-05T00:29:06Z"},
        DateRow{"american", "January 23, 2026 7:48 PM EST", "2026-01-24T00:48:00Z"},
        DateRow{"gmt_offset", "Fri, 15 Sep 2006 19:00:00 GMT-05:00", "2006-09-16T00:00:00Z"},
        DateRow{"year", "2003", "2003-01-01T00:00:00Z"},
        DateRow{"year_month", "2003-12", "2003-12-01T00:00:00Z"},
        DateRow{"w3c_date", "2003-12-31", "2003-12-31T00:00:00Z"},
        DateRow{"w3c_minutes", "2003-12-31T10:14Z", "2003-12-31T10:14:00Z"},
        DateRow{"w3c_fraction", "2003-12-31T10:14:55.94-08:00", "2003-12-31T18:14:55.940Z"},
        DateRow{"w3c_blank", "2003-12-31 10:14:55 +0100", "2003-12-31T09:14:55Z"},
        DateRow{"basic", "20031231T101455Z", "2003-12-31T10:14:55Z"},
        DateRow{"ordinal", "2003-335", "2003-12-01T00:00:00Z"},
        DateRow{"week", "2004-W53-6", "2005-01-01T00:00:00Z"},
        DateRow{"epoch", "1764000000", "2025-11-24T16:00:00Z"},
        DateRow{"epoch_ms", "1764000000123", "2025-11-24T16:00:00.123Z"},
        DateRow{"german", "Mo, 23 Dez 2026 10:00:00 MEZ", "2026-12-23T09:00:00Z"},
        DateRow{"german_dots", "23.11.2026 14:30", "2026-11-23T14:30:00Z"},
        DateRow{"german_word", "Dienstag, 3. März 2026 08:15", "2026-03-03T08:15:00Z"},
        DateRow{"french", "mar. 24 novembre 2026 10:00:00 +0100", "2026-11-24T09:00:00Z"},
        DateRow{"french_mardi", "mardi 3 février 2026 14h30", "2026-02-03T14:30:00Z"},
        DateRow{"french_july", "14 juil. 2026", "2026-07-14T00:00:00Z"},
        DateRow{"spanish", "martes, 3 de enero de 2026", "2026-01-03T00:00:00Z"},
        DateRow{"italian", "martedì 9 giugno 2026", "2026-06-09T00:00:00Z"},
        DateRow{"portuguese", "seg, 05 out 2026 10:00:00 GMT", "2026-10-05T10:00:00Z"},
        DateRow{"dutch", "do, 05 mrt 2026 10:00:00 GMT", "2026-03-05T10:00:00Z"},
        DateRow{"greek", "Κυρ, 11 Ιούλ 2004 12:00:00 EST", "2004-07-11T17:00:00Z"},
        DateRow{"hungarian", "2004-július-13T9:15-05:00", "2004-07-13T14:15:00Z"},
        DateRow{"korean_onblog", "2004년 05월 28일  01:31:15", "2004-05-27T16:31:15Z"},
        DateRow{"korean_nate", "2004-05-25 오후 11:23:17", "2004-05-25T14:23:17Z"},
        DateRow{"no_such_day", "Thu, 31 Feb 2004 10:00:00 GMT", ""},
        DateRow{"words", "yesterday-ish", ""}, DateRow{"nothing", "", ""},
        DateRow{"either_way", "01/02/2004", ""}, DateRow{"month_13", "2003-13-01", ""},
        DateRow{"hour_25", "2003-12-31T25:00:00Z", ""}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST(FeedEncoding, HeaderOutranksDeclarationAndMarkOutranksBoth) {
  std::vector<std::string> warnings;
  const std::string declared = "<?xml version=\"1.0\" encoding=\"utf-8\"?><a>\xE9</a>";
  EXPECT_NE(
      feed_to_utf8(declared, "text/xml; charset=iso-8859-1", warnings).value().find("\xC3\xA9"),
      std::string::npos);
  const std::string marked =
      "\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><a>\xC3\xA9</a>";
  EXPECT_NE(feed_to_utf8(marked, "text/xml; charset=iso-8859-1", warnings)
                .value()
                .find("<a>\xC3\xA9</a>"),
            std::string::npos);
  EXPECT_TRUE(warnings.empty());
}

TEST(FeedEncoding, RefusesUtf7AndForgivesUnknownNames) {
  std::vector<std::string> warnings;
  EXPECT_FALSE(feed_to_utf8("<a/>", "text/xml; charset=utf-7", warnings));
  EXPECT_EQ(feed_to_utf8("<a>x</a>", "text/xml; charset=klingon", warnings).value(), "<a>x</a>");
  EXPECT_EQ(warnings.size(), 1U);
}

TEST(FeedEncoding, BadBytesBecomeReplacementsAmongGoodOnes) {
  std::vector<std::string> warnings;
  EXPECT_EQ(feed_to_utf8("<a>\xC3\xA9 \xFF</a>", "", warnings).value(),
            "<a>\xC3\xA9 \xEF\xBF\xBD</a>");
  EXPECT_EQ(feed_to_utf8("<a>caf\xE9 x</a>", "", warnings).value(), "<a>caf\xC3\xA9 x</a>");
  EXPECT_EQ(warnings.size(), 2U);
}

TEST(FeedParse, HopelessDocumentsAreErrors) {
  for (const char* body : {"", "   \n", "hello", "<!DOCTYPE html><html><body>Log in</body></html>",
                           "<html><item>x</item></html>", "{\"a\":1}", "[1,2]", "{\"items\":",
                           "<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "\x89PNG\r\n\x1a\n"}) {
    EXPECT_FALSE(parse_feed({.body = body})) << body;
  }
}

TEST(FeedParse, AFeedWithoutItemsIsEmptyNotWrong) {
  const auto feed =
      parse_feed({.body = "<rss version='2.0'><channel><title>T</title></channel></rss>"});
  ASSERT_TRUE(feed);
  EXPECT_TRUE(feed->posts.empty());
}

TEST(FeedParse, TellsTheRhythmOfTheFeed) {
  const auto feed = parse_feed(
      {.body =
           R"(<rss version="2.0" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel><ttl>30</ttl>
    <sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>
    <skipHours><hour>0</hour><hour>23</hour></skipHours><skipDays><day>Sunday</day></skipDays></channel></rss>)"});
  ASSERT_TRUE(feed);
  EXPECT_EQ(feed->rhythm.ttl, minutes{30});
  EXPECT_EQ(feed->rhythm.update, minutes{30});
  EXPECT_EQ(feed->rhythm.skip_hours, (1U << 0U) | (1U << 23U));
  EXPECT_EQ(feed->rhythm.skip_days, 1U);
}

TEST(FeedParse, FindsTheNextPage) {
  const auto json = parse_feed(
      {.body = R"({"version":"https://jsonfeed.org/version/1.1","next_url":"/p2","items":[]})",
       .base_url = "https://j.example/p1"});
  ASSERT_TRUE(json);
  EXPECT_EQ(json->next_url, "https://j.example/p2");
  const auto atom = parse_feed(
      {.body =
           R"(<feed xmlns="http://www.w3.org/2005/Atom"><link rel="next" href="https://a.example/2"/></feed>)"});
  ASSERT_TRUE(atom);
  EXPECT_EQ(atom->next_url, "https://a.example/2");
}

TEST(FeedParse, ACutItemIsSetAsideWhenOthersAreWhole) {
  const auto feed =
      parse_feed({.body = "<rss "
                          "version='2.0'><channel><item><guid>1</guid><title>a</title></"
                          "item><item><guid>2</guid><title>b</title><description>bro"});
  ASSERT_TRUE(feed);
  ASSERT_EQ(feed->posts.size(), 1U);
  ASSERT_EQ(feed->bad.size(), 1U);
  EXPECT_EQ(feed->bad[0].id, "2");
  EXPECT_FALSE(feed->warnings.empty());
}

TEST(FeedParse, AnItemCutBeforeItSaysAnythingTakesNoOtherAway) {
  const auto feed =
      parse_feed({.body = "<rss "
                          "version='2.0'><channel><item><guid>1</guid><title>a</title></"
                          "item><item><guid>2</guid><title>b</title></item><item><ti"});
  ASSERT_TRUE(feed);
  ASSERT_EQ(feed->posts.size(), 2U);
  ASSERT_EQ(feed->bad.size(), 1U);
  EXPECT_EQ(feed->bad[0].raw, "<item><ti");
}

TEST(FeedParse, EveryPrefixOfADocumentIsHarmless) {
  const std::string whole =
      bytes_of(fs::path{source_tree()} / "tests/golden/sources/feed/rss2_reviews/input.xml");
  std::size_t most = 0;
  for (std::size_t n = 0; n <= whole.size(); ++n) {
    const auto feed = parse_feed({.body = std::string_view{whole}.substr(0, n)});
    if (!feed) continue;
    most = std::max(most, feed->posts.size());
    for (const Post& post : feed->posts) EXPECT_FALSE(post.id.empty());
  }
  EXPECT_EQ(most, 3U);
}

std::string repeated(std::string_view piece, std::size_t bytes) {
  std::string out;
  while (out.size() < bytes) out += piece;
  return out;
}

struct HostileRow {
  const char* name;
  const char* head;
  const char* piece;
};
class HostileFeed : public testing::TestWithParam<HostileRow> {};

TEST_P(HostileFeed, EndsInTime) {
  const std::string body = GetParam().head + repeated(GetParam().piece, 7U << 20U);
  const auto begin = std::chrono::steady_clock::now();
  const auto feed = parse_feed({.body = body});
  const auto took = std::chrono::steady_clock::now() - begin;
  EXPECT_LT(took, std::chrono::seconds{
                      5});  // a debug build under sanitizers; quadratic work takes minutes
  if (feed) {
    EXPECT_LE(feed->posts.size(), 5'000U);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, HostileFeed,
    testing::Values(
        HostileRow{"empty_elements", "<rss>", "<a/>"}, HostileRow{"deep", "", "<a>"},
        HostileRow{"items", "<rss><channel>", "<item><title>a</title></item>"},
        HostileRow{"open_items", "<rss><channel>", "<item><title>"},
        HostileRow{"attributes", "<rss ", "a='' "},
        HostileRow{"open_cdata", "<rss><channel><item>", "<a><![CDATA[x</a>"},
        HostileRow{"comments", "<rss>", "<!-- <"}, HostileRow{"doctypes", "", "<!DOCTYPE ["},
        HostileRow{"declarations", "<rss>", "<!a["}, HostileRow{"ends", "<rss>", "</a>"},
        HostileRow{"open_quotes", "<rss>", "<a b=\""}, HostileRow{"brackets", "<rss>", "<"},
        HostileRow{"json_arrays", "{\"items\":", "["},
        HostileRow{"json_ones", "{\"items\":[", "1,"},
        HostileRow{
            "entities",
            "<!DOCTYPE r [<!ENTITY a "
            "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'>]><rss><channel><item><title>",
            "&a;"},
        HostileRow{"namespaces", "<rss", " xmlns:a='b'"}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST(FeedText, LooksLikeHtmlOnlyWithProof) {
  EXPECT_TRUE(looks_like_html("<b>x</b>"));
  EXPECT_TRUE(looks_like_html("Q&amp;A"));
  EXPECT_FALSE(looks_like_html("Refund <now>"));
  EXPECT_FALSE(looks_like_html("a<br>b"));
  EXPECT_FALSE(looks_like_html("<foo>x</foo>"));
  EXPECT_FALSE(looks_like_html("AT&T; and &nosuch; <b>x</b>"));
}

TEST(FinishPost, ALinkThatIsTheBeginningOfAnotherIsALinkOfItsOwn) {
  Post post;
  post.id = "1";
  post.text = "See http://shop.example/12 and http://shop.example/1";
  finish_post(post, {}, "");
  EXPECT_EQ(post.links,
            (std::vector<std::string>{"http://shop.example/12", "http://shop.example/1"}));
}

TEST(FinishPost, TheVisibleHalfOfAnAnchorIsNoSecondLink) {
  Post post;
  post.id = "1";
  post.text = "Send it to shop.example/returns, or look at https://help.example/faq";
  finish_post(post, {"https://shop.example/returns", "https://shop.example/returns"}, "");
  EXPECT_EQ(post.links,
            (std::vector<std::string>{"https://shop.example/returns", "https://help.example/faq"}));
}

}  // namespace
}  // namespace earshot

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "earshot/core/post_json.hpp"
#include "earshot/sources/parse/social.hpp"
#include "support/tree.hpp"

namespace earshot {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

template <class Page>
Result<Parsed> parsed_of(Result<Page> page) {
  if (!page) return page.error();
  return std::move(page->parsed);
}

Result<Parsed> parse(const std::string& platform, const std::string& body) {
  if (platform == "mastodon") return parsed_of(parse_mastodon(body));
  if (platform == "bluesky") return parsed_of(parse_bluesky(body));
  if (platform == "x") return parsed_of(parse_x(body));
  return parsed_of(parse_reddit(body));
}

std::string show(const Parsed& parsed) {
  std::string out;
  for (const Post& post : parsed.posts) out += to_json(post) + "\n";
  for (const BadItem& bad : parsed.bad)
    out += "bad " + bad.id + ": " + bad.reason + ": " + bad.raw + "\n";
  for (const std::string& warning : parsed.warnings) out += "warning " + warning + "\n";
  return out;
}

std::vector<fs::path> inputs() {
  std::vector<fs::path> found;
  for (const char* platform : {"mastodon", "bluesky", "x", "reddit"}) {
    for (const auto& entry :
         fs::directory_iterator(fs::path{source_tree()} / "tests/golden/sources" / platform)) {
      if (entry.path().string().ends_with(".input.json")) found.push_back(entry.path());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::string want_of(const fs::path& input) {
  const std::string name = input.string();
  return name.substr(0, name.size() - std::string{".input.json"}.size()) + ".want.txt";
}

class SocialPages : public testing::TestWithParam<fs::path> {};

TEST_P(SocialPages, ReadAsRecorded) {
  const auto parsed = parse(GetParam().parent_path().filename().string(), read(GetParam()));
  ASSERT_TRUE(parsed) << parsed.error().message;
  const std::string got = show(*parsed);
  if (std::getenv("UPDATE_GOLDEN") != nullptr)
    std::ofstream{want_of(GetParam()), std::ios::binary} << got;
  EXPECT_EQ(got, read(want_of(GetParam())));
}

/// However a page is cut, the answer is an error or posts; never a crash, never half a character.
TEST_P(SocialPages, CutAnywhereAreRefused) {
  const std::string body = read(GetParam());
  const std::string platform = GetParam().parent_path().filename().string();
  for (std::size_t n = 0; n + 2 < body.size(); n += 97)
    EXPECT_FALSE(parse(platform, body.substr(0, n)));
}

INSTANTIATE_TEST_SUITE_P(Golden, SocialPages, testing::ValuesIn(inputs()), [](const auto& row) {
  std::string name =
      row.param.parent_path().filename().string() + "_" + row.param.stem().stem().string();
  return name;
});

struct Refusal {
  const char* name;
  const char* platform;
  const char* body;
  const char* says;
};

class SocialRefusals : public testing::TestWithParam<Refusal> {};
TEST_P(SocialRefusals, SayWhatCame) {
  const auto parsed = parse(GetParam().platform, GetParam().body);
  ASSERT_FALSE(parsed);
  EXPECT_NE(parsed.error().message.find(GetParam().says), std::string::npos)
      << parsed.error().message;
}
INSTANTIATE_TEST_SUITE_P(
    Table, SocialRefusals,
    testing::Values(
        Refusal{"a_login_page", "mastodon", "<!DOCTYPE html><html>", "web page"},
        Refusal{"nothing", "mastodon", "", "empty"},
        Refusal{"a_mastodon_error", "mastodon", R"({"error":"rate limit reached"})",
                "rate limit reached"},
        Refusal{"another_object", "mastodon", R"({"accounts":[]})", "no status"},
        Refusal{"a_number", "mastodon", "5", "neither"},
        Refusal{"an_atproto_error", "bluesky",
                R"({"error":"ExpiredToken","message":"Token has expired"})", "ExpiredToken"},
        Refusal{"no_list", "bluesky", "{}", "no notifications"},
        Refusal{"a_number_for_bluesky", "bluesky", "5", "no object"},
        Refusal{
            "an_x_problem", "x",
            R"({"title":"Unauthorized","detail":"Unauthorized","type":"about:blank","status":401})",
            "Unauthorized"},
        Refusal{"only_x_errors", "x", R"({"errors":[{"title":"Not Found Error","detail":"gone"}]})",
                "gone"},
        Refusal{"a_private_subreddit", "reddit",
                R"({"reason":"private","message":"Forbidden","error":403})", "403 private"},
        Refusal{"an_empty_list", "reddit", "[]", "no listing"}),
    [](const auto& row) { return std::string{row.param.name}; });

TEST(SocialParse, EmptyAnswersHoldNoPosts) {
  EXPECT_TRUE(parse("mastodon", "[]")->posts.empty());
  EXPECT_TRUE(parse("mastodon", R"({"accounts":[],"statuses":[],"hashtags":[]})")->posts.empty());
  EXPECT_TRUE(parse("bluesky", R"({"posts":[]})")->posts.empty());
  EXPECT_TRUE(parse("x", R"({"meta":{"result_count":0}})")->posts.empty());
  EXPECT_TRUE(
      parse("reddit", R"({"kind":"Listing","data":{"children":[],"after":null}})")->posts.empty());
}

TEST(SocialParse, PagingIsRead) {
  const auto mastodon =
      parse_mastodon(R"([{"id":"n2","type":"follow"},{"id":"n1","type":"poll"}])");
  ASSERT_TRUE(mastodon);
  ASSERT_EQ(mastodon->items.size(), 2U);
  EXPECT_EQ(mastodon->items[0].id, "n2");
  EXPECT_FALSE(mastodon->items[0].post);
  const auto x = parse_x(R"({"meta":{"result_count":0,"next_token":"t","newest_id":"9"}})");
  ASSERT_TRUE(x);
  EXPECT_EQ(x->next_token, "t");
  EXPECT_EQ(x->newest_id, "9");
  const auto reddit = parse_reddit(R"({"kind":"Listing","data":{"after":"t3_z","children":[]}})");
  ASSERT_TRUE(reddit);
  EXPECT_EQ(reddit->after, "t3_z");
}

TEST(SocialParse, ABoostGivesTheBoostedStatus) {
  const auto page = parse_mastodon(
      R"([{"id":"2","content":"","account":{"id":"8","acct":"bo"},"reblog":{"id":"1","content":"<p>dark</p>","account":{"id":"7","acct":"ana"}}}])");
  ASSERT_TRUE(page);
  ASSERT_EQ(page->parsed.posts.size(), 1U);
  EXPECT_EQ(page->parsed.posts[0].id, "1");
  EXPECT_EQ(page->parsed.posts[0].author.handle, "ana");
}

TEST(SocialParse, AHugeTextIsCutAndMarked) {
  const std::string body = R"({"data":{"id":"1","text":")" + std::string(300'000, 'x') + R"("}})";
  const auto page = parse_x(body);
  ASSERT_TRUE(page);
  EXPECT_EQ(page->parsed.posts[0].text.size(), 256U * 1024U);
  EXPECT_TRUE(page->parsed.posts[0].truncated);
}

}  // namespace
}  // namespace earshot

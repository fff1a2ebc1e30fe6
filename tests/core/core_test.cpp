#include <gtest/gtest.h>

#include <cmath>

#include "earshot/core/ids.hpp"
#include "earshot/core/instant.hpp"
#include "earshot/core/json.hpp"
#include "earshot/core/masked.hpp"
#include "earshot/core/post_json.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

struct DateRow {
  const char* name;
  const char* text;
  const char* want;  ///< nullptr: refused
};
class Rfc3339 : public testing::TestWithParam<DateRow> {};
TEST_P(Rfc3339, ReadsAndPrints) {
  const auto got = parse_rfc3339(GetParam().text);
  if (GetParam().want == nullptr) {
    EXPECT_FALSE(got.has_value());
  } else {
    ASSERT_TRUE(got.has_value());
    EXPECT_EQ(to_rfc3339(*got), GetParam().want);
  }
}
INSTANTIATE_TEST_SUITE_P(
    Table, Rfc3339,
    testing::Values(
        DateRow{"utc", "2026-11-23T17:25:00Z", "2026-11-23T17:25:00Z"},
        DateRow{"an_offset_is_taken_off", "2026-11-23T17:25:00+05:30", "2026-11-23T11:55:00Z"},
        DateRow{"milliseconds_stay", "2026-11-23T17:25:00.120Z", "2026-11-23T17:25:00.120Z"},
        DateRow{"nanoseconds_are_cut", "2026-11-23T17:25:00.123456789Z",
                "2026-11-23T17:25:00.123Z"},
        DateRow{"leap_second", "2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"},
        DateRow{"before_the_epoch", "1969-12-31T23:59:59.500Z", "1969-12-31T23:59:59.500Z"},
        DateRow{"no_zone_is_refused", "2026-11-23T17:25:00", nullptr},
        DateRow{"30_february_is_refused", "2026-02-30T00:00:00Z", nullptr},
        DateRow{"rubbish_after_it_is_refused", "2026-11-23T17:25:00Zx", nullptr}),
    [](const auto& row) { return row.param.name; });

TEST(Duration, ReadsUnitsAndSums) {
  EXPECT_EQ(parse_duration("30s"), seconds{30});
  EXPECT_EQ(parse_duration("1h30m"), minutes{90});
  EXPECT_EQ(parse_duration("250ms"), milliseconds{250});
  EXPECT_EQ(parse_duration("7d"), hours{168});
  EXPECT_FALSE(parse_duration("30"));
  EXPECT_FALSE(parse_duration(""));
  EXPECT_FALSE(parse_duration("-5s"));
  EXPECT_FALSE(parse_duration("99999999999w"));
  EXPECT_EQ(to_text(minutes{90}), "1h30m");
}

TEST(Utf8, RepairsAndCuts) {
  EXPECT_EQ(clean_utf8("a\xC0\xAFz"), "a\xEF\xBF\xBD\xEF\xBF\xBDz");
  EXPECT_EQ(clean_utf8(std::string_view{"a\0b\r\nc\rd", 8}), "ab\nc\nd");
  EXPECT_EQ(clean_utf8("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(cut_utf8("gr\xC3\xBC\xC3\x9F", 3), "gr");
  EXPECT_EQ(trim("\xC2\xA0 x \n"), "x");
  EXPECT_EQ(printable("a\x1B[2J\xE2\x80\xAE"), "a\\u001B[2J\\u202E");
}

TEST(Json, DeepAndWideInputIsRefusedBeforeADomIsBuilt) {
  EXPECT_FALSE(parse_json(std::string(5'000'000, '[')));
  std::string wide = "[1";
  for (int i = 0; i < 300'000; ++i) wide += ",1";
  EXPECT_FALSE(parse_json(wide + "]"));
  EXPECT_TRUE(parse_json("{\"a\":[1,2,{\"b\":null}]}"));
  EXPECT_FALSE(parse_json("{\"a\":1e400}"));
}

std::string written(double number) {
  JsonWriter out;
  out.object();
  out.field("n", number);
  out.end();
  return out.take();
}

TEST(Json, ANumberThatIsReadAndWrittenAgainIsTheSameText) {
  std::uint64_t state = 11;
  std::vector<double> numbers{
      0.19066086802835406, 0.1, 1.0 / 3, 1e-30, 5e-324, 1.7e308, 123, -0.0, 0, 1e15};
  for (int i = 0; i < 20'000; ++i) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    numbers.push_back(static_cast<double>(state >> 11U) * 0x1p-53);
  }
  for (const double number : numbers) {
    const std::string text = written(number);
    const auto back = parse_json(text);
    ASSERT_TRUE(back) << text;
    const auto again = number_at(*back, "n");
    ASSERT_TRUE(again) << text;
    EXPECT_EQ(written(*again), text);
    EXPECT_LE(std::abs(*again - number), 1e-15 * std::abs(number) * 5 + 5e-324) << text;
  }
  EXPECT_EQ(written(0.5), R"({"n":0.5})");
  EXPECT_EQ(written(3), R"({"n":3.0})");
  EXPECT_EQ(written(std::nan("")), R"({"n":null})");
}

TEST(Json, NoughtWithAnExponentIsNought) {
  for (const char* text : {R"({"n":0e70})", R"({"n":0.000e-300})", R"({"n":-0E99})"}) {
    const auto read = parse_json(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(number_at(*read, "n"), 0.0) << text;
  }
}

TEST(PostJson, RoundTrips) {
  const auto document = parse_json(
      R"({"id":7,"text":"dark screen","author":{"handle":"@mara","followers":4100000},"channel":"review",
      "created_at":"2026-11-23T17:25:00Z","mentions":["brightwave_ceo"],"unknown":1})");
  ASSERT_TRUE(document);
  const auto post = post_from_json(*document);
  ASSERT_TRUE(post);
  EXPECT_EQ(post->id, "7");
  EXPECT_EQ(post->author.handle, "mara");
  EXPECT_EQ(post->author.followers, 4'100'000U);
  const std::string json = to_json(*post);
  const auto again = parse_json(json);
  ASSERT_TRUE(again);
  EXPECT_EQ(to_json(*post_from_json(*again)), json);
}

TEST(PostJson, AWrongTypeNamesItsField) {
  const auto document = parse_json(R"({"text":"x","author":{"followers":"many"}})");
  const auto post = post_from_json(*document);
  ASSERT_FALSE(post);
  EXPECT_NE(post.error().message.find("author.followers"), std::string::npos);
}

TEST(Ids, HashesAreTheirStandards) {
  EXPECT_EQ(to_hex(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  // RFC 4231, case 2
  EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(base64("hi?"), "aGk/");
  EXPECT_EQ(base64url("hi?"), "aGk_");
  EXPECT_FALSE(from_base64("aGk"));
  EXPECT_LT(ordered_id(from_unix_ms(1000), 0xFFFFFFFF), ordered_id(from_unix_ms(1001), 0));
}

TEST(Masked, WhatLooksLikeAKeyIsHiddenAndNamesAreNot) {
  for (const char* name :
       {"mastodon-write.token", "/tmp/earshot-e2e-9r2ia9fr/earshot.yaml",
        "2026-11-26T09:00:00.000Z", "no receiver is named \"duty-officers-of-the-night\"", "01HZX",
        "internationalization1", "123456789012345678901234"})
    EXPECT_EQ(mask_random(name), name);
  EXPECT_EQ(mask_random("there is no file \"./xoxb-7Hq2m9Kd0sPz4tVw8yBn\""),
            "there is no file \"./*************************\"");
  EXPECT_EQ(mask_random("https://h.example/services/7Hq2m9Kd0sPz4tVw8yBn=, next"),
            "https://h.example/services/*********************, next");
}

TEST(Masked, ASecretThatIsSaidBackIsHiddenInBase64TooWhereverItBegins) {
  const std::string secret = "hunter2 of old";
  EXPECT_EQ(without_secret("NO LOGIN care hunter2 of old!", secret),
            "NO LOGIN care **************!");
  for (const std::string before : {"", "x", "ab", "abc", "user"}) {
    for (const std::string after : {"", "\1", "\1\1", "abc"}) {
      const std::string coded = base64(std::string{'\0'} + before + '\0' + secret + after);
      const std::string said = without_secret("535 refused: " + coded, secret);
      EXPECT_EQ(said, "535 refused: " + std::string(coded.size(), '*')) << before << after;
    }
  }
  EXPECT_EQ(without_secret("no such user", ""), "no such user");
}

}  // namespace
}  // namespace earshot

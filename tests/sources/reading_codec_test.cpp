// Orders and readings between the daemon and its reader.
#include "../../src/sources/parse/reading_codec.hpp"

#include <gtest/gtest.h>

namespace earshot {
namespace {

constexpr std::string_view kFeed =
    R"(<rss version="2.0"><channel><title>Press</title><ttl>60</ttl>)"
    R"(<item><guid>a</guid><title>Kettle</title><link>https://a.example/1</link>)"
    R"(<pubDate>Mon, 23 Nov 2026 08:00:00 GMT</pubDate><description>It leaks @bw</description></item>)"
    R"(<item><guid>b</guid><title>Lamp</title></item></channel></rss>)";
constexpr std::string_view kMail =
    "From: Ann <ann@a.example>\r\nTo: care@bw.example\r\nMessage-ID: <1@a.example>\r\n"
    "Subject: Smoke\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nIt smokes.\r\n"
    "--x\r\nContent-Type: image/png; name=a.png\r\n\r\n\x89PNG\r\n--x--\r\n";

Result<Reading> read(ReadKind kind, std::string_view bytes) {
  return read_order({.kind = kind, .bytes = bytes, .base_url = "https://a.example/f"});
}

TEST(ReadingCodec, AnOrderComesOutAsItWentIn) {
  ReadTask task;
  task.order = {.kind = ReadKind::mail,
                .bytes = "document",
                .base_url = "u",
                .content_type = "t",
                .own_lists = {"a", "b"}};
  task.careful = true;
  task.deadly = {"d"};
  const std::string bytes = encode_head(task) + "document";
  const auto got = decode_task(bytes);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->order.kind, ReadKind::mail);
  EXPECT_EQ(got->order.bytes, "document");
  EXPECT_EQ(got->order.content_type, "t");
  EXPECT_EQ(got->order.own_lists, task.order.own_lists);
  EXPECT_EQ(got->deadly, task.deadly);
  EXPECT_TRUE(got->careful);
  EXPECT_FALSE(decode_task(""));
}

TEST(ReadingCodec, AnAnswerSaysWhatWasRead) {
  const auto feed = decode_answer(encode_answer(read(ReadKind::feed, kFeed)), ReadKind::feed);
  ASSERT_TRUE(feed && feed->ok());
  const auto& parsed = std::get<ParsedFeed>(**feed);
  ASSERT_EQ(parsed.posts.size(), 2U);
  EXPECT_EQ(parsed.posts[0].id, "a");
  EXPECT_EQ(parsed.posts[0].text, "It leaks @bw");
  EXPECT_EQ(parsed.posts[0].mentions, std::vector<std::string>{"bw"});
  EXPECT_EQ(to_rfc3339(*parsed.posts[0].created_at), "2026-11-23T08:00:00Z");
  EXPECT_FALSE(parsed.posts[1].created_at);
  EXPECT_EQ(parsed.rhythm.ttl, Duration{hours{1}});
  EXPECT_EQ(parsed.title, "Press");

  const auto mail = decode_answer(encode_answer(read(ReadKind::mail, kMail)), ReadKind::mail);
  ASSERT_TRUE(mail && mail->ok());
  const Post& post = std::get<Parsed>(**mail).posts.at(0);
  EXPECT_EQ(post.channel, Channel::email);
  EXPECT_FALSE(post.is_public);
  ASSERT_EQ(post.attachments.size(), 1U);
  EXPECT_EQ(post.attachments[0].name, "a.png");
  EXPECT_EQ(post.addressed, std::vector<std::string>{"care@bw.example"});
}

TEST(ReadingCodec, SoDoesAnErrorOfTheParser) {
  const auto got = decode_answer(encode_answer(read(ReadKind::feed, "<html>")), ReadKind::feed);
  ASSERT_TRUE(got && !got->ok());
  EXPECT_EQ(got->error().kind, Error::Kind::permanent);
  EXPECT_EQ(got->error().message, read(ReadKind::feed, "<html>").error().message);
}

TEST(ReadingCodec, WhatIsNoTextBecomesOneBeforeItIsSaid) {
  Parsed parsed;
  parsed.posts.emplace_back().title = std::string{"a\xFF\0b", 4};
  parsed.posts[0].text = std::string(300'000, 'x');
  const auto got = decode_answer(encode_answer(Reading{parsed}), ReadKind::mail);
  ASSERT_TRUE(got && got->ok());
  const Post& post = std::get<Parsed>(**got).posts.at(0);
  EXPECT_EQ(post.title,
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(post.text.size(), 262'144U);
}

TEST(ReadingCodec, AnswersThatBreakTheRulesAreRefused) {
  const std::string good = encode_answer(read(ReadKind::feed, kFeed));
  for (std::size_t cut = 0; cut < good.size(); ++cut)
    EXPECT_FALSE(decode_answer(std::string_view{good}.substr(0, cut), ReadKind::feed)) << cut;
  EXPECT_FALSE(decode_answer(good + "x", ReadKind::feed));
  EXPECT_FALSE(decode_answer(good, ReadKind::bluesky));
  std::string foul = good;
  foul[foul.find("leaks")] = '\xFF';
  EXPECT_FALSE(decode_answer(foul, ReadKind::feed)) << "no UTF-8";
  foul[foul.find("\xFF")] = '\0';
  EXPECT_FALSE(decode_answer(foul, ReadKind::feed)) << "NUL";
  // A list of a billion, and one whose members take more room than there is.
  EXPECT_FALSE(decode_answer("\x01\xFF\xFF\xFF\xFF\x03", ReadKind::mail));
  EXPECT_FALSE(
      decode_answer("\x01\xFF\xFF\xFF\x01" + std::string(8'000'000, '\0'), ReadKind::mail));
}

TEST(ReadingCodec, AnItemPointsAtAPostOfItsPage) {
  MastodonPage page;
  page.parsed.posts.resize(1);
  page.items.push_back({"1", "", 0});
  EXPECT_TRUE(decode_answer(encode_answer(Reading{page}), ReadKind::mastodon));
  page.items[0].post = 1;
  EXPECT_FALSE(decode_answer(encode_answer(Reading{page}), ReadKind::mastodon));
}

TEST(ReadingCodec, DamagedAnswersNeverDoHarm) {
  const std::string good = encode_answer(read(ReadKind::mail, kMail));
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const char byte : {'\x00', '\x01', '\x7F', '\xFF'}) {
      std::string bad = good;
      bad[at] = byte;
      static_cast<void>(decode_answer(bad, ReadKind::mail));
      static_cast<void>(decode_answer(bad, ReadKind::feed));
    }
  }
}

}  // namespace
}  // namespace earshot

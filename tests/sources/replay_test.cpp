#include "sources/social_source.hpp"

namespace earshot {
namespace {

struct Replay : testing::Test, SourceBench {
  SourceConfig config;
  void SetUp() override {
    config.name = "day";
    config.type = "replay";
    config.path = "day.jsonl";
  }
};

const char* const kThree =
    "{\"id\":\"1\",\"text\":\"a\",\"created_at\":\"2026-01-01T00:00:00Z\"}\n"
    "{\"id\":\"2\",\"text\":\"b\",\"created_at\":\"2026-01-01T00:01:00Z\"}\n"
    "{\"id\":\"3\",\"text\":\"c\",\"created_at\":\"2026-01-01T01:00:00Z\"}";

TEST_F(Replay, AllAtOnceAndNothingTwice) {
  folder.write("day.jsonl", kThree);
  make(config);
  const auto batch = poll("");
  ASSERT_TRUE(batch) << batch.error().message;
  EXPECT_EQ(batch->posts.size(), 3U);
  EXPECT_FALSE(batch->more);
  EXPECT_FALSE(batch->baseline);
  EXPECT_TRUE(poll(batch->next)->posts.empty());
}

TEST_F(Replay, AtItsOwnPace) {
  folder.write("day.jsonl", kThree);
  config.speed = 60;
  make(config);
  const auto first = poll("");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->posts.size(), 1U);
  const Duration before = clock.steady();
  loop.run(clock, source->wait(hours{1}));
  EXPECT_EQ(clock.steady() - before, seconds{1});
  const auto second = poll(first->next);
  ASSERT_EQ(second->posts.size(), 1U);
  EXPECT_EQ(second->posts[0].id, "2");
  loop.run(clock, source->wait(hours{1}));
  EXPECT_EQ(clock.steady() - before, seconds{60});
  EXPECT_EQ(poll(second->next)->posts.size(), 1U);
}

TEST_F(Replay, BadLinesAreSetAsideAndTheRestGoesOn) {
  folder.write("day.jsonl", "{\"text\":\"a\"}\nnonsense\n\n{\"text\":5}\n" +
                                std::string(2U << 20U, 'x') + "\n{\"text\":\"z\"}\n");
  make(config);
  const auto batch = poll("");
  ASSERT_TRUE(batch);
  ASSERT_EQ(batch->posts.size(), 2U);
  EXPECT_EQ(batch->posts[0].id, "line-1");
  EXPECT_EQ(batch->posts[1].text, "z");
  ASSERT_EQ(batch->bad.size(), 3U);
  EXPECT_EQ(batch->bad[0].raw, "nonsense");
  EXPECT_TRUE(batch->bad[0].reason.starts_with("line 2: "));
  EXPECT_LE(batch->bad[2].raw.size(), 64U * 1024U);
}

TEST_F(Replay, AGrowingFileIsFollowedLineByLine) {
  folder.write("day.jsonl", "{\"id\":\"1\",\"text\":\"a\"}\n{\"id\":\"2\",");
  config.follow = true;
  make(config);
  const auto first = poll("");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->posts.size(), 1U);
  EXPECT_FALSE(first->more);
  folder.append("day.jsonl", "\"text\":\"b\"}\n");
  const Duration before = clock.steady();
  loop.run(clock, source->wait(minutes{1}));
  EXPECT_EQ(clock.steady(), before);
  const auto second = poll(first->next);
  ASSERT_EQ(second->posts.size(), 1U);
  EXPECT_EQ(second->posts[0].id, "2");
  loop.run(clock, source->wait(seconds{3}));
  EXPECT_EQ(clock.steady() - before, seconds{3});
}

TEST_F(Replay, AFileThatWasCutIsReadFromItsBeginning) {
  folder.write("day.jsonl", kThree);
  make(config);
  const auto first = poll("");
  folder.write("day.jsonl", "{\"id\":\"9\",\"text\":\"new\"}\n");
  const auto second = poll(first->next);
  ASSERT_TRUE(second);
  ASSERT_EQ(second->posts.size(), 1U);
  EXPECT_EQ(second->posts[0].id, "9");
  EXPECT_EQ(second->warnings.size(), 1U);
}

TEST_F(Replay, ALargeFileComesInBatches) {
  std::string text;
  for (int i = 0; i < 2500; ++i) text += "{\"id\":\"" + std::to_string(i) + "\",\"text\":\"x\"}\n";
  folder.write("day.jsonl", text);
  make(config);
  std::string state;
  std::size_t posts = 0;
  int polls = 0;
  for (bool more = true; more && polls < 10; ++polls) {
    const auto batch = poll(state);
    ASSERT_TRUE(batch);
    posts += batch->posts.size();
    state = batch->next;
    more = batch->more;
  }
  EXPECT_EQ(posts, 2500U);
  EXPECT_EQ(polls, 3);
}

TEST_F(Replay, AMissingFileIsAMistakeUnlessItIsFollowed) {
  make(config);
  EXPECT_EQ(poll("").error().kind, Error::Kind::permanent);
  config.follow = true;
  make(config);
  EXPECT_EQ(poll("").error().kind, Error::Kind::transient);
}

}  // namespace
}  // namespace earshot

#include "earshot/text/near.hpp"

#include <gtest/gtest.h>

#include <string>

#include "earshot/core/ids.hpp"

namespace earshot {
namespace {

constexpr const char* kPost =
    "My router has been dead since Monday and nobody at Brightwave picks up the phone, this is a "
    "disgrace";

struct NearRow {
  const char* name;
  const char* a;
  const char* b;
  bool near;
};
class Near : public testing::TestWithParam<NearRow> {};
TEST_P(Near, IsDecidedByTheWords) {
  const double alike = similarity(minhash(GetParam().a), minhash(GetParam().b));
  EXPECT_EQ(alike >= kNearSame, GetParam().near) << alike;
}
INSTANTIATE_TEST_SUITE_P(
    Table, Near,
    testing::Values(
        NearRow{"itself", kPost, kPost, true},
        NearRow{"with_a_mention_a_link_and_capitals", kPost,
                "@brightwave MY ROUTER has been dead since Monday, and nobody at Brightwave picks "
                "up the phone: this is a disgrace! https://x.example/1",
                true},
        NearRow{"one_word_changed", kPost,
                "My router has been dead since Tuesday and nobody at Brightwave picks up the "
                "phone, this is a disgrace",
                true},
        NearRow{"another_matter", kPost,
                "The parcel says delivered but I do not have it, could someone look into it please",
                false},
        NearRow{"same_beginning_only", kPost,
                "My router has been dead since Monday, any news on the repair of the street "
                "cabinet over here?",
                false},
        NearRow{"short_copies", "Where is my refund?", "where is my refund", true},
        NearRow{"short_and_different", "Where is my refund?", "App is down again", false},
        NearRow{"japanese_copy", "商品がまだ届きません。返金してください",
                "商品がまだ届きません 返金してください！", true},
        NearRow{"japanese_other", "商品がまだ届きません。返金してください",
                "ルーターから煙が出ています、助けて", false},
        NearRow{"two_links", "https://a.example/1", "https://b.example/2", false}),
    [](const auto& row) { return row.param.name; });

TEST(CopyHash, IgnoresCaseBlanksPunctuationAndLinks) {
  EXPECT_EQ(copy_hash("Where is  my refund?"), copy_hash("where is my REFUND https://t.example/x"));
  EXPECT_NE(copy_hash("@a where is my refund"), copy_hash("@b where is my refund"));
  EXPECT_NE(copy_hash("👎👎"), copy_hash("🎉"));
  EXPECT_NE(copy_hash("!!"), copy_hash("??"));
}

TEST(NearWindow, ForgetsTheOldestFirst) {
  const MinHash first = minhash(kPost);
  const MinHash second =
      minhash("The parcel says delivered but I do not have it, could someone look");
  const MinHash third =
      minhash("Charged twice for the same bill and the refund was refused again today");
  NearWindow window{2};
  window.add(1, first);
  window.add(2, second);
  EXPECT_EQ(window.find(first), std::vector<std::uint64_t>{1});
  window.add(3, third);
  EXPECT_EQ(window.size(), 2U);
  EXPECT_TRUE(window.find(first).empty());
  EXPECT_EQ(window.find(second), std::vector<std::uint64_t>{2});
  EXPECT_EQ(window.find(third), std::vector<std::uint64_t>{3});
}

TEST(NearWindow, TheMostSimilarComesFirstAndAFloodIsBounded) {
  NearWindow window{4096};
  const MinHash copy = minhash(kPost);
  window.add(7, minhash("My router has been dead since Tuesday and nobody at Brightwave picks up "
                        "the phone, this is a disgrace"));
  window.add(8, copy);
  EXPECT_EQ(window.find(copy), (std::vector<std::uint64_t>{8, 7}));
  for (std::uint64_t key = 100; key < 20'000; ++key) window.add(key, copy);
  EXPECT_EQ(window.size(), 4096U);
  const auto found = window.find(copy);
  ASSERT_EQ(found.size(), 16U);
  EXPECT_EQ(found.front(), 19'999U);
}

TEST(NearWindow, FindsEachWhileItGrows) {
  constexpr std::uint64_t kMany = 5000;
  const auto other = [](std::uint64_t n) {
    MinHash out{};
    for (std::uint64_t i = 0; i < out.size(); ++i)
      out[i] = static_cast<std::uint32_t>(hash64("a text", n * out.size() + i));
    return out;
  };
  NearWindow window{5000};
  for (std::uint64_t key = 0; key < kMany; ++key) {
    window.add(key, other(key));
    ASSERT_EQ(window.find(other(key / 2)), std::vector<std::uint64_t>{key / 2}) << key;
  }
  window.add(kMany, other(kMany));
  EXPECT_TRUE(window.find(other(0)).empty());
  EXPECT_EQ(window.find(other(1)), std::vector<std::uint64_t>{1});
}

}  // namespace
}  // namespace earshot

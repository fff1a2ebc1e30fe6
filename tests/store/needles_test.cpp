// Many strings looked for at once: the same as looking for each.
#include "../../src/store/needles.hpp"

#include <gtest/gtest.h>

#include <random>

#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

TEST(Needles, AreFoundInEitherCaseAtEitherEnd) {
  const Needles it{{"mara_velez", "302-5512", "o'b", ""}};
  EXPECT_TRUE(it.in("Mara_Velez"));
  EXPECT_TRUE(it.in("from @MARA_VELEZ, again"));
  EXPECT_TRUE(it.in("order 302-5512"));
  EXPECT_TRUE(it.in("O'B"));
  EXPECT_FALSE(it.in("mara_vele"));
  EXPECT_FALSE(it.in("velez"));
  EXPECT_FALSE(it.in(""));
  EXPECT_FALSE(Needles{}.in("anything"));
  EXPECT_FALSE((Needles{{"abcd"}}.in(std::string_view{"\0\0\0\0", 4})));
}

TEST(Needles, SayWhatASlowSearchSays) {
  std::mt19937 dice{11};
  const auto word = [&](std::size_t most) {
    std::string out;
    for (std::size_t n = 1 + dice() % most; n > 0; --n) out += "abAB/\xC3"[dice() % 6];
    return out;
  };
  int found = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::vector<std::string> needles;
    for (std::size_t n = dice() % 5; n > 0; --n) needles.push_back(to_lower_ascii(word(9)));
    const std::string text = word(60);
    bool slow = false;
    for (const std::string& it : needles)
      slow = slow || to_lower_ascii(text).find(it) != std::string::npos;
    found += slow ? 1 : 0;
    ASSERT_EQ(Needles{needles}.in(text), slow) << text;
  }
  EXPECT_GT(found, 1'000);
}

}  // namespace
}  // namespace earshot

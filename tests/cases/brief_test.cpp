#include "earshot/cases/brief.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

Case singer() {
  Case it;
  it.customer_name = "Mara Velez";
  it.reach = 2'100'000;
  it.excerpt =
      "@brightwave_ceo how do I restart the screen of my car? It has been dark since Monday.";
  return it;
}

std::size_t words_in(const std::string& text) {
  const std::string flat = collapse_space(text);
  return flat.empty() ? 0 : static_cast<std::size_t>(std::ranges::count(flat, ' ')) + 1;
}

TEST(Brief, SaysTheSixThingsInOneParagraph) {
  EXPECT_EQ(brief_of(singer(), {"", "Jo Martin", "17:35"}, "", ""),
            "Mara Velez (2.1 million followers) in public: \"@brightwave_ceo how do I restart the "
            "screen of my car? It has been dark since…\" True so far: unknown. Nobody has it yet; "
            "Jo Martin was told. "
            "Proposed: our team answers by 17:35.");
}

TEST(Brief, TellsWhoHasItWhatIsTrueAndWhatIsProposed) {
  const std::string text =
      brief_of(singer(), {"Jo Martin", "", "17:35"}, "Version 4.1 leaves the screen dark.",
               "This is our fault; hold both buttons ten seconds.");
  EXPECT_NE(text.find("True so far: Version 4.1 leaves the screen dark."), std::string::npos);
  EXPECT_NE(text.find("Jo Martin has it."), std::string::npos);
  EXPECT_NE(text.find("Proposed: \"This is our fault; hold both buttons ten seconds.\""),
            std::string::npos);
}

TEST(Brief, IsReadInTenSecondsWhateverStandsInTheCase) {
  std::mt19937 dice{7};
  const auto text = [&](std::size_t most) {
    std::string out;
    for (std::size_t n = dice() % (most + 1); n > 0; --n)
      out += std::string(1 + dice() % 12, static_cast<char>('a' + dice() % 26)) +
             (dice() % 9 == 0 ? "\n" : " ");
    return out;
  };
  for (int round = 0; round < 1500; ++round) {
    Case it;
    it.customer_name = text(9);
    it.excerpt = text(120);
    it.is_public = dice() % 2 == 0;
    if (dice() % 2 == 0) it.reach = dice();
    if (dice() % 5 == 0) it.answered_at = Instant{};
    const std::string got = brief_of(it, {text(6), text(6), dice() % 2 == 0 ? "17:35" : ""},
                                     text(60), dice() % 2 == 0 ? text(80) : "");
    ASSERT_LE(words_in(got), kBriefWords) << got;
    ASSERT_EQ(got.find('\n'), std::string::npos) << "one paragraph";
    ASSERT_LE(got.size(), 700U) << got;
  }
}

TEST(Brief, NeverTellsReachOfAPrivateMessageAndHidesControlCharacters) {
  Case it = singer();
  it.is_public = false;
  it.excerpt = "dark \x1b[31m screen";
  const std::string got = brief_of(it, {}, "", "");
  EXPECT_EQ(got.find("million"), std::string::npos);
  EXPECT_EQ(got.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace earshot

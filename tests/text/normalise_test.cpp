#include "earshot/text/normalise.hpp"

#include <gtest/gtest.h>

#include <string>

namespace earshot {
namespace {

struct FoldRow {
  const char* name;
  const char* text;
  const char* want;
};
class Fold : public testing::TestWithParam<FoldRow> {};
TEST_P(Fold, GivesOneView) {
  const std::string once = fold(GetParam().text);
  EXPECT_EQ(once, GetParam().want);
  EXPECT_EQ(fold(once), once) << "folding twice changes nothing";
}
INSTANTIATE_TEST_SUITE_P(
    Table, Fold,
    testing::Values(FoldRow{"ascii_capitals", "BRIGHTWAVE Help!", "brightwave help!"},
                    FoldRow{"full_width_and_soft_hyphen", "Ｂright\u00ADwave", "brightwave"},
                    FoldRow{"zero_width_space", "bright\u200Bwave", "brightwave"},
                    FoldRow{"cyrillic_capital_ve", "Вrightwave", "brightwave"},
                    FoldRow{"cyrillic_small_letters", "brіghtwаvе", "brightwave"},
                    FoldRow{"greek_omicron", "gοοgle", "google"},
                    FoldRow{"greek_capital_yot", "\u037Fack", "jack"},
                    FoldRow{"a_word_of_look_alikes_only", "РАУРА", "paypa"},
                    FoldRow{"russian_stays_russian", "Привет, Москва", "привет, москва"},
                    FoldRow{"greek_stays_greek", "Καλημέρα", "καλημέρα"},
                    FoldRow{"zalgo", "s\u0335c\u0336a\u0337m", "scam"},
                    FoldRow{"accents_stay", "Péssimo", "péssimo"},
                    FoldRow{"composed_and_decomposed_are_one", "Pe\u0301ssimo", "péssimo"},
                    FoldRow{"sharp_s", "Straße", "strasse"},
                    FoldRow{"turkish_dotted_and_dotless_i", "İstanbul kapalı", "istanbul kapali"},
                    FoldRow{"ligature", "ﬁre", "fire"},
                    FoldRow{"mathematical_letters", "𝗕𝗿𝗶𝗴𝗵𝘁𝘄𝗮𝘃𝗲", "brightwave"},
                    FoldRow{"emoji_lose_the_selector", "❤\uFE0F👍", "❤👍"},
                    FoldRow{"half_width_katakana", "ｹﾞｰﾑ", "ゲーム"},
                    FoldRow{"devanagari_keeps_its_vowels", "नमस्ते", "नमस्ते"},
                    FoldRow{"empty", "", ""}),
    [](const auto& row) { return row.param.name; });

TEST(Fold, BadBytesDoNotHurt) {
  EXPECT_EQ(fold("a\xC3(\xFF"), "a\uFFFD(\uFFFD");
}

TEST(MixedScript, TellsSpoofsFromForeignNames) {
  EXPECT_TRUE(mixed_script("Вrightwave"));
  EXPECT_TRUE(mixed_script("brightwаve"));
  EXPECT_FALSE(mixed_script("Brightwave"));
  EXPECT_FALSE(mixed_script("Москва"));
  EXPECT_FALSE(mixed_script("Zoë Müller"));
}

}  // namespace
}  // namespace earshot

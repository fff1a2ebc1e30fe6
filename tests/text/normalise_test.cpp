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

struct LanguageRow {
  const char* name;
  const char* text;
  const char* want;
};
class Language : public testing::TestWithParam<LanguageRow> {};
TEST_P(Language, IsGuessed) {
  EXPECT_EQ(guess_language(GetParam().text), GetParam().want);
}
INSTANTIATE_TEST_SUITE_P(
    Table, Language,
    testing::Values(
        LanguageRow{"english", "My order never arrived and nobody answers the phone", "en"},
        LanguageRow{"short_english", "Where is my refund?", "en"},
        LanguageRow{"german", "Techniker ist zum dritten Mal nicht erschienen. Unfassbar", "de"},
        LanguageRow{"spanish", "Me han cobrado dos veces y nadie responde al teléfono", "es"},
        LanguageRow{"french", "Toujours en panne depuis lundi et aucune réponse à mes mails", "fr"},
        LanguageRow{"italian", "Sono senza linea da tre giorni e nessuno mi risponde", "it"},
        LanguageRow{"portuguese",
                    "Comprei há um mês e até agora não entregaram. Péssimo atendimento!", "pt"},
        LanguageRow{"dutch", "Het internet doet het al drie dagen niet en niemand neemt op", "nl"},
        LanguageRow{"polish", "Nie działa internet od trzech dni i nikt nie odpowiada", "pl"},
        LanguageRow{"turkish", "Üç gündür internet yok ve kimse cevap vermiyor", "tr"},
        LanguageRow{"swedish", "Jag har väntat i tre veckor och ingen svarar", "sv"},
        LanguageRow{"hinglish", "paisa kat gaya par recharge nahi hua, koi jawab nahi", "hi-Latn"},
        LanguageRow{"japanese", "商品がまだ届きません。返金してください", "ja"},
        LanguageRow{"chinese", "我的订单还没有到", "zh"},
        LanguageRow{"korean", "주문한 상품이 아직 안 왔어요", "ko"},
        LanguageRow{"russian", "Мой заказ так и не пришёл", "ru"},
        LanguageRow{"ukrainian", "Моє замовлення так і не прийшло, ніхто не відповідає", "uk"},
        LanguageRow{"arabic", "لم يصل طلبي بعد", "ar"},
        LanguageRow{"hebrew", "ההזמנה שלי לא הגיעה", "he"},
        LanguageRow{"hindi", "मेरा ऑर्डर अभी तक नहीं आया", "hi"},
        LanguageRow{"emoji_only", "🎉🎉🥳", ""}, LanguageRow{"one_name", "Brightwave", ""},
        LanguageRow{"a_brand_in_japanese", "Brightwave のルーターが発火しました", "ja"}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace earshot

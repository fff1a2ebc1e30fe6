#include "../src/classify/language.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "earshot/classify/classifier.hpp"
#include "earshot/config/classifier_files.hpp"
#include "support/tree.hpp"

namespace earshot {
namespace {

struct LanguageRow {
  const char* name;
  const char* text;
  const char* want;
};
class Language : public testing::TestWithParam<LanguageRow> {};
TEST_P(Language, IsGuessed) {
  EXPECT_EQ(guess_language(WordList{GetParam().text}), GetParam().want);
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

TEST(RareLanguage, IsToldByItsLettersWhereTheStopWordsDoNotKnowIt) {
  const WordList finnish{"Laskussa on virhe eikä kukaan vastaa puhelimeen enää tänään"};
  EXPECT_EQ(guess_language(finnish), "");
  EXPECT_EQ(guess_rare_language(finnish), "fi");
}

TEST(RareLanguage, NeedsFiveWordsAndIsSilentWhereItIsNotReliable) {
  EXPECT_EQ(guess_rare_language(WordList{"Laskussa on virhe"}), "");
  EXPECT_EQ(guess_rare_language(WordList{"brrt zzkx qqpw vvtn llmw"}), "");
}

bool is_told(const Assessment& it, const std::string& words) {
  return std::find(it.reasons.begin(), it.reasons.end(), words) != it.reasons.end();
}

/// A model that calls everything a complaint would be caught here: the phrases alone count.
class Unlearnt : public testing::Test {
 protected:
  Classifier classifier{*load_model(source_tree() + "/config/model/complaint.model"), Lexicon{},
                        Watch{}};
  Assessment of(const char* text, const char* language) const {
    Post post;
    post.text = text;
    post.language = language;
    return classifier.account(post);
  }
};

TEST_F(Unlearnt, SaysThatOnlyRulesCount) {
  EXPECT_TRUE(
      is_told(of("Laskussa on virhe!!! @brightwave", "fi"), "No model for \"fi\": rules only."));
  EXPECT_FALSE(of("Laskussa on virhe!!! @brightwave TERRIBLE worst", "fi").is_complaint);
}

TEST_F(Unlearnt, StillTellsAHazardByItsPhrase) {
  const Assessment it = of("Laturi: caught fire, smoke everywhere", "fi");
  EXPECT_TRUE(it.urgent);
  EXPECT_TRUE(it.is_complaint);
}

TEST_F(Unlearnt, IsNoLanguageOfTheModel) {
  for (const char* language : {"en", "de-AT", "hi-Latn", ""})
    EXPECT_FALSE(
        is_told(of("The charger caught fire", language), "No model for \"\": rules only."));
  EXPECT_TRUE(of("The charger caught fire and my hand is burnt", "en-GB").urgent);
}

}  // namespace
}  // namespace earshot

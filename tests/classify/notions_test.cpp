#include "../../src/classify/notions.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

namespace earshot {
namespace {

std::set<std::string> notions_in(std::string_view text, std::string_view language) {
  const Notions& table = Notions::builtin();
  std::set<std::string> names;
  for (const NotionHit& hit : table.find(WordList{text}, language))
    names.insert(table.name(hit.notion));
  return names;
}

TEST(Notions, OneThingInEveryLanguageIsOneNotion) {
  const std::pair<const char*, const char*> kTexts[] = {
      {"en", "the charger is burnt"},   {"de", "das Ladegerät ist verbrannt"},
      {"nl", "de oplader is verbrand"}, {"sv", "laddaren är bränd"},
      {"fr", "le chargeur a cramé"},    {"es", "el cargador se quemó"},
      {"pt", "o carregador queimou"},   {"it", "il caricatore è bruciato"},
      {"pl", "ładowarka się spaliła"},  {"tr", "şarj aleti yandı"},
      {"hi-Latn", "charger jal gaya"},  {"ja", "充電器が焼けました"},
  };
  for (const auto& [language, text] : kTexts) {
    const auto names = notions_in(text, language);
    EXPECT_TRUE(names.contains("heat.burn")) << language;
    EXPECT_TRUE(names.contains("current.plug")) << language;
  }
}

TEST(Notions, PlaceAndMakeshiftHelpAreTheSameInEveryLanguage) {
  const std::pair<const char*, const char*> kTexts[] = {
      {"en", "a bucket under it"}, {"de", "ein Eimer darunter"},       {"nl", "een emmer eronder"},
      {"sv", "en hink under"},     {"fr", "un seau dessous"},          {"es", "un cubo debajo"},
      {"pt", "um balde embaixo"},  {"it", "un secchio sotto"},         {"pl", "wiadro pod spodem"},
      {"tr", "altında bir kova"},  {"hi-Latn", "neeche baalti rakhi"}, {"ja", "下にバケツを置いた"},
  };
  for (const auto& [language, text] : kTexts) {
    const auto names = notions_in(text, language);
    EXPECT_TRUE(names.contains("where.under")) << language;
    EXPECT_TRUE(names.contains("makeshift.tape")) << language;
  }
}

TEST(Notions, TheOwnLanguageGoesBeforeEnglish) {
  EXPECT_FALSE(notions_in("die Not war gross", "de").contains("neg.not"));
  EXPECT_TRUE(notions_in("not again", "en").contains("neg.not"));
  // … and English words of another language's texts are read, too.
  EXPECT_TRUE(notions_in("mein refund kommt nie", "de").contains("pay.refund"));
}

TEST(Notions, SpansAreThoseOfTheWords) {
  const std::string text = "Nur: es qualmt. Sehr.";
  const Notions& table = Notions::builtin();
  const auto hits = table.find(WordList{text}, "de");
  const auto smoke = std::find_if(hits.begin(), hits.end(), [&](const NotionHit& hit) {
    return table.name(hit.notion) == "heat.smoke";
  });
  ASSERT_NE(smoke, hits.end());
  EXPECT_EQ(text.substr(smoke->begin, smoke->end - smoke->begin), "qualmt");
  EXPECT_EQ(smoke->group, table.group("heat"));
}

TEST(Notions, MistakesNameTheirLine) {
  const std::string columns = "a|||||||||||";
  EXPECT_TRUE(Notions::parse("# comment\nheat.burn = " + columns + "\n").ok());
  for (const char* wrong :
       {"\nheat.burn = a|b", "\nburn = a|||||||||||", "\nheat.burn = ab*|||||||||||",
        "heat.burn = a|||||||||||\nheat.burn = a|||||||||||"}) {
    const auto read = Notions::parse(wrong);
    ASSERT_FALSE(read.ok()) << wrong;
    EXPECT_NE(read.error().message.find("line 2"), std::string::npos) << read.error().message;
  }
}

TEST(Notions, HostileTextsAreBounded) {
  std::string text;
  for (int i = 0; i < 5'000; ++i) text += i % 2 == 0 ? "burnt " : "燃え充電";
  EXPECT_LE(Notions::builtin().find(WordList{text}, "").size(), 410U);
}

}  // namespace
}  // namespace earshot

#include <gtest/gtest.h>

#include <string>

#include "earshot/classify/classifier.hpp"

namespace earshot {
namespace {

Assessment judged(std::string text, Channel channel = Channel::post) {
  static const Classifier kOne = [] {
    Watch watch;
    watch.company.name = "Brightwave";
    watch.company.handles = {"Brightwave"};
    watch.principals = {
        {"ceo", "Mara Lind", "chief executive", {"maralind"}, {}, {"リンド"}, "kim"}};
    return Classifier{Model{}, Lexicon{}, watch};
  }();
  Post post;
  post.text = std::move(text);
  post.channel = channel;
  return kOne.assess(post);
}

TEST(Salutation, SpeaksToThePrincipalInEveryLanguage) {
  for (const char* text :
       {"Subject: A word\nDear Mara, the queue is long.",
        "Subject: Für Mara Lind, persönlich\nGuten Tag, …",
        "Subject: Zaproszenie\nSzanowna Pani Lind, prosimy o kwadrans.",
        "Subject: Fika?\nHej Mara! Har du tid?",
        "Subject: x\nBonjour Mara,\nune question.",
        "Subject: x\nGentile dottoressa Lind,\nla ringrazio.",
        "Subject: x\nPrezada Sra. Lind, sou acionista.",
        "Subject: x\nMerci de faire suivre ce message à Mme Lind.",
        "Subject: x\nRuego trasladen esto a la señora Lind.",
        "Subject: x\nMerhaba Mara Hanım, bir önerim var.",
        "Subject: x\nNamaste Mara ji, ek baat kehni thi.",
        "Subject: x\nGeachte mevrouw Lind,\nmijn zoon …",
        "Subject: Aan de directeur van Brightwave, mevrouw Lind\nGeachte mevrouw, …",
        "Subject: x\nGent.ma Sig.ra Lind,\nun mese senza linea.",
        "Subject: x\nDona Mara,\num mês sem linha.",
        "Subject: Lettera a Mara Lind\nBuongiorno.",
        "Subject: x\nMara Hanım,\nbir aydır hat yok.",
        "Subject: Ao cuidado da Presidente, Dra. Mara Lind\nHá meses …",
        "Subject: x\nCould this reach Ms Lind please?",
        "Subject: x\nPásenle esto a Mara Lind, por favor.",
        "Subject: Bitte Frau Lind vorlegen\nSeit März …",
        "Subject: Mara ji, ek baat\nSuniye.",
        "Subject: Mara Lind Hanımefendiye\nBir de siz bakın.",
        "Subject: Alla dottoressa Lind, personalmente\nBuongiorno.",
        "Subject: 通知\nリンド代表取締役殿\n以下の通り",
        "Subject: お礼\nリンド社長様\nありがとうございます。"}) {
    EXPECT_EQ(judged(text, Channel::email).principal, "ceo") << text;
  }
  for (const char* text :
       {"Chapeau @maralind voor de eerlijke woorden", "Namaste @maralind ji, suniye",
        "Ms Lind @maralind, who decided that?", "Un mois sans colis @maralind, bravo",
        "Alors @maralind on fait comment ?", "Carta abierta a @maralind: un mes sin línea",
        "un mes sin línea, señora Lind, un mes", "Complimenti dottoressa Lind, che discorso",
        "Un mois sans colis, qu'en dites-vous Mara Lind ?",
        "Mara, love, forty years with you and now this?"})
    EXPECT_EQ(judged(text).principal, "ceo") << text;
}

TEST(Salutation, WhoIsToldOfIsNotSpokenTo) {
  for (const char* text :
       {"Did anyone see Mara Lind on TV?", "I met @maralind at the fair and she was kind",
        "My aunt Mara, bless her, loves the new lamp", "Ein Gespräch mit Mara Lind über Züge",
        "The piece about Mara and her dog is out",
        "Au colloque avec @maralind, plus un seul éclair", "La regista, la signora Lind, è svedese",
        "My sister works for Mara Lind ji in Pune", "Regards from the shop\nMara"})
    EXPECT_EQ(judged(text).principal, "") << text;
}

}  // namespace
}  // namespace earshot

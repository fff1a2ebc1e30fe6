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
        "Subject: Fika?\nHej Mara! Har du tid?", "Subject: x\nBonjour Mara,\nune question.",
        "Subject: x\nGentile dottoressa Lind,\nla ringrazio.",
        "Subject: x\nPrezada Sra. Lind, sou acionista.",
        "Subject: x\nMerci de faire suivre ce message à Mme Lind.",
        "Subject: x\nRuego trasladen esto a la señora Lind.",
        "Subject: x\nMerhaba Mara Hanım, bir önerim var.",
        "Subject: x\nNamaste Mara ji, ek baat kehni thi.",
        "Subject: x\nGeachte mevrouw Lind,\nmijn zoon …",
        "Subject: お礼\nリンド社長様\nありがとうございます。"}) {
    EXPECT_EQ(judged(text, Channel::email).principal, "ceo") << text;
  }
  for (const char* text :
       {"Chapeau @maralind voor de eerlijke woorden", "Namaste @maralind ji, suniye",
        "Mara, love, forty years with you and now this?"})
    EXPECT_EQ(judged(text).principal, "ceo") << text;
}

TEST(Salutation, WhoIsToldOfIsNotSpokenTo) {
  for (const char* text :
       {"Did anyone see Mara Lind on TV?", "I met @maralind at the fair and she was kind",
        "My aunt Mara, bless her, loves the new lamp", "Ein Gespräch mit Mara Lind über Züge",
        "The piece about Mara and her dog is out"})
    EXPECT_EQ(judged(text).principal, "") << text;
}

}  // namespace
}  // namespace earshot

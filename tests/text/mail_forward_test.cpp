#include <gtest/gtest.h>

#include "earshot/text/mail_text.hpp"

namespace earshot {
namespace {

TEST(ForwardedHead, IsTheFirstHeaderBlockOrAttribution) {
  const ForwardedHead outlook = forwarded_head(
      "-- \nM. Lind\n\nVon: Ann Müller <ann@example.org>\nGesendet: Montag\nAn: x\nBetreff: Kein "
      "Licht\n\nHallo");
  EXPECT_EQ(outlook.address, "ann@example.org");
  EXPECT_EQ(outlook.subject, "Kein Licht");
  EXPECT_EQ(outlook.at, 13U) << "the signature above is no part of it";
  const ForwardedHead gmail = forwarded_head(
      "On Mon, Nov 23, 2026 at 9:12 AM Ann Example\n<Ann@Example.org> wrote:\n> hello");
  EXPECT_EQ(gmail.address, "ann@example.org");
  EXPECT_EQ(gmail.subject, "");
  EXPECT_EQ(forwarded_head("> **From:** Ann <ann@example.org>\n> **Subject:** Dark\n> x").subject,
            "Dark");
}

TEST(ForwardedHead, IsNothingWhereNobodyIsForwarded) {
  EXPECT_EQ(forwarded_head("").address, "");
  EXPECT_EQ(forwarded_head("From: the shop I got nothing\nso I write to you").address, "");
  EXPECT_EQ(forwarded_head("-- \nKim Park\nkim@brightwave.example").address, "");
}

struct Row {
  const char* text;
  const char* sender;
  const char* words;
};
class SignOff : public testing::TestWithParam<Row> {};
TEST_P(SignOff, IsTakenOffAndNothingElse) {
  EXPECT_EQ(without_sign_off(GetParam().text, GetParam().sender), GetParam().words);
}
INSTANTIATE_TEST_SUITE_P(
    Mails, SignOff,
    testing::Values(
        Row{"?", "M. Lind", "?"}, Row{"", "M. Lind", ""}, Row{"M. Lind", "M. Lind", ""},
        Row{"It was lost.\n\nBest regards,\nKim Park\nHead of Care", "Kim Park", "It was lost."},
        Row{"It was lost.\nKim", "Kim Park", "It was lost."},
        Row{"It was lost.\n\nPark, Kim", "Park, Kim", "It was lost.\n\nPark, Kim"},
        Row{"Verloren.\nMit freundlichen Grüßen\nKim", "", "Verloren."},
        Row{"Verloren.\nViele Grüße aus Berlin\nKim", "", "Verloren."},
        Row{"Perdu.\n\nCordialement,\nKim", "", "Perdu."},
        Row{"紛失しました。\n\nよろしくお願いいたします。\nキム", "", "紛失しました。"},
        Row{"Lost.\n\nRegards\nKim\n\nPS: the carrier pays.", "", "Lost.\n\nPS: the carrier pays."},
        Row{"Kim asked the carrier.\nIt was lost.", "Kim", "Kim asked the carrier.\nIt was lost."},
        Row{"Regards to her, by the way, and she has her money", "",
            "Regards to her, by the way, and she has her money"},
        Row{"Lost.\n\nSent from my iPhone\n\nBegin forwarded message:", "", "Lost."}));

TEST(SignOffs, DoNotEatALongTextBelowAnEarlyFormula) {
  std::string text = "Best\n";
  for (int i = 0; i < 40; ++i) text += "and a further line of the answer\n";
  EXPECT_EQ(without_sign_off(text, "").size(), text.size() - 1);
}

}  // namespace
}  // namespace earshot

#include "earshot/text/mail_text.hpp"

#include <gtest/gtest.h>

#include <ctime>

namespace earshot {
namespace {

struct SplitRow {
  const char* name;
  const char* plain;
  const char* words;
};
class SplitMail : public testing::TestWithParam<SplitRow> {};
TEST_P(SplitMail, KeepsTheNewWords) {
  const MailText got = split_mail(GetParam().plain);
  EXPECT_EQ(got.words, GetParam().words) << "quoted: " << got.quoted;
}

INSTANTIATE_TEST_SUITE_P(
    Quotes, SplitMail,
    testing::Values(
        SplitRow{"no_quotes", "Hello,\n\nit broke.\n", "Hello,\n\nit broke."},
        SplitRow{"gmail_wrapped_over_two_lines",
                 "Fine now.\n\nOn Mon, Nov 23, 2026 at 10:30 AM Kettle Care "
                 "<care@kettle.example>\nwrote:\n\n> old\n>\n> > older\n",
                 "Fine now."},
        SplitRow{"wrapped_over_three_lines",
                 "New\n\nOn Monday, 23 November 2026,\nKettle Customer Care "
                 "Department\n<care@kettle.example> wrote:\n> old",
                 "New"},
        SplitRow{"apple",
                 "New\n\n> On 23 Nov 2026, at 10:30, Care <care@k.example> wrote:\n> \n> old",
                 "New"},
        SplitRow{"quote_without_gt_under_an_address",
                 "New\n\nOn Monday, November 23, 2026, 10:30 AM, Care <care@k.example> "
                 "wrote:\n\nold text\nmore",
                 "New"},
        SplitRow{
            "yahoo_android_goes_on_in_the_line",
            "New\n\nYahoo Mail: Search, Organize, Conquer \n \n  On Thu, Nov 26, 2026 at 9:12, "
            "Care<care@k.example> wrote:   Dear Ann,\nold text\n\nmore",
            "New"},
        SplitRow{
            "the_same_wrapped",
            "New\n\n[Yahoo Mail: Search, Organize, Conquer](https://mail.example/1)\n\n  On Thu, "
            "Nov 26, 2026 at 9:12, Care\n<care@k.example> wrote:   old text\nmore",
            "New"},
        SplitRow{"words_after_a_colon_are_words",
                 "On Monday I wrote:  no lamp, no light.\nSee 23.11.26, a@b.example:  nothing",
                 "On Monday I wrote:  no lamp, no light.\nSee 23.11.26, a@b.example:  nothing"},
        SplitRow{
            "superhuman",
            "New\n\nSent via Superhuman ( https://sprh.example/?vip=kim )\n\nOn Thu, Nov 26, 2026 "
            "at 9:12 AM, Care < care@k.example > wrote:\n\n> old",
            "New"},
        SplitRow{"german", "Neu\n\nAm 23.11.26 um 10:30 schrieb Kettle Care:\n> alt", "Neu"},
        SplitRow{"german_gmail",
                 "Neu\n\nAm Mo., 23. Nov. 2026 um 10:30 Uhr schrieb Kettle Care "
                 "<\ncare@kettle.example>:\n\n> alt",
                 "Neu"},
        SplitRow{"french",
                 "Neuf\n\nLe lun. 23 nov. 2026 \xC3\xA0 10:30, Kettle <care@k.example> a \xC3\xA9"
                 "crit\xC2\xA0:\n\n> vieux",
                 "Neuf"},
        SplitRow{"spanish",
                 "Nuevo\n\nEl lun, 23 nov 2026 a las 10:30, Kettle (<care@k.example>) "
                 "escribi\xC3\xB3:\n\n> viejo",
                 "Nuevo"},
        SplitRow{"italian",
                 "Nuovo\n\nIl giorno lun 23 nov 2026 alle ore 10:30 Kettle <care@k.example> ha "
                 "scritto:\n\n> v",
                 "Nuovo"},
        SplitRow{"portuguese",
                 "Novo\n\nEm seg., 23 de nov. de 2026 \xC3\xA0s 10:30, Kettle <care@k.example> "
                 "escreveu:\n\n> v",
                 "Novo"},
        SplitRow{"dutch",
                 "Nieuw\n\nOp ma 23 nov 2026 om 10:30 schreef Kettle <care@k.example>:\n\n> o",
                 "Nieuw"},
        SplitRow{"polish", "Nowe\n\nW dniu 23.11.2026 o 10:30, Kettle pisze:\n> s", "Nowe"},
        SplitRow{
            "polish_gmail",
            "Nowe\n\npon., 23 lis 2026 o 10:30 Kettle <care@k.example> napisa\xC5\x82(a):\n\n> s",
            "Nowe"},
        SplitRow{
            "swedish",
            "Nytt\n\nDen m\xC3\xA5n 23 nov. 2026 kl 10:30 skrev Kettle <care@k.example>:\n\n> g",
            "Nytt"},
        SplitRow{"turkish",
                 "Yeni\n\nKettle <care@k.example>, 23 Kas 2026 Pzt, 10:30 tarihinde \xC5\x9Funu "
                 "yazd\xC4\xB1:\n\n> e",
                 "Yeni"},
        SplitRow{"russian",
                 "\xD0\x9D\xD0\xBE\xD0\xB2\xD0\xBE\xD0\xB5\n\n\xD0\xBF\xD0\xBD, 23 "
                 "\xD0\xBD\xD0\xBE\xD1\x8F\xD0\xB1. 2026 \xD0\xB3. \xD0\xB2 10:30, Kettle "
                 "<care@k.example>:\n\n> x",
                 "\xD0\x9D\xD0\xBE\xD0\xB2\xD0\xBE\xD0\xB5"},
        SplitRow{"japanese",
                 "\xE6\x96\xB0\n\n2026\xE5\xB9\xB4"
                 "11\xE6\x9C\x88"
                 "23\xE6\x97\xA5(\xE6\x9C\x88) 10:30 Kettle <care@k.example>:\n\n> old",
                 "\xE6\x96\xB0"},
        SplitRow{"chinese",
                 "\xE6\x96\xB0\n\nKettle <care@k.example> \xE4\xBA\x8E"
                 "2026\xE5\xB9\xB4"
                 "11\xE6\x9C\x88"
                 "23\xE6\x97\xA5\xE5\x91\xA8\xE4\xB8\x80 "
                 "10:30\xE5\x86\x99\xE9\x81\x93\xEF\xBC\x9A\n\n> old",
                 "\xE6\x96\xB0"},
        SplitRow{"an_attribution_whose_quote_is_gone",
                 "New\n\nOn 23/11/2026 10:30, Kettle Care wrote:\n", "New"},
        SplitRow{"answers_between_quotes_stay",
                 "On 1/2/2026 Care wrote:\n> Did it arrive?\nNo, never.\n> Was it hot?\nYes, it "
                 "burnt me.\n",
                 "No, never.\nYes, it burnt me."},
        SplitRow{"bottom_posting",
                 "On 1/2/2026 Care wrote:\n> old\n> old\n\nNew words below.\n-- \nAnn",
                 "New words below."}),
    [](const auto& row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Forwards, SplitMail,
    testing::Values(
        SplitRow{
            "outlook_rule_and_block",
            "Our lawyer writes next.\n\n________________________________\nFrom: Care "
            "<care@k.example>\nSent: 20 November 2026\nTo: Doe\nSubject: RE: x\n\nHappy to help!",
            "Our lawyer writes next."},
        SplitRow{"outlook_block_alone",
                 "New.\n\nFrom: Care <care@k.example>\nSent: Friday\nTo: Doe\nCc: Roe\nSubject: "
                 "RE: x\n\nold",
                 "New."},
        SplitRow{"bold_names",
                 "New.\n\n*From:* Care <care@k.example>\n*Sent:* Friday\n*To:* Doe\n*Subject:* RE: "
                 "x\n\nold",
                 "New."},
        SplitRow{"german_block",
                 "Neu.\n\nVon: Care\nGesendet: Freitag, 20. November 2026\nAn: Doe\nBetreff: AW: "
                 "x\n\nalt",
                 "Neu."},
        SplitRow{
            "french_block",
            "Neuf.\n\nDe : Care\nEnvoy\xC3\xA9 : vendredi\n\xC3\x80 : Doe\nObjet : RE: x\n\nvieux",
            "Neuf."},
        SplitRow{"original_message", "New\n\n-----Original Message-----\nFrom: a\nold", "New"},
        SplitRow{"german_original", "Neu\n\n-----Urspr\xC3\xBCngliche Nachricht-----\nVon: a\nalt",
                 "Neu"},
        SplitRow{"french_original", "Neuf\n\n-------- Message d'origine --------\nDe : a", "Neuf"},
        SplitRow{"gmail_forward",
                 "See below.\n\n---------- Forwarded message ---------\nFrom: a "
                 "<a@b.example>\nDate: Mon\nSubject: s\nTo: c\n\nURGENT",
                 "See below."},
        SplitRow{"apple_forward",
                 "FYI\n\nBegin forwarded message:\n\nFrom: a <a@b.example>\nSubject: s\nDate: "
                 "d\nTo: c\n\nold",
                 "FYI"},
        SplitRow{"nothing_but_a_forward",
                 "---------- Forwarded message ---------\nFrom: a <a@b.example>\nDate: "
                 "Mon\nSubject: s\nTo: c\n\nURGENT",
                 ""}),
    [](const auto& row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Signatures, SplitMail,
    testing::Values(
        SplitRow{"dashes_and_a_blank", "Call me.\n\nAnn\n-- \nAnn Archer\n1 Road",
                 "Call me.\n\nAnn"},
        SplitRow{"dashes_that_lost_their_blank", "Call me.\n--\nAnn Archer", "Call me."},
        SplitRow{"a_dash_line_above_many_words_stays", "a\n--\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n",
                 "a\n--\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11"},
        SplitRow{"phone", "Broken!\n\nSent from my iPhone", "Broken!"},
        SplitRow{"phone_above_a_quote",
                 "Broken!\n\nSent from my Samsung Galaxy\n\nOn 1/2/2026 Care wrote:\n> old",
                 "Broken!"},
        SplitRow{"german_phone", "Kaputt!\n\nVon meinem iPhone gesendet", "Kaputt!"},
        SplitRow{"french_phone", "Cass\xC3\xA9!\n\nEnvoy\xC3\xA9 de mon iPhone", "Cass\xC3\xA9!"},
        SplitRow{"japanese_phone", "x\n\niPhone\xE3\x81\x8B\xE3\x82\x89\xE9\x80\x81\xE4\xBF\xA1",
                 "x"},
        SplitRow{"outlook_app", "x\n\nGet Outlook for iOS<https://aka.ms/o0ukef>", "x"},
        SplitRow{"a_parcel_sent_from_my_home_stays", "The parcel was\nSent from my home on Monday",
                 "The parcel was\nSent from my home on Monday"}),
    [](const auto& row) { return row.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Precision, SplitMail,
    testing::Values(
        SplitRow{"from_in_prose", "From: Berlin\nthe train was late.\nI want my money back.",
                 "From: Berlin\nthe train was late.\nI want my money back."},
        SplitRow{"a_journey_is_no_header_block",
                 "From: Berlin\nTo: Hamburg\nDate: 3 May\nLate by 3 hours.",
                 "From: Berlin\nTo: Hamburg\nDate: 3 May\nLate by 3 hours."},
        SplitRow{"somebody_wrote_in_prose",
                 "On Monday he wrote:\nyour refund comes.\nIt never came.",
                 "On Monday he wrote:\nyour refund comes.\nIt never came."},
        SplitRow{"a_dated_sentence_above_words",
                 "On 3 May 2026 at 10:30 your agent wrote:\nyour refund comes.\nIt never came.",
                 "On 3 May 2026 at 10:30 your agent wrote:\nyour refund comes.\nIt never came."},
        SplitRow{"more_than_in_prose", "I waited\n> 3 hours\nand nobody came",
                 "I waited\n> 3 hours\nand nobody came"},
        SplitRow{"mbox_from", "x\n>From here on\ny", "x\nFrom here on\ny"},
        SplitRow{"a_rule_between_paragraphs", "one\n----------\ntwo", "one\n----------\ntwo"},
        SplitRow{"the_words_original_message", "In your original message\nyou lied.",
                 "In your original message\nyou lied."},
        SplitRow{"protocol_look_alikes", ")\nA004 OK Fetch completed.\n* BYE\n.\n..",
                 ")\nA004 OK Fetch completed.\n* BYE\n.\n.."}),
    [](const auto& row) { return row.param.name; });

TEST(SplitMailQuoted, KeepsWhatWasTakenInOrder) {
  EXPECT_EQ(split_mail("new\nOn 1/2/2026 Care wrote:\n> old\n-- \nAnn").quoted,
            "On 1/2/2026 Care wrote:\n> old\n-- \nAnn");
}

TEST(SplitMailBudget, IsLinear) {
  for (const char* part :
       {"--\n", "-- \n", "> \n", "On 1/1/2026 a <b@c.d> wrote:\nx\n",
        "From: a@b.c\nDate: x\nSubject: y\n> q\n", "Sent from my iPhone\n", ":\n", "_____\n", "\n",
        "-----BEGIN PGP SIGNATURE-----\n", "-----BEGIN PGP SIGNED MESSAGE-----\n"}) {
    std::string plain;
    while (plain.size() < (std::size_t{512} << 10U)) plain += part;
    plain += "> x\n";
    const std::clock_t start = std::clock();  // of this process: others may want the machine too
    split_mail(plain);
    EXPECT_LT(std::clock() - start, CLOCKS_PER_SEC * 5 / 2) << part;
  }
}

}  // namespace
}  // namespace earshot

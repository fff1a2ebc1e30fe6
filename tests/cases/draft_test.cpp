// Replies to customers: what is wrong with words, and who may do what with them.
#include "earshot/cases/draft.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace earshot {
namespace {

const Instant kNow = *parse_rfc3339("2026-03-02T09:30:00Z");
const DraftParts kGood{"The plug melted, and that is our fault.",
                       "Jo Adler has it and rings you today at four.",
                       "From 1 April every Glow has another plug."};

DraftBasis basis_of(bool is_public = true) {
  DraftBasis it;
  it.place = {"mastodon", "care@house.example", true, is_public, 500, "@ann@social.example"};
  it.names = {"Jo Adler", "Jo", "Kim Brandt", "Kim"};
  it.addresses = {"care@house.example"};
  it.owner = "jo";
  return it;
}

CasePolicy policy_of() {
  CasePolicy it;
  it.authority["jo"] = {{"refund_up_to", "250 EUR"}};
  return it;
}

struct Row {
  const char* name;
  DraftParts parts;
  const char* code;  ///< "" = nothing is found
  LintLevel level = LintLevel::warn;
  const char* part = "";
  const char* words = "";  ///< what the offsets point at; all rows are ASCII up to there
  bool is_public = true;
};

DraftParts with(std::string DraftParts::*part, std::string words) {
  DraftParts out = kGood;
  out.*part = std::move(words);
  return out;
}

using P = DraftParts;
const Row kRows[] = {
    {"good_words", kGood, ""},
    {"no_truth", with(&P::truth, " "), "part_missing", LintLevel::bad, "truth"},
    {"no_owner", with(&P::owner, ""), "part_missing", LintLevel::bad, "owner"},
    {"no_change", with(&P::change, ""), "part_missing", LintLevel::bad, "change"},
    {"nobody_named", with(&P::owner, "Our team takes care of it today."), "name_missing",
     LintLevel::bad, "owner"},
    {"a_name_inside_a_word_is_none", with(&P::owner, "Our journey begins today."), "name_missing",
     LintLevel::bad, "owner"},
    {"first_name_is_enough", with(&P::owner, "kim rings you today."), ""},
    {"no_day", with(&P::change, "We will fix the plug."), "no_day", LintLevel::warn, "change"},
    {"a_weekday_is_a_day", with(&P::change, "The plug is changed on Monday."), ""},
    {"an_honest_no_needs_no_day",
     with(&P::change, "The plug will not change, because it is sound."), ""},
    {"soon", with(&P::change, "On 1 April, or soon after."), "soon", LintLevel::warn, "change",
     "soon"},
    {"sooner_is_another_word", with(&P::change, "On 1 April, not sooner."), ""},
    {"bald", with(&P::change, "Am 1. April, oder bald."), "soon", LintLevel::warn, "change",
     "bald"},
    {"blame", with(&P::truth, "You should have read the manual."), "blame", LintLevel::warn,
     "truth", "You should have"},
    {"blame_of_others", with(&P::truth, "Sadly our supplier sent bad plugs."), "blame",
     LintLevel::warn, "truth", "our supplier"},
    {"schuld", with(&P::truth, "Laut unseren AGB ist das so."), "blame", LintLevel::warn, "truth",
     "Laut unseren AGB"},
    {"empty_apology", with(&P::truth, "We are sorry for any inconvenience."), "empty_apology",
     LintLevel::warn, "truth", "any inconvenience"},
    {"sorry_you_feel", with(&P::truth, "We are sorry you feel this way."), "empty_apology",
     LintLevel::warn, "truth", "sorry you feel"},
    {"within_authority", with(&P::owner, "Jo pays back 180 EUR today."), ""},
    {"beyond_authority", with(&P::owner, "Jo pays back 400 EUR today."), "beyond_authority",
     LintLevel::warn, "owner", "400 EUR"},
    {"another_currency", with(&P::owner, "Jo pays back $20 today."), "beyond_authority",
     LintLevel::warn, "owner", "$20"},
    {"amount_with_cents", with(&P::owner, "Jo pays back 1.250,50 EUR today."), "beyond_authority",
     LintLevel::warn, "owner", "1.250,50 EUR"},
    {"mail_address_in_public", with(&P::owner, "Jo writes to ann@example.org today."),
     "personal_data", LintLevel::bad, "owner", "ann@example.org"},
    {"our_own_address", with(&P::owner, "Jo reads Care@house.example today."), ""},
    {"an_account_is_no_address", with(&P::truth, "@ann@social.example is right."), ""},
    {"mail_address_in_private", with(&P::owner, "Jo writes to ann@example.org today."), "",
     LintLevel::warn, "", "", false},
    {"telephone_in_public", with(&P::owner, "Jo rings you today on +44 20 7946 0958."),
     "personal_data", LintLevel::warn, "owner", "+44 20 7946 0958"},
    {"iban_in_public", with(&P::owner, "Jo pays to DE89 3704 0044 0532 0130 00 today."),
     "personal_data", LintLevel::bad, "owner", "DE89 3704 0044 0532 0130 00"},
    {"card_even_in_mail", with(&P::truth, "You paid with 4111 1111 1111 1111."), "personal_data",
     LintLevel::bad, "truth", "4111 1111 1111 1111", false},
    {"an_order_number_is_no_telephone", with(&P::truth, "Order 7712345 got lost."), ""},
    {"a_version_is_no_amount", with(&P::change, "Version 4.2 has it."), ""},
    {"too_long", with(&P::truth, std::string(480, 'x')), "too_long", LintLevel::bad},
};

class DraftWords : public testing::TestWithParam<Row> {};

TEST_P(DraftWords, AreJudged) {
  const Row& row = GetParam();
  const auto found = check_draft(row.parts, basis_of(row.is_public), policy_of());
  if (std::string_view{row.code}.empty()) {
    for (const LintFinding& it : found) ADD_FAILURE() << it.code << ": " << it.text;
    return;
  }
  ASSERT_EQ(found.size(), 1U) << (found.empty() ? "" : found.back().text);
  EXPECT_EQ(found[0].code, row.code);
  EXPECT_EQ(found[0].level, row.level);
  EXPECT_EQ(found[0].part, row.part);
  if (std::string_view{row.words}.empty()) return;
  const std::string& text = found[0].part == "truth"   ? row.parts.truth
                            : found[0].part == "owner" ? row.parts.owner
                                                       : row.parts.change;
  EXPECT_EQ(text.substr(found[0].from, found[0].to - found[0].from), row.words);
}

INSTANTIATE_TEST_SUITE_P(Rows, DraftWords, testing::ValuesIn(kRows),
                         [](const auto& row) { return row.param.name; });

TEST(DraftWords, OffsetsAreUtf16) {
  const auto found = check_draft(with(&P::truth, "\xF0\x9F\x94\xA5 \xC3\xBC you should have"),
                                 basis_of(), policy_of());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].from, 5U);  // two units, a blank, one unit, a blank
  EXPECT_EQ(found[0].to, 20U);
}

TEST(DraftWords, WhatWasGrantedMayBePromised) {
  DraftBasis basis = basis_of();
  basis.granted = {"400 EUR"};
  EXPECT_TRUE(
      check_draft(with(&P::owner, "Jo pays back 400 EUR today."), basis, policy_of()).empty());
}

TEST(DraftWords, GiftsOfSomebodyWithoutAuthorityAreNoted) {
  const auto found =
      check_draft(with(&P::owner, "Jo sends a refund today."), basis_of(), CasePolicy{});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].code, "beyond_authority");
}

TEST(DraftWords, ALinkCountsTheSameWhateverItsLength) {
  EXPECT_EQ(reply_length("see https://example.org/" + std::string(300, 'x') + " now"), 33U);
  EXPECT_EQ(reply_length("\xC3\xBC\xF0\x9F\x94\xA5"), 2U);
}

/// A case of jo's and its rules.
struct Desk {
  Desk() {
    about.id = "c1";
    about.number = 7;
    about.owner = "jo";
    about.state = CaseState::acknowledged;
    about.customer_handle = "ann";
    rules.basis = basis_of();
    rules.people = {"jo", "kim", "lee"};
    rules.usual_approver = "kim";
  }
  DraftDone does(const std::string& who, DraftAction action, DraftParts parts = {},
                 const std::string& person = "", const std::string& remark = "", int version = 0) {
    DraftCommand command;
    command.action = action;
    command.who = who;
    command.parts = std::move(parts);
    command.person = person;
    command.remark = remark;
    command.version = version;
    DraftDone done = apply_draft(draft, command, about, rules, kNow, policy_of());
    if (done.changed) draft = done.after;
    return done;
  }
  std::string refusal(const std::string& who, DraftAction action, const std::string& person = "",
                      const std::string& remark = "") {
    const DraftDone done = does(who, action, {}, person, remark);
    return done.refusal ? done.refusal->code : "";
  }
  Case about;
  DraftRules rules;
  std::optional<Draft> draft;
};

using enum DraftAction;

TEST(Draft, GoesFromHandToHand) {
  Desk desk;
  EXPECT_EQ(desk.does("jo", write, kGood).entry, "draft_write");
  const DraftDone asked = desk.does("jo", ask);
  ASSERT_EQ(asked.letters.size(), 1U);
  EXPECT_EQ(asked.letters[0].person, "kim");
  EXPECT_NE(asked.letters[0].text.find("The plug melted"), std::string::npos);
  EXPECT_EQ(desk.does("kim", approve).entry, "draft_approve");
  const DraftDone sent = desk.does("jo", send);
  EXPECT_EQ(sent.after.text,
            "@ann@social.example The plug melted, and that is our fault. Jo Adler has it and rings "
            "you today at four. From 1 April every Glow has another plug.");
  EXPECT_EQ(sent.after.delivery, DraftDelivery::queued);
  EXPECT_FALSE(desk.does("jo", send).changed);  // asked twice: the same answer
  EXPECT_EQ(desk.does("jo", write, with(&P::truth, "Other words.")).refusal->code, "under_way");
}

TEST(Draft, NobodyApprovesTheirOwnWords) {
  Desk desk;
  desk.does("jo", write, kGood);
  desk.does("lee", write, with(&P::change, "From 2 April."));
  EXPECT_EQ(desk.refusal("jo", ask, "lee"), "own_words");
  EXPECT_EQ(desk.refusal("jo", ask, "jo"), "own_words");
  EXPECT_EQ(desk.refusal("jo", ask, "stranger"), "not_yours");
  EXPECT_EQ(desk.refusal("kim", approve), "not_asked");
  EXPECT_EQ(desk.refusal("jo", send), "not_approved");
  desk.does("jo", ask);
  EXPECT_EQ(desk.refusal("lee", approve), "own_words");
  EXPECT_EQ(desk.refusal("script", approve), "not_yours");
  EXPECT_EQ(desk.refusal("kim", approve), "");
}

TEST(Draft, OtherWordsWantAnotherApproval) {
  Desk desk;
  desk.does("jo", write, kGood);
  desk.does("jo", ask);
  desk.does("kim", approve);
  EXPECT_FALSE(desk.does("jo", write, kGood).changed);
  EXPECT_EQ(desk.draft->state, DraftState::approved);  // the same words
  desk.does("jo", write, with(&P::change, "From 2 April."));
  EXPECT_EQ(desk.refusal("jo", send), "not_approved");
  EXPECT_EQ(desk.draft->approver, "");
}

TEST(Draft, BadWordsAreNotShownToAnybody) {
  Desk desk;
  desk.does("jo", write, with(&P::change, ""));
  EXPECT_EQ(desk.refusal("jo", ask), "draft_bad");
  desk.does("jo", write, kGood);
  desk.does("jo", ask);
  desk.rules.basis.place.limit = 50;  // a reload
  EXPECT_EQ(desk.refusal("kim", approve), "draft_bad");
}

TEST(Draft, IsSentBackWithARemark) {
  Desk desk;
  desk.does("jo", write, kGood);
  desk.does("jo", ask);
  EXPECT_EQ(desk.refusal("kim", refuse), "remark_missing");
  const DraftDone back = desk.does("kim", refuse, {}, "", "Say what melted.");
  EXPECT_EQ(back.letters.at(0).person, "jo");
  EXPECT_EQ(desk.refusal("jo", ask), "not_writing");
  EXPECT_EQ(desk.refusal("kim", approve), "not_asked");
}

TEST(Draft, IsLockedByVersion) {
  Desk desk;
  desk.does("jo", write, kGood);
  EXPECT_EQ(desk.does("lee", write, with(&P::truth, "Mine."), "", "", 7).refusal->code, "version");
  EXPECT_TRUE(desk.does("lee", write, with(&P::truth, "Mine."), "", "", 1).changed);
}

TEST(Draft, IsRefusedWhereNothingMayBeSaid) {
  Desk desk;
  EXPECT_EQ(desk.refusal("jo", ask), "no_draft");
  EXPECT_EQ(desk.refusal("jo", write), "draft_empty");
  desk.does("jo", write, kGood);
  desk.about.hold = "a lawyer's letter";
  EXPECT_NE(desk.refusal("jo", ask), "");
  desk.about.hold.clear();
  desk.about.state = CaseState::dismissed;
  EXPECT_EQ(desk.refusal("jo", ask), "ended");
  desk.about.state = CaseState::closed;
  EXPECT_EQ(desk.refusal("jo", ask), "") << "a change is told to whoever raised it";
}

TEST(Draft, IsSentByThoseOfTheCaseAndOnlyWhereAWayIs) {
  Desk desk;
  desk.does("jo", write, kGood);
  desk.does("jo", ask);
  desk.does("kim", approve);
  EXPECT_EQ(desk.refusal("lee", send), "not_yours");
  desk.rules.basis.place.sends = false;
  EXPECT_EQ(desk.refusal("jo", send), "not_configured");
  desk.rules.basis.place.sends = true;
  desk.about.owner.clear();
  EXPECT_EQ(desk.refusal("jo", send), "owner_missing");
  desk.about.owner = "jo";
  EXPECT_EQ(desk.refusal("kim", send), "");
}

TEST(Draft, WhatIsLostIsToldAndSentAgainByAPersonOnly) {
  Desk desk;
  desk.does("jo", write, kGood);
  desk.does("jo", ask);
  desk.does("kim", approve);
  desk.does("jo", send);
  const DraftDone lost =
      draft_lost(*desk.draft, DraftDelivery::uncertain, "the connection was cut", desk.about);
  EXPECT_EQ(lost.letters.at(0).person, "jo");
  desk.draft = lost.after;
  EXPECT_EQ(desk.refusal("jo", send), "");
  EXPECT_EQ(desk.draft->attempt, 2);
  EXPECT_EQ(desk.draft->delivery, DraftDelivery::queued);
}

TEST(Draft, SurvivesItsJson) {
  Desk desk;
  desk.does("jo", write, kGood);
  desk.does("jo", ask);
  desk.does("kim", approve);
  desk.does("jo", send);
  const auto read =
      draft_from_json(to_json(draft_arrived(*desk.draft, "https://x.example/1").after));
  ASSERT_TRUE(read);
  EXPECT_EQ(to_json(*read), to_json(draft_arrived(*desk.draft, "https://x.example/1").after));
}

}  // namespace
}  // namespace earshot

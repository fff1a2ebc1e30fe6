#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "earshot/classify/features.hpp"
#include "shipped.hpp"

namespace earshot {
namespace {

using namespace test;

struct CueRow {
  const char* name;
  const char* text;
  Cue cue;
  bool has;
  bool urgent;
};
class Cues : public testing::TestWithParam<CueRow> {};
TEST_P(Cues, AreToldAsPresentFactOrNot) {
  const CueRow& row = GetParam();
  const Assessment got = unwatched().assess(post_of(row.text));
  EXPECT_EQ(std::find(got.cues.begin(), got.cues.end(), row.cue) != got.cues.end(), row.has);
  EXPECT_EQ(got.urgent, row.urgent) << got.urgent_reason;
  EXPECT_EQ(got.urgent, !got.urgent_reason.empty());
  EXPECT_FALSE(unwatched().account(post_of(row.text)).reasons.empty());
}
INSTANTIATE_TEST_SUITE_P(
    Table, Cues,
    testing::Values(
        CueRow{"a_charger_that_caught_fire", "Your charger caught fire last night", Cue::safety,
               true, true},
        CueRow{"a_calm_hazard",
               "Good morning. There is a smell of gas since your installer left. Kind regards",
               Cue::safety, true, true},
        CueRow{"a_song_that_is_fire", "this song is fire", Cue::safety, false, false},
        CueRow{"no_smoke", "the charger gave no smoke and no sparks, all fine", Cue::safety, false,
               false},
        CueRow{"a_fire_sale", "fire sale on last year's phones", Cue::safety, false, false},
        CueRow{"killing_me", "this hold music is killing me", Cue::threat, false, false},
        CueRow{"an_english_brand_is_no_fire", "I am moving to another brand.", Cue::safety, false,
               false},
        CueRow{"a_hazard_in_dutch", "De oplader vloog vannacht in brand", Cue::safety, true, true},
        CueRow{"a_hazard_in_german", "Das Ladegerät hat heute Nacht gebrannt", Cue::safety, true,
               true},
        CueRow{"a_hazard_in_french", "Le chargeur a pris feu cette nuit", Cue::safety, true, true},
        CueRow{"a_hazard_in_japanese", "ルーターから煙が出て発火しました", Cue::safety, true, true},
        CueRow{"a_fire_in_swedish", "laddaren började brinna i natt", Cue::safety, true, true},
        CueRow{"a_smell_of_gas_in_polish", "czuć gaz po wizycie waszego technika", Cue::safety,
               true, true},
        CueRow{"anothers_data_in_polish", "w aplikacji widzę cudze wyniki badań", Cue::breach, true,
               true},
        CueRow{"an_account_taken_in_swedish", "någon har kapat mitt konto", Cue::breach, true,
               true},
        CueRow{"money_gone", "unauthorised payments of 300 today and nobody picks up", Cue::fraud,
               true, true},
        CueRow{"money_gone_in_disguise", "they are sc4mmers, t00k my m0ney", Cue::fraud, true,
               true},
        CueRow{"a_billing_error_is_no_fraud", "I was charged twice for the same month", Cue::fraud,
               false, false},
        CueRow{"another_customers_bill", "Why did you email me another customer's full invoice?",
               Cue::breach, true, true},
        CueRow{"a_step_to_the_ombudsman", "I have reported you to the ombudsman", Cue::legal, true,
               true},
        CueRow{"a_legal_word", "my sister just became a lawyer", Cue::legal, false, false},
        CueRow{"leaving", "Switching to another provider, good riddance", Cue::churn, true, false},
        CueRow{"the_third_call", "This is the third time I call about it", Cue::repeat_contact,
               true, false},
        CueRow{"a_first_call", "I have a question about my bill", Cue::repeat_contact, false,
               false},
        CueRow{"a_promise_broken", "I was promised a call back by Monday. Nothing.",
               Cue::broken_promise, true, false},
        CueRow{"a_person_wanted", "can I please talk to a real person", Cue::wants_human, true,
               false},
        CueRow{"an_outage_alone_is_not_urgent", "no internet since yesterday", Cue::outage, true,
               false},
        CueRow{"an_outage_that_stops_a_shop", "our card machine is down, we cannot take payments",
               Cue::outage, true, true},
        CueRow{"news_of_a_recall_is_not_urgent",
               "BREAKING: report says chargers caught fire in three countries", Cue::safety, true,
               false}),
    [](const auto& row) { return row.param.name; });

struct TargetRow {
  const char* name;
  const char* text;
  About about;
  const char* principal;
  const char* mentioned;
};
class Targeted : public testing::TestWithParam<TargetRow> {};
TEST_P(Targeted, KnowsWhomItIsAboutAndToWhomItSpeaks) {
  const Assessment got = watched().assess(post_of(GetParam().text));
  EXPECT_EQ(got.about, GetParam().about);
  EXPECT_EQ(got.principal, GetParam().principal);
  EXPECT_EQ(got.mentioned_principal, GetParam().mentioned);
}
INSTANTIATE_TEST_SUITE_P(
    Table, Targeted,
    testing::Values(
        TargetRow{"a_leading_handle_speaks_to_the_principal",
                  "@brightwave_ceo my line is dead for a week", About::us, "ceo", ""},
        TargetRow{"with_any_host", "@brightwave_ceo@social.example my line is dead for a week",
                  About::us, "ceo", ""},
        TargetRow{"a_handle_in_the_third_person",
                  "I wonder what it is like to be interviewed by @brightwave_ceo about fibre",
                  About::us, "", "ceo"},
        TargetRow{"a_salutation", "Dear Mara Lind, no one answers my letters.", About::us, "ceo",
                  ""},
        TargetRow{"a_salutation_with_a_title", "Dear Ms Lind, no one answers my letters.",
                  About::us, "ceo", ""},
        TargetRow{"a_german_salutation", "Sehr geehrte Frau Lind, seit Wochen antwortet niemand.",
                  About::us, "ceo", ""},
        TargetRow{"an_office_as_addressee", "To the CEO of Brightwave: two weeks without my card.",
                  About::us, "ceo", ""},
        TargetRow{"an_office_in_the_third_person", "I read that the CEO of Brightwave earns a lot",
                  About::us, "", "ceo"},
        TargetRow{"a_name_in_the_third_person", "Great interview with Mara Lind on rural fibre",
                  About::us, "", "ceo"},
        TargetRow{"our_handle", "@BrightwaveHelp where is my parcel?", About::us, "", ""},
        TargetRow{"our_handle_in_a_country", "@Brightwave_BE where is my parcel?", About::us, "",
                  ""},
        TargetRow{"a_jester_of_the_principal", "@brightwave_ceo_parody says hello", About::us, "",
                  ""},
        TargetRow{"our_name_in_other_letters", "Вrightwave lost my parcel again", About::us, "",
                  ""},
        TargetRow{"our_product_as_a_tag", "my #glowmini is broken again", About::us, "", ""},
        TargetRow{"only_a_rival", "Dimly lost my parcel again, useless", About::rival, "", ""},
        TargetRow{"a_rivals_handle", "@dimly your app is down again", About::rival, "", ""},
        TargetRow{"somebody_else", "@someotherfirm your app is down again", About::none, "", ""},
        TargetRow{"another_firm_by_its_shape",
                  "Zentel's app has crashed five times today, unusable", About::none, "", ""},
        TargetRow{"a_complaint_to_nobody_is_ours", "where is my refund, it has been seven weeks",
                  About::us, "", ""},
        TargetRow{"small_talk_is_nobodys", "happy birthday my friend", About::none, "", ""}),
    [](const auto& row) { return row.param.name; });

TEST(Targeted, AnAddressInToIsSpokenTo) {
  Post post = post_of("The delivery never came and nobody answers.");
  post.channel = Channel::email;
  post.addressed = {"ceo@brightwave.example"};
  EXPECT_EQ(watched().assess(post).principal, "ceo");
}

TEST(Targeted, AMachineNeverComplains) {
  Post post = post_of("This is terrible service, my order never arrived and I was charged twice");
  EXPECT_TRUE(unwatched().assess(post).is_complaint);
  post.automatic = Automatic::auto_reply;
  EXPECT_FALSE(unwatched().assess(post).is_complaint);
}

TEST(Targeted, ARivalsHazardIsNotOurs) {
  EXPECT_FALSE(watched().assess(post_of("The Dimly lamp caught fire in our kitchen")).urgent);
}

TEST(Classifier, WhereNobodyIsWatchedAnotherLanguageThanEnglishMustBeSurer) {
  const auto bar = [](const Classifier& classifier, const char* language) {
    Post post = post_of("@BrightwaveHelp router");
    post.language = language;
    return classifier.assess(post).threshold;
  };
  const double english = bar(unwatched(), "en");
  EXPECT_NEAR(bar(unwatched(), "de"), english + 0.3 * (1 - english), 1e-9);
  EXPECT_EQ(bar(unwatched(), "de"), bar(unwatched(), "es"));
  EXPECT_EQ(bar(watched(), "de"), bar(watched(), "en"));
}

TEST(Classifier, WeightsSumToTheLogOdds) {
  for (const char* text :
       {"@BrightwaveHelp my router has been dead since Monday, third call!", "lovely weather today",
        "Le chargeur a pris feu, c'est inadmissible", "s.e.r.v.i.c.e i.s a j.o.k.e",
        "@BrightwaveHelp 👎👎👎", "ルーターから煙が出て",
        "We walked along the river in the morning and had soup at noon. My sister brought the dog. "
        "In the evening the router was dead again and nobody answered the phone, which is a "
        "disgrace. After that we all watched a film and went to bed early."}) {
    const Post post = post_of(text);
    double sum = 0;
    for (const Weight& weight : unwatched().explain(post)) sum += weight.weight;
    EXPECT_NEAR(1 / (1 + std::exp(-sum)), unwatched().assess(post).complaint, 1e-9) << text;
  }
}

/// Seen on the day a stronger gate was tried: few words, a product of ours, a fire.
TEST(Classifier, AFireOfOursNeedsNoGate) {
  const Assessment it = watched().assess(post_of("my Brightwave Glow lamp is on fire"));
  EXPECT_TRUE(it.urgent);
  EXPECT_TRUE(it.is_complaint);
}

TEST(Classifier, IsPure) {
  const Post post = post_of("Where is my refund? Seven weeks!");
  const Assessment once = unwatched().assess(post);
  for (int i = 0; i < 300; ++i) unwatched().assess(post_of("another text " + std::to_string(i)));
  EXPECT_EQ(unwatched().assess(post).complaint, once.complaint);
}

TEST(Classifier, HostileTextsAreJudgedToo) {
  for (const std::string& text :
       {std::string(200'000, 'a'), std::string(200'000, '@'), std::string(100'000, '!'),
        std::string("\xFF\xFE\x80 a"), std::string(50'000, '\n'), std::string("\u2019"),
        std::string("a \u2018\u2019"), std::string()}) {
    const Assessment got = watched().assess(post_of(text));
    EXPECT_GE(got.complaint, 0.0);
    EXPECT_LE(got.complaint, 1.0);
  }
}

TEST(Thresholds, AMailToNobodyMustBeSurer) {
  const auto of = [](const Classifier& classifier, Channel channel) {
    Post post = post_of("the invoice you sent is wrong again");
    post.channel = channel;
    return classifier.assess(post).threshold;
  };
  const Model model = shipped();
  const auto own = [&](Place place) { return model.place(place).threshold; };
  EXPECT_NEAR(of(unwatched(), Channel::email), own(Place::email) * 0.85 + 0.15, 1e-9);
  EXPECT_NEAR(of(unwatched(), Channel::review), own(Place::review), 1e-9);
  EXPECT_NEAR(of(watched(), Channel::email), own(Place::watched_email), 1e-9);
}

TEST(Lexicon, MistakesNameTheirLine) {
  EXPECT_NE(parse_lexicon("language: en\ngroups:\n  danger:\n").error().message.find("line 3"),
            std::string::npos);
  EXPECT_FALSE(parse_lexicon("groups:\n  safety:\n    match:\n      - fire\n"));
  EXPECT_FALSE(Lexicon::compile({{"safety", "en", {"..  fire"}, {}}}));
  EXPECT_FALSE(Lexicon::compile({{"safety", "en", {"(fire"}, {}}}));
  EXPECT_TRUE(Lexicon::compile({{"topic.roaming", "en", {"roaming (fee|fees)"}, {}}}));
}

}  // namespace
}  // namespace earshot

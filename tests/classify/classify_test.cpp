#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "../../src/classify/word_list.hpp"
#include "earshot/classify/classifier.hpp"
#include "earshot/classify/features.hpp"
#include "earshot/classify/train.hpp"

namespace earshot {
namespace {

std::string file(const std::string& name) {
  std::ifstream in(EARSHOT_SOURCE_DIR "/" + name, std::ios::binary);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

Model shipped() {
  auto model = Model::from_bytes(file("config/model/complaint.model"));
  EXPECT_TRUE(model.ok());
  return model.ok() ? std::move(*model) : Model{};
}

Watch brightwave() {
  Watch watch;
  watch.company.name = "Brightwave";
  watch.company.handles = {"Brightwave", "BrightwaveHelp"};
  watch.company.products = {{"Glow", {}}, {"Glow Mini", {"glowmini"}}};
  watch.company.rivals = {{"Dimly", {}, {"dimly"}}, {"Orbis Bank", {}, {}}};
  watch.principals = {{"ceo",
                       "Mara Lind",
                       "chief executive",
                       {"brightwave_ceo"},
                       {"ceo@brightwave.example"},
                       {"the CEO of Brightwave"},
                       "kim"}};
  return watch;
}

const Classifier& unwatched() {
  static const Classifier kOne{shipped(), Lexicon{}, Watch{}};
  return kOne;
}
const Classifier& watched() {
  static const Classifier kOne{shipped(), Lexicon{}, brightwave()};
  return kOne;
}

Post post_of(std::string text) {
  Post post;
  post.text = std::move(text);
  return post;
}

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

TEST(Features, SumsAreThoseOfTheListedFeatures) {
  const Model model = shipped();
  const std::span<const std::int8_t> weights = model.parts().weights;
  const Lexicon lexicon;
  const NameTable names{brightwave()};
  // Twice each: the second time the words come from the cache.
  for (const std::string text :
       {"My ROUTER is dead!!! @x https://a.b/c Brightwave's Glow Mini",
        "Größe und Öl — naïve café 👍", "", "t00k my m0ney", "dead dead dead",
        "My ROUTER is dead!!! @x https://a.b/c", "t00k my m0ney"}) {
    const WordList words{text};
    const std::vector<Hit> hits = lexicon.find(words);
    const FeatureText reading{text, &words, hits, &names, Channel::post, true};
    Blocks blocks;
    extract_features(reading, model.mask(), blocks);
    const LaneSums sums = sum_weights(reading, model.mask(), weights.data(), model.serial());
    for (std::size_t b = 0; b < kBlocks; ++b) {
      std::array<std::int64_t, kLanes> sum{};
      for (const Feature& feature : blocks[b]) {
        for (std::size_t k = 0; k < kLanes; ++k) sum[k] += weights[kLanes * feature.hash + k];
      }
      for (std::size_t k = 0; k < kLanes; ++k) EXPECT_EQ(sum[k], sums.sum[b][k]) << text;
      EXPECT_EQ(blocks[b].size(), sums.count[b]) << text;
    }
  }
}

TEST(Features, WatchedNamesTeachNothing) {
  Watch other = brightwave();
  other.company.name = "Northgate";
  const NameTable ours{brightwave()};
  const NameTable theirs{other};
  const auto of = [](const std::string& text, const NameTable& names) {
    const WordList words{text};
    Blocks blocks;
    const FeatureText reading{text, &words, {}, &names, Channel::post, true};
    extract_features(reading, 0x3FFFFU, blocks);
    std::vector<std::uint32_t> hashes;
    for (const auto& block : blocks) {
      for (const Feature& feature : block) hashes.push_back(feature.hash);
    }
    return hashes;
  };
  EXPECT_EQ(of("Brightwave lost my parcel", ours), of("Northgate lost my parcel", theirs));
  EXPECT_NE(of("Brightwave lost my parcel", theirs), of("Northgate lost my parcel", theirs));
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

TEST(Features, ARunOfPicturesIsOneOfThemSaidLouder) {
  const auto of = [](const std::string& text, std::size_t block) {
    const WordList words{text};
    Blocks blocks;
    extract_features({text, &words, {}, nullptr, Channel::post, true}, 0x3FFFFU, blocks);
    std::vector<std::uint32_t> hashes;
    for (const Feature& feature : blocks[block]) hashes.push_back(feature.hash);
    return hashes;
  };
  constexpr std::size_t kWords = 0;
  constexpr std::size_t kStyle = 2;
  EXPECT_EQ(of("@BrightwaveHelp 👎👎👎", kWords), of("@BrightwaveHelp 👎", kWords));
  EXPECT_NE(of("@BrightwaveHelp 👎👎👎", kStyle), of("@BrightwaveHelp 👎", kStyle));
  EXPECT_NE(of("what!!!", kWords), of("what!", kWords)) << "marks are told by their number";
}

TEST(Features, HandlesAreFoundAndTakenOut) {
  EXPECT_TRUE(has_handle("hi @brightwave"));
  EXPECT_FALSE(has_handle("mail me at a@b.example"));
  EXPECT_EQ(without_handles("@a@b.example @c hello @d!"), "hello !");
}

TEST(ModelFile, RoundTrips) {
  const Model model = shipped();
  auto again = Model::from_bytes(std::string{model.bytes()});
  ASSERT_TRUE(again);
  EXPECT_EQ(again->note(), model.note());
  EXPECT_NE(again->serial(), model.serial());
  EXPECT_LE(model.bytes().size(), 6 * (std::size_t{1} << 20U));
}

struct BadRow {
  const char* name;
  void (*damage)(std::string&);
  const char* says;
};
class BadModel : public testing::TestWithParam<BadRow> {};
TEST_P(BadModel, IsRefusedWithAReason) {
  std::string bytes = file("config/model/complaint.model");
  GetParam().damage(bytes);
  const auto model = Model::from_bytes(bytes);
  ASSERT_FALSE(model);
  EXPECT_NE(model.error().message.find(GetParam().says), std::string::npos)
      << model.error().message;
}
INSTANTIATE_TEST_SUITE_P(
    Table, BadModel,
    testing::Values(
        BadRow{"empty", [](std::string& b) { b.clear(); }, "not a model"},
        BadRow{"something_else", [](std::string& b) { b = "{\"a\":1}"; }, "not a model"},
        BadRow{"cut_in_the_head", [](std::string& b) { b.resize(50); }, "cut short"},
        BadRow{"cut_in_the_weights", [](std::string& b) { b.resize(b.size() - 1); }, "cut short"},
        BadRow{"longer", [](std::string& b) { b += 'x'; }, "are wanted"},
        BadRow{"other_byte_order",
               [](std::string& b) { std::reverse(b.begin() + 8, b.begin() + 12); }, "byte order"},
        BadRow{"other_version", [](std::string& b) { b[12] = 9; }, "format version 9"},
        BadRow{"other_features", [](std::string& b) { b[16] = 9; }, "features version 9"},
        BadRow{"one_bit",
               [](std::string& b) { b[b.size() / 2] = static_cast<char>(b[b.size() / 2] ^ 1); },
               "checksum"},
        BadRow{"huge_numbers", [](std::string& b) { b[20] = 60; }, "out of range"}),
    [](const auto& row) { return row.param.name; });

TEST(Lexicon, MistakesNameTheirLine) {
  EXPECT_NE(parse_lexicon("language: en\ngroups:\n  danger:\n").error().message.find("line 3"),
            std::string::npos);
  EXPECT_FALSE(parse_lexicon("groups:\n  safety:\n    match:\n      - fire\n"));
  EXPECT_FALSE(Lexicon::compile({{"safety", "en", {"..  fire"}, {}}}));
  EXPECT_FALSE(Lexicon::compile({{"safety", "en", {"(fire"}, {}}}));
  EXPECT_TRUE(Lexicon::compile({{"topic.roaming", "en", {"roaming (fee|fees)"}, {}}}));
}

std::vector<Example> examples_of(const std::string& name) {
  std::vector<Example> out;
  std::istringstream lines(file(name));
  for (std::string line; std::getline(lines, line);) {
    auto document = parse_json(line);
    EXPECT_TRUE(document.ok()) << name;
    auto example = example_from_json(*document);
    EXPECT_TRUE(example.ok()) << name;
    out.push_back(std::move(*example));
  }
  return out;
}

std::vector<Figures> judged_by_shipped(const std::vector<Example>& examples) {
  std::vector<Judged> judged;
  for (const Example& example : examples) {
    const Assessment got = unwatched().assess(example.post);
    judged.push_back({&example, got.complaint, got.is_complaint, got.urgent, got});
  }
  return measure(judged);
}

TEST(Accuracy, KeepsItsFloorOnTextsNotTrainedOn) {
  const std::vector<Example> examples = examples_of("data/own/varied_test.jsonl");
  const Figures all = judged_by_shipped(examples).front();
  EXPECT_GE(all.macro_f1, 0.65);
  EXPECT_GE(all.urgent_recall, 0.6);
  EXPECT_GE(all.urgent_precision, 0.8);
}

/// The company of data/corpus, as data/corpus/watch.yaml names it.
Watch corpus_watch() {
  Watch watch;
  watch.company.name = "Brightwave";
  watch.company.handles = {"Brightwave",    "BrightwaveHelp", "Brightwave_DE", "Brightwave_ES",
                           "Brightwave_FR", "Brightwave_IT",  "Brightwave_PT", "Brightwave_NL",
                           "Brightwave_PL", "Brightwave_SE",  "Brightwave_TR", "Brightwave_JP",
                           "Brightwave_IN", "Brightwave_BR"};
  watch.company.products = {{"Glow", {}}, {"Glow Mini", {}}, {"Brightwave Hub", {}}};
  watch.company.rivals = {{"Zentel", {}, {"zentel"}}, {"Dimly", {}, {"dimly"}}};
  watch.principals = {{"ceo",
                       "Mara Lindqvist",
                       "chief executive",
                       {"maralindqvist"},
                       {"mara.lindqvist@brightwave.example"},
                       {"リンドクヴィスト"},
                       ""}};
  return watch;
}

/// What the shipped model reaches on the corpus' kept part (docs/model-card.md). A change that
/// loses more than half a point of it fails; one that gains moves the figure here.
TEST(Accuracy, OfTheKeptPartDropsByHalfAPointAtMost) {
  const Classifier classifier{shipped(), Lexicon{}, corpus_watch()};
  std::vector<Example> kept;
  for (const auto& entry : std::filesystem::directory_iterator{EARSHOT_SOURCE_DIR "/data/corpus"}) {
    if (entry.path().extension() != ".jsonl") continue;
    for (Example& example : examples_of("data/corpus/" + entry.path().filename().string())) {
      if (kept_for_test(example.post.text)) kept.push_back(std::move(example));
    }
  }
  std::vector<Judged> judged;
  for (const Example& example : kept) {
    const Assessment got = classifier.judge(example.post);
    judged.push_back({&example, got.complaint, got.is_complaint, got.urgent, got});
  }
  const Figures all = measure(judged).front();
  EXPECT_GE(all.rows, 5300U);
  EXPECT_GE(all.accuracy, 0.828 - 0.005);
  EXPECT_GE(all.urgent_recall, 0.843 - 0.005);
  EXPECT_GE(all.urgent_precision, 0.743 - 0.005);
  EXPECT_GE(all.about_right, 0.962 - 0.005);
  EXPECT_GE(all.principal_recall, 0.967 - 0.005);
  EXPECT_GE(all.topic_precision, 0.590 - 0.005);
  EXPECT_GE(all.topic_recall, 0.370 - 0.005);
}

/// Labels of a source where "lovely" is a complaint: the operator knows its people.
std::vector<Example> local_labels() {
  std::vector<Example> out;
  for (int i = 0; i < 60; ++i) {
    Example example;
    example.post = post_of((i % 2 == 0 ? "lovely lovely number " : "weather report number ") +
                           std::to_string(i));
    example.post.source = "shop";
    example.complaint = i % 2 == 0 ? 1 : 0;
    out.push_back(std::move(example));
  }
  return out;
}

TEST(Adapt, MovesOneSourceOnlyAndIsUnlearntToTheByte) {
  const Model base = shipped();
  const TrainWith with{Lexicon{}, Watch{}};
  const std::vector<Example> labels = local_labels();
  auto learnt = adapt(base, "shop", labels, with);
  ASSERT_TRUE(learnt) << learnt.error().message;
  const Classifier before{base, Lexicon{}, Watch{}};
  const Classifier after{*learnt, Lexicon{}, Watch{}};
  Post here = post_of("lovely lovely day");
  here.source = "shop";
  EXPECT_FALSE(before.assess(here).is_complaint);
  EXPECT_TRUE(after.assess(here).is_complaint);
  double sum = 0;
  for (const Weight& weight : after.explain(here)) sum += weight.weight;
  EXPECT_NEAR(1 / (1 + std::exp(-sum)), after.assess(here).complaint, 1e-9);
  Post elsewhere = here;
  elsewhere.source = "other";
  EXPECT_EQ(before.assess(elsewhere).complaint, after.assess(elsewhere).complaint);
  auto unlearnt = adapt(*learnt, "shop", {}, with);
  ASSERT_TRUE(unlearnt);
  EXPECT_EQ(unlearnt->bytes(), base.bytes());
}

TEST(Adapt, FewLabelsMoveTheBiasAlone) {
  const TrainWith with{Lexicon{}, Watch{}};
  std::vector<Example> labels = local_labels();
  labels.resize(6);
  auto learnt = adapt(shipped(), "shop", labels, with);
  ASSERT_TRUE(learnt);
  const Delta* delta = learnt->delta("shop");
  ASSERT_NE(delta, nullptr);
  EXPECT_TRUE(std::all_of(delta->weights.begin(), delta->weights.end(),
                          [](std::int8_t w) { return w == 0; }));
  EXPECT_NE(delta->numbers.bias, 0);
}

TEST(Corpus, TheKeptPartIsTheCheckersOwn) {
  // python3: int(hashlib.sha256(b"b").hexdigest(), 16) % 5 is 0; of b"a" it is 4.
  EXPECT_TRUE(kept_for_test("b"));
  EXPECT_FALSE(kept_for_test("a"));
  std::size_t kept = 0;
  for (int i = 0; i < 1000; ++i) kept += kept_for_test("text " + std::to_string(i)) ? 1U : 0U;
  EXPECT_GT(kept, 150U);
  EXPECT_LT(kept, 250U);
}

TEST(Train, GivesTheSameBytesTwiceAndLearns) {
  std::vector<Example> examples = examples_of("data/own/varied.jsonl");
  TrainOptions options;
  options.log2_buckets = 14;
  const TrainWith with{Lexicon{}, brightwave()};
  auto once = train(examples, with, options, "test");
  auto again = train(examples, with, options, "test");
  ASSERT_TRUE(once && again);
  EXPECT_EQ(once->bytes(), again->bytes());
  examples.resize(5);
  EXPECT_FALSE(train(examples, with, options, ""));
}

}  // namespace
}  // namespace earshot

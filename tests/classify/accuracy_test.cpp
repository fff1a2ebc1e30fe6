// How well the shipped model judges, and what learning does to it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>

#include "shipped.hpp"
#include "support/tree.hpp"

namespace earshot {
namespace {

using namespace test;

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
  for (const auto& entry : std::filesystem::directory_iterator{source_tree() + "/data/corpus"}) {
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
  EXPECT_GE(all.cue_precision, 0.719 - 0.005);
  EXPECT_GE(all.cue_recall, 0.640 - 0.005);
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

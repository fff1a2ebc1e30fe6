// What the model hears a complaint is about.
#include "../../src/classify/topics.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "../../src/classify/hazards.hpp"
#include "../../src/classify/language.hpp"
#include "../../src/classify/notions.hpp"
#include "../../src/classify/small_judges.hpp"
#include "../../src/classify/word_list.hpp"
#include "earshot/classify/classifier.hpp"
#include "earshot/classify/train.hpp"
#include "shipped.hpp"

namespace earshot {
namespace {

constexpr std::array<const char*, 8> kThings{"lamp",   "kettle", "router", "ticket",
                                             "jacket", "phone",  "heater", "pendant"};

/// Complaints about bills and about crates, some about both, and small talk.
std::vector<Example> texts() {
  std::vector<Example> out;
  const auto add = [&](std::string text, bool complaint, std::vector<std::string> topics) {
    Example example;
    example.post.text = std::move(text);
    example.post.channel = Channel::post;
    example.complaint = complaint ? 1 : 0;
    example.urgent = 0;
    example.topics = std::move(topics);
    out.push_back(std::move(example));
  };
  for (int i = 0; i < 120; ++i) {
    const char* const thing = kThings[static_cast<std::size_t>(i) % kThings.size()];
    add(fmt::format("awful: the docket {} for my {} is wrong again", i, thing), true, {"billing"});
    add(fmt::format("awful: the crate {} with my {} is lost again", i, thing), true, {"delivery"});
    add(fmt::format("a fine {} on day {}", thing, i), false, {});
    add(fmt::format("lovely weather for a {} on day {}", thing, i), false, {});
    if (i < 80)
      add(fmt::format("awful: docket {} came, my {} in its crate is lost", i, thing), true,
          {"billing", "delivery"});
    if (i < 20) add(fmt::format("awful {} colour {}", thing, i), true, {"colour"});
  }
  return out;
}

Model learnt(bool topics) {
  TrainOptions options;
  options.log2_buckets = 14;
  options.topics = topics;
  const std::vector<Example> examples = texts();
  return *train(examples, {Lexicon{}, Watch{}}, options, "test");
}

std::vector<std::string> heard(const Model& model, std::string text) {
  Post post;
  post.text = std::move(text);
  post.channel = Channel::post;
  return Classifier{model, Lexicon{}, Watch{}}.judge(post).topics;
}

TEST(Topics, AreHeardInWhatIsAMatterOnly) {
  const Model model = learnt(true);
  ASSERT_EQ(model.parts().topics.size(), 2U) << "twenty texts about a colour are too few";
  using List = std::vector<std::string>;
  EXPECT_EQ(heard(model, "awful: my docket is wrong again"), List{"billing"});
  EXPECT_EQ(heard(model, "awful: a crate is lost again"), List{"delivery"});
  List both = heard(model, "awful: docket 99 came, my radio in its crate is lost");
  std::ranges::sort(both);
  EXPECT_EQ(both, (List{"billing", "delivery"}));
  EXPECT_TRUE(heard(model, "lovely weather on day 3").empty());
}

TEST(Topics, HaveNoMoreBucketsThanTheJudges) {
  EXPECT_EQ(learnt(true).parts().topic_log2, 14U);
}

TEST(Topics, ComeBackFromTheFileAndStayWhenASourceLearns) {
  const Model model = learnt(true);
  const auto again = Model::from_bytes(std::string{model.bytes()});
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(heard(*again, "awful: my docket is wrong again"), std::vector<std::string>{"billing"});
  std::vector<Example> labels = texts();
  for (Example& example : labels) example.post.source = "shop";
  const auto adapted = adapt(*again, "shop", labels, {Lexicon{}, Watch{}});
  ASSERT_TRUE(adapted);
  EXPECT_EQ(adapted->parts().topics.size(), 2U);
}

TEST(Topics, WhereNoneIsLearntNoneIsHeard) {
  const Model model = learnt(false);
  EXPECT_TRUE(model.parts().topics.empty());
  EXPECT_TRUE(heard(model, "awful: my docket is wrong again").empty());
}

/// Texts of one hazard share no words with those of another.
std::vector<Example> hazards() {
  std::vector<Example> out = texts();
  for (int i = 0; i < 90; ++i) {
    Example fire;
    fire.post.text = fmt::format("the {} smoulders and sparks, number {}", kThings[i % 8], i);
    fire.post.channel = Channel::post;
    fire.complaint = fire.urgent = 1;
    fire.topics.emplace();
    fire.cues = {Cue::safety};
    Example court = fire;
    court.post.text = fmt::format("tribunal summons about the {}, file {}", kThings[i % 8], i);
    court.cues = {Cue::legal};
    out.push_back(std::move(fire));
    out.push_back(std::move(court));
  }
  return out;
}

TEST(Hazards, AreJudgedEachByItselfAndHeardInUrgency) {
  TrainOptions options;
  options.log2_buckets = 14;
  const std::vector<Example> examples = hazards();
  const Model model = *train(examples, {Lexicon{}, Watch{}}, options, "test");
  ASSERT_EQ(hazards_in(model), 2U);
  EXPECT_EQ(model.parts().topics[0].name, "cue:safety");
  EXPECT_EQ(model.parts().topics[1].name, "cue:legal");
  EXPECT_EQ(model.parts().topics[2].name, "billing");
  EXPECT_GT(model.place(Place::urgent).of[1 + kLanes], 0) << "what they say speaks for urgency";
  const Classifier classifier{model, Lexicon{}, Watch{}};
  const auto urgency = [&](const char* text) {
    Post post;
    post.text = text;
    post.channel = Channel::post;
    return classifier.assess(post).urgency;
  };
  EXPECT_GT(urgency("it smoulders and sparks"), 0.5);
  EXPECT_GT(urgency("a tribunal summons"), 0.5);
  EXPECT_LT(urgency("lovely weather for a lamp on day 3"), 0.1);
  Post post;
  post.text = "awful: my docket is wrong again";
  post.channel = Channel::post;
  EXPECT_EQ(classifier.judge(post).topics, std::vector<std::string>{"billing"});
}

/// What no phrase tells is heard in a matter, and told apart from what a phrase does: storms and
/// silences go by phrases.
TEST(Cues, AreHeardWhereNoPhraseTellsThem) {
  TrainOptions options;
  options.log2_buckets = 14;
  std::vector<Example> examples = hazards();
  for (Example& example : examples) {
    if (example.post.text.find("docket") != std::string::npos) example.cues = {Cue::churn};
  }
  const Model model = *train(examples, {Lexicon{}, Watch{}}, options, "test");
  ASSERT_EQ(hazards_in(model), 2U);
  ASSERT_EQ(cues_in(model), 3U);
  EXPECT_EQ(model.parts().topics[2].name, "cue:churn");
  const auto judged = [&](const Lexicon& lexicon, const char* text) {
    Post post;
    post.text = text;
    post.channel = Channel::post;
    return Classifier{model, lexicon, Watch{}}.judge(post);
  };
  const auto none = Lexicon::compile({{"topic.paper", "en", {"docket"}, {}}});
  const auto fire = Lexicon::compile({{"safety", "en", {"smoulders"}, {}}});
  ASSERT_TRUE(none && fire);
  const Assessment heard = judged(*none, "the toaster smoulders and sparks");
  EXPECT_TRUE(heard.cues.empty());
  EXPECT_EQ(heard.cues_heard, std::vector<Cue>{Cue::safety});
  EXPECT_EQ(heard.reasons.back(), "The words sound like danger; no phrase tells it.");
  const Assessment told = judged(*fire, "the toaster smoulders and sparks");
  EXPECT_EQ(told.cues, std::vector<Cue>{Cue::safety});
  EXPECT_TRUE(told.cues_heard.empty());
  EXPECT_EQ(judged(*none, "awful: my docket is wrong again").cues_heard,
            std::vector<Cue>{Cue::churn});
  EXPECT_TRUE(judged(*none, "lovely weather for a lamp on day 3").cues_heard.empty());
}

/// assess() asks the first eight, all together and by words it has met before.
TEST(SmallJudges, TheFastWayToTheFirstAgreesWithTheSlowWayToAll) {
  const Model model = test::shipped();
  const Lexicon lexicon;
  std::vector<double> all(model.parts().topics.size());
  ASSERT_GT(all.size(), kLanes);
  for (const char* file : {"data/corpus/en-3.jsonl", "data/corpus/de.jsonl"}) {
    for (const Example& example : test::examples_of(file)) {
      const WordList words{example.post.text};
      const std::string language = guess_language(words);
      const std::vector<Hit> hits = lexicon.find(words, language);
      const std::vector<NotionHit> notions = Notions::builtin().find(words, language);
      const FeatureText text{example.post.text,    &words, hits,   nullptr,
                             example.post.channel, true,   notions};
      std::array<double, kLanes> first{};
      small_scores(model, text, 0, first);
      small_scores(model, text, 0, all);
      for (std::size_t k = 0; k < kLanes; ++k)
        ASSERT_NEAR(first[k], all[k], 1e-9) << example.post.text;
    }
  }
}

/// Only phrases of a lexicon tell a cause that gathers cases into a storm: what is merely heard is
/// too often everybody's.
TEST(Topics, OfTheModelAreBehindThoseThatPhrasesTell) {
  auto lexicon = Lexicon::compile({{"topic.paper", "en", {"docket"}, {}}});
  ASSERT_TRUE(lexicon);
  Post post;
  post.text = "awful: my docket is wrong again";
  post.channel = Channel::post;
  const Assessment it = Classifier{learnt(true), *lexicon, Watch{}}.judge(post);
  EXPECT_EQ(it.topics, (std::vector<std::string>{"paper", "billing"}));
  EXPECT_EQ(it.topics_told, 1U);
}

}  // namespace
}  // namespace earshot

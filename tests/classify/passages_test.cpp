#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "../../src/classify/passages.hpp"
#include "earshot/classify/classifier.hpp"
#include "earshot/classify/train.hpp"
#include "shipped.hpp"
#include "support/tree.hpp"

// What length does to a judgement: harmless texts put together stay harmless, and trouble between
// them is found. The texts are the corpus', those of its kept part where trouble is concerned.

namespace earshot {
namespace {

using test::file;

const Classifier& watched() {
  static const Classifier kOne = [] {
    auto model = Model::from_bytes(file("config/model/complaint.model"));
    EXPECT_TRUE(model.ok());
    Watch watch;
    watch.company.name = "Brightwave";
    watch.company.handles = {"Brightwave", "BrightwaveHelp"};
    return Classifier{std::move(*model), Lexicon{}, watch};
  }();
  return kOne;
}

/// The corpus' posts in a fixed order.
const std::vector<Example>& corpus() {
  static const std::vector<Example> kAll = [] {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator{source_tree() + "/data/corpus"}) {
      if (entry.path().extension() == ".jsonl") paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    std::vector<Example> out;
    for (const auto& path : paths) {
      std::istringstream lines(file("data/corpus/" + path.filename().string()));
      for (std::string line; std::getline(lines, line);) {
        auto document = parse_json(line);
        auto example = example_from_json(*document);
        EXPECT_TRUE(example.ok());
        if (example->post.channel == Channel::post) out.push_back(std::move(*example));
      }
    }
    return out;
  }();
  return kAll;
}

template <class Keep>
std::vector<std::string> texts(const std::string& language, const Keep& keep) {
  std::vector<std::string> out;
  for (const Example& one : corpus()) {
    if (one.language == language && keep(one)) out.push_back(one.post.text);
  }
  return out;
}

bool small_talk(const Example& one) {
  return one.kind == "generic" && one.complaint == 0 &&
         one.post.text.find('@') == std::string::npos;
}

/// Small talk that is no trouble by itself: here length alone is on trial.
std::vector<std::string> harmless(const std::string& language) {
  std::vector<std::string> out = texts(language, small_talk);
  std::erase_if(out, [](const std::string& text) {
    Post post;
    post.text = text;
    const Assessment got = watched().assess(post);
    return got.is_complaint || got.urgent;
  });
  return out;
}

/// A small generator with a fixed start: the same texts in every run.
struct Dice {
  std::uint64_t state = 5;
  std::size_t below(std::size_t n) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::size_t>(state >> 33U) % n;
  }
};

Post together(const std::vector<std::string>& parts) {
  Post post;
  for (const std::string& part : parts) post.text += (post.text.empty() ? "" : " ") + part;
  return post;
}

std::vector<std::string> some(const std::vector<std::string>& pool, std::size_t n, Dice& dice) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < n; ++i) out.push_back(pool[dice.below(pool.size())]);
  return out;
}

struct HarmlessRow {
  const char* name;
  const char* language;
  std::size_t parts;
  double complaints, urgent;  ///< shares, at most
};
/// Measured, half a point more at most; what is wanted is 0.02 and 0.01 everywhere.
class Harmless : public testing::TestWithParam<HarmlessRow> {};
TEST_P(Harmless, StaysHarmlessWhenItIsLong) {
  const HarmlessRow& row = GetParam();
  const std::vector<std::string> pool = harmless(row.language);
  ASSERT_GE(pool.size(), 10U);
  constexpr int kTexts = 400;
  Dice dice;
  int complaints = 0;
  int urgent = 0;
  for (int i = 0; i < kTexts; ++i) {
    const Assessment got = watched().assess(together(some(pool, row.parts, dice)));
    complaints += got.is_complaint ? 1 : 0;
    urgent += got.urgent ? 1 : 0;
  }
  RecordProperty("complaints", complaints);
  RecordProperty("urgent", urgent);
  EXPECT_LE(complaints, row.complaints * kTexts);
  EXPECT_LE(urgent, row.urgent * kTexts);
}
INSTANTIATE_TEST_SUITE_P(Table, Harmless,
                         testing::Values(HarmlessRow{"en_1", "en", 1, 0.01, 0.01},
                                         HarmlessRow{"en_4", "en", 4, 0.0425, 0.0275},
                                         HarmlessRow{"en_12", "en", 12, 0.0225, 0.01},
                                         HarmlessRow{"de_12", "de", 12, 0.025, 0.01},
                                         HarmlessRow{"es_12", "es", 12, 0.0175, 0.015},
                                         HarmlessRow{"fr_12", "fr", 12, 0.0675, 0.025}),
                         [](const auto& row) { return row.param.name; });

struct TroubleRow {
  const char* name;
  const char* language;
  bool urgent;
  double found;  ///< of those found alone, at least
};
/// Measured, a point less at most; what is wanted is nearly all.
class Trouble : public testing::TestWithParam<TroubleRow> {};
TEST_P(Trouble, IsFoundBetweenHarmlessTexts) {
  const TroubleRow& row = GetParam();
  const std::vector<std::string> pool = harmless(row.language);
  const std::vector<std::string> told = texts(row.language, [&](const Example& one) {
    return one.complaint == 1 && (one.urgent == 1 || !row.urgent) && kept_for_test(one.post.text);
  });
  const auto says = [&](const Post& post) {
    const Assessment got = watched().assess(post);
    return row.urgent ? got.urgent : got.is_complaint;
  };
  Dice dice;
  int alone = 0;
  int between = 0;
  for (const std::string& text : told) {
    if (!says(together({text}))) continue;
    for (int i = 0; i < 3; ++i) {
      std::vector<std::string> parts = some(pool, 3 + dice.below(8), dice);
      parts.insert(parts.begin() + static_cast<std::ptrdiff_t>(dice.below(parts.size() + 1)), text);
      ++alone;
      between += says(together(parts)) ? 1 : 0;
    }
  }
  RecordProperty("alone", alone);
  RecordProperty("between", between);
  ASSERT_GE(alone, 30);
  EXPECT_GE(between, row.found * alone);
}
INSTANTIATE_TEST_SUITE_P(Table, Trouble,
                         testing::Values(TroubleRow{"en_complaint", "en", false, 0.51},
                                         TroubleRow{"en_urgent", "en", true, 0.55},
                                         TroubleRow{"de_urgent", "de", true, 0.46},
                                         TroubleRow{"es_urgent", "es", true, 0.64},
                                         TroubleRow{"fr_urgent", "fr", true, 0.63}),
                         [](const auto& row) { return row.param.name; });

TEST(Passages, AreWholeSentencesAndNothingIsLost) {
  std::string text;
  for (int i = 0; i < 8; ++i) text += "A sentence of some words stands here, number one. ";
  const WordList words{text};
  const std::vector<std::string_view> got = passages_of(words, Channel::post);
  ASSERT_EQ(got.size(), 8U);
  std::string again;
  for (const std::string_view passage : got) again += passage;
  EXPECT_EQ(again, text);
  EXPECT_TRUE(passages_of(WordList{"A short one. And another."}, Channel::post).empty());
  EXPECT_TRUE(passages_of(WordList{text.substr(0, 300)}, Channel::email).empty());
}

TEST(Passages, WithoutAFullStopEndAtAWord) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "word ";
  const WordList words{text};
  const std::vector<std::string_view> got = passages_of(words, Channel::post);
  ASSERT_GE(got.size(), 4U);
  for (const std::string_view passage : got) EXPECT_TRUE(passage.starts_with("word"));
}

TEST(Passages, ADangerToldOfUsNeedsNoBar) {
  Post post;
  post.text =
      "low tide, long walk, one welly washing line up, sun out, neighbours' cat supervising coffee "
      "number three and it's not even ten third row back, in the green hat, that's my daughter!! "
      "Hi both, roast at one, bring nothing but the baby. The gate sticks so give it a shove. "
      "Love, "
      "Mum @BrightwaveHelp the Glow on our shelf caught fire last night.";
  EXPECT_TRUE(watched().assess(post).urgent);
}

TEST(Passages, AHazardInTheMiddleOfALongPostPages) {
  const std::vector<std::string> parts{
      "We walked along the river in the morning.",
      "My sister brought the dog and a bag of cherries.",
      "The choir practises on Tuesdays again, at seven.",
      "There is soup left if anybody wants some.",
      "The Brightwave charger caught fire last night and my hand is burnt.",
      "Has anyone got a decent recipe for too many courgettes?",
      "The bus was late, so we read the notices twice.",
      "Granny won the raffle and gave the cake away.",
      "Happy Friday, everyone."};
  const Assessment got = watched().account(together(parts));
  EXPECT_TRUE(got.urgent);
  EXPECT_TRUE(got.is_complaint);
  EXPECT_EQ(got.severity, Severity::grave);
  EXPECT_EQ(got.urgent_reason, "A hazard is told as present fact.");
}

}  // namespace
}  // namespace earshot

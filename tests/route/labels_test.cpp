#include "earshot/route/labels.hpp"

#include <gtest/gtest.h>

namespace earshot {
namespace {

using List = std::vector<std::string>;

/// A silence over `cue` must not go by what the model merely hears.
TEST(CaseLabels, TellWhatPhrasesSayApartFromWhatIsHeard) {
  Case it;
  it.cues = {"outage"};
  it.cues_heard = {"press", "churn"};
  const Labels labels = labels_of(it);
  EXPECT_EQ(labels.at("cue"), List{"outage"});
  EXPECT_EQ(labels.at("heard"), (List{"press", "churn"}));
  EXPECT_FALSE(labels.contains("topic"));
  EXPECT_FALSE(labels_of(Case{}).contains("heard"));
}

TEST(CaseLabels, AHazardThatAPhraseTellsSpeaksAnyway) {
  Case it;
  it.cues_heard = {"safety"};
  EXPECT_FALSE(speaks_anyway(it));
  it.cues = {"safety"};
  EXPECT_TRUE(speaks_anyway(it));
}

}  // namespace
}  // namespace earshot

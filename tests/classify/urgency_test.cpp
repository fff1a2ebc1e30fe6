#include "../../src/classify/urgency.hpp"

#include <gtest/gtest.h>

namespace earshot {
namespace {

/// What the urgency judge alone makes of a text that no rule knows.
bool urgent_by_words(double score, bool watching) {
  Facts facts;
  facts.threshold = 0.5;
  facts.complaint = 0.3;
  facts.urgent = score;
  facts.urgent_threshold = 0.3;
  Target target;
  target.ours = watching;
  Assessment out;
  decide(facts, target, watching, out);
  return out.urgent;
}

TEST(Urgency, TheJudgeAloneMustBeSurerWhereNobodyIsWatched) {
  EXPECT_TRUE(urgent_by_words(0.35, true));
  EXPECT_FALSE(urgent_by_words(0.35, false));
  EXPECT_TRUE(urgent_by_words(0.5, false));
  EXPECT_FALSE(urgent_by_words(0.25, true));
}

TEST(Urgency, AHighThresholdIsStillReached) {
  Facts facts;
  facts.threshold = 0.5;
  facts.complaint = 0.6;
  facts.urgent = 0.95;
  facts.urgent_threshold = 0.8;
  Assessment out;
  decide(facts, Target{}, false, out);
  EXPECT_TRUE(out.urgent);
}

}  // namespace
}  // namespace earshot

#include "../../src/classify/urgency.hpp"

#include <gtest/gtest.h>

namespace earshot {
namespace {

Facts facts_of(double complaint, double urgent, double urgent_threshold) {
  Facts facts;
  facts.threshold = 0.5;
  facts.complaint = complaint;
  facts.urgent = urgent;
  facts.urgent_threshold = urgent_threshold;
  return facts;
}

/// What the urgency judge alone makes of a text that no rule knows.
bool urgent_by_words(double score, bool watching) {
  const Facts facts = facts_of(0.3, score, 0.3);
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
  const Facts facts = facts_of(0.6, 0.95, 0.8);
  Assessment out;
  decide(facts, Target{}, false, out);
  EXPECT_TRUE(out.urgent);
}

/// "I am a reporter with the Northern Ledger": a name in a letter may be its writer's.
TEST(Urgency, APaperThatWritesToUsIsNoOtherFirmsMatter) {
  Facts facts = facts_of(0.01, 0.9, 0.3);
  facts.sent_to_us = true;
  Target target;
  target.other = true;
  Assessment out;
  decide(facts, target, true, out);
  EXPECT_FALSE(out.urgent) << "another firm's matter in a mail";
  facts.tidings.press_asks = true;
  decide(facts, target, true, out);
  EXPECT_TRUE(out.urgent);
  EXPECT_EQ(out.about, About::us);
  facts.sent_to_us = false;
  decide(facts, target, true, out);
  EXPECT_FALSE(out.urgent) << "a post may be to anybody";
}

}  // namespace
}  // namespace earshot

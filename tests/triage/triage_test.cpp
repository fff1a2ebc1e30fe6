#include "earshot/triage/triage.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace earshot {
namespace {

Assessment complaint(double p) {
  Assessment it;
  it.complaint = p;
  it.is_complaint = true;
  it.about = About::us;
  it.severity = Severity::mild;
  return it;
}
Assessment praise() {
  Assessment it;
  it.complaint = 0.05;
  it.about = About::us;
  return it;
}
Assessment to_principal(Assessment it) {
  it.principal = "ceo";
  return it;
}
Assessment mentions_principal(Assessment it) {
  it.mentioned_principal = "ceo";
  return it;
}
Assessment hazard(double p) {
  Assessment it = praise();
  it.complaint = p;
  it.urgent = true;
  it.urgent_reason = "Somebody may be in danger: \"smoke\".";
  return it;
}
Assessment about_rival(Assessment it) {
  it.about = About::rival;
  return it;
}
Assessment with_severity(Assessment it, Severity severity) {
  it.severity = severity;
  return it;
}

struct Row {
  const char* name;
  Assessment assessment;
  std::uint64_t followers;
  Urgency want;
  bool is_public = true;
};

class Triage : public testing::TestWithParam<Row> {};

TEST_P(Triage, DecidesUrgency) {
  const Row& row = GetParam();
  Post post;
  post.author.followers = row.followers;
  post.is_public = row.is_public;
  const Decision got = triage(post, row.assessment, {}, TriagePolicy{});
  EXPECT_EQ(to_word(got.urgency), to_word(row.want)) << got.points;
  EXPECT_FALSE(got.reasons.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Table, Triage,
    testing::Values(
        Row{"a_plain_complaint_is_queued", complaint(0.9), 50, Urgency::queue},
        Row{"a_doubtful_complaint_goes_to_the_digest", complaint(0.5), 0, Urgency::digest},
        Row{"reach_alone_does_not_page", complaint(0.9), 4'000'000, Urgency::queue},
        Row{"a_serious_complaint_with_reach_pages",
            with_severity(complaint(0.9), Severity::serious), 4'000'000, Urgency::page},
        Row{"a_grave_complaint_without_reach_pages", with_severity(complaint(0.9), Severity::grave),
            0, Urgency::page},
        Row{"a_public_complaint_to_the_chief_pages", to_principal(complaint(0.9)), 50,
            Urgency::page},
        Row{"a_private_complaint_to_the_chief_is_queued", to_principal(complaint(0.6)), 0,
            Urgency::queue, false},
        Row{"a_doubtful_complaint_that_names_the_chief_is_queued",
            mentions_principal(complaint(0.4)), 0, Urgency::queue},
        Row{"praise_of_the_chief_does_not", to_principal(praise()), 4'000'000, Urgency::ignore},
        Row{"a_calm_hazard_pages", hazard(0.2), 0, Urgency::page},
        Row{"a_rivals_hazard_is_not_ours", about_rival(hazard(0.9)), 0, Urgency::ignore}),
    [](const auto& row) { return row.param.name; });

TEST(Triage, ThresholdsAreInclusive) {
  TriagePolicy policy;
  policy.complaint_up_to = 60;
  Post post;
  EXPECT_EQ(triage(post, complaint(1.0), {}, policy).urgency, Urgency::page);
  policy.page_at = 61;
  EXPECT_EQ(triage(post, complaint(1.0), {}, policy).urgency, Urgency::queue);
}

/// A hazard makes a complaint of words that would not be one alone: then nobody is told that they
/// are.
TEST(Triage, WordsBelowTheThresholdAreNotSaidToBeAComplaint) {
  Assessment it = hazard(0.19);
  it.is_complaint = true;
  const auto says = [&](const std::string& sentence) {
    const Decision got = triage(Post{}, it, {}, TriagePolicy{});
    return std::ranges::find(got.reasons, sentence) != got.reasons.end();
  };
  EXPECT_TRUE(says("By its words alone it is hardly a complaint (19 %)."));
  it.complaint = it.threshold;
  EXPECT_TRUE(says("The words are a complaint (50 %)."));
}

TEST(Triage, TheSumIsTheSumOfItsSymbols) {
  Post post;
  post.author.followers = 4'100'000;
  const Decision got = triage(post, to_principal(with_severity(complaint(0.97), Severity::serious)),
                              {.earlier_contacts = 1}, TriagePolicy{});
  int sum = 0;
  for (const Symbol& symbol : got.symbols) sum += symbol.points;
  EXPECT_EQ(sum, got.points);
  EXPECT_EQ(got.symbols.front().name, "principal_addressed") << "the floor weighs most";
  EXPECT_EQ(got.points, 39 + 15 + 10 + 20 + 12);
}

TEST(Triage, ReachGivesPointsPerDecadeUpToTheCap) {
  const TriagePolicy policy;
  EXPECT_EQ(reach_points(std::nullopt, policy), 0);
  EXPECT_EQ(reach_points(0, policy), 0);
  EXPECT_EQ(reach_points(10, policy), 4);
  EXPECT_EQ(reach_points(1000, policy), 12);
  EXPECT_EQ(reach_points(100'000'000, policy), 20);
}

}  // namespace
}  // namespace earshot

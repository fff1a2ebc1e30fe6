// When is it a storm? Rhythm of day and week, cold start, outliers, bounds.
#include "earshot/triage/storm.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace earshot {
namespace {

constexpr std::int64_t kMonday = 1'767'571'200;  // 2026-01-05T00:00Z

/// How many an hour a shop hears: much at noon of a working day, little at night and on Sundays.
int rhythm(std::int64_t hour) {
  const std::int64_t of_day = hour % 24;
  const std::int64_t day = (hour / 24) % 7;
  const double noon = of_day >= 8 && of_day <= 20
                          ? 40 * std::sin(static_cast<double>(of_day - 7) * 3.14159 / 14)
                          : 1;
  return static_cast<int>(day == 6 ? noon / 8 : noon);
}

struct Shop {
  CauseCounts counts;
  Instant since = from_unix(kMonday);
  Instant now = since;
  int storms = 0;
  StormPolicy policy;

  void hear(int n, Duration span) {
    for (int i = 0; i < n; ++i) {
      now += span / n;
      count_case(counts, "c", now);
      storms += is_storm(counts, since, policy, now).storm ? 1 : 0;
    }
  }
  /// Whole hours of the usual.
  void live(std::int64_t many) {
    for (std::int64_t i = 0; i < many; ++i) {
      const Instant begin = now;
      const std::int64_t hour = std::chrono::duration_cast<hours>(now - since).count();
      const int n = rhythm(hour);
      if (n > 0) hear(n, minutes{59});
      now = begin + hours{1};
    }
  }
};

Assessment about(std::string product, std::vector<Cue> cues, std::vector<std::string> topics) {
  Assessment it;
  it.product = std::move(product);
  it.cues = std::move(cues);
  it.topics = std::move(topics);
  it.topics_told = it.topics.size();
  return it;
}

TEST(Cause, IsWhatFailed) {
  EXPECT_EQ(cause_of(about("Glow", {Cue::churn, Cue::outage}, {"app"})), "glow/outage");
  EXPECT_EQ(cause_of(about("Glow", {Cue::churn}, {"delivery", "price"})), "glow/delivery");
  EXPECT_EQ(cause_of(about("", {}, {"delivery"})), "/delivery");
  EXPECT_EQ(cause_of(about("Glow", {Cue::churn}, {})), "") << "anger alone is no cause";
}

TEST(Cause, HazardsAndPrincipalsStandAlone) {
  EXPECT_FALSE(stands_alone(about("Glow", {Cue::outage, Cue::fraud}, {})));
  EXPECT_TRUE(stands_alone(about("Glow", {Cue::outage, Cue::safety}, {})));
  Assessment to_the_top = about("Glow", {Cue::outage}, {});
  to_the_top.principal = "ceo";
  EXPECT_TRUE(stands_alone(to_the_top));
}

TEST(Storm, SixWeeksOfTheUsualAreNoStorm) {
  Shop shop;
  shop.live(24 * 42);
  EXPECT_EQ(shop.storms, 0);
}

TEST(Storm, WhatIsUsualAtNoonIsAStormAtNight) {
  Shop shop;
  shop.live(24 * 28 + 12);  // a Monday noon
  shop.hear(8, minutes{10});
  EXPECT_EQ(shop.storms, 0) << "forty an hour are usual at noon";
  shop.now = shop.since + hours{24 * 28 + 15};
  shop.live(12);  // 03:00
  shop.hear(8, minutes{9});
  EXPECT_GT(shop.storms, 0);
}

TEST(Storm, ANoonOfTenTimesTheUsualIsOne) {
  Shop shop;
  shop.live(24 * 28 + 12);
  const Usual usual = usual_at(shop.counts, shop.since, shop.now);
  EXPECT_FALSE(usual.cold);
  EXPECT_EQ(usual.samples, 12);
  EXPECT_NEAR(usual.median, 36, 4);
  EXPECT_EQ(storm_threshold(usual, shop.policy), static_cast<int>(std::ceil(usual.median / 6 * 4)));
  shop.hear(60, minutes{9});
  EXPECT_GT(shop.storms, 0);
}

TEST(Storm, AStormOfLastWeekDoesNotHideTheNext) {
  Shop shop;
  shop.live(24 * 28 + 3);
  shop.hear(500, minutes{50});
  EXPECT_GT(shop.storms, 0);
  shop.now = shop.since + hours{24 * 28 + 4};
  shop.live(24 * 7 - 1);
  shop.storms = 0;
  shop.hear(8, minutes{9});  // the same hour a week later
  EXPECT_GT(shop.storms, 0);
}

TEST(Storm, AFreshStartIsCareful) {
  Shop shop;
  shop.hear(200, minutes{30});
  EXPECT_EQ(shop.storms, 0) << "within the first hour nothing is known of the usual";
  EXPECT_EQ(storm_threshold(usual_at(shop.counts, shop.since, shop.now), shop.policy), 0);
  shop.now = shop.since + hours{2};
  shop.live(3);
  shop.now = shop.since + hours{26};  // nothing since: 02:00 of the second day
  shop.hear(11, minutes{9});
  EXPECT_EQ(shop.storms, 0) << "twice the least while it is cold";
  shop.hear(1, minutes{1});
  EXPECT_EQ(shop.storms, 1);
}

TEST(Storm, CopiesNeedNoBaseline) {
  const StormPolicy policy;
  EXPECT_FALSE(is_storm_of_copies(5, policy).storm);
  EXPECT_TRUE(is_storm_of_copies(6, policy).storm);
  EXPECT_FALSE(is_storm_of_copies(50'000, {.at_least = 0}).storm);
}

TEST(Storm, IsOverWhenNoMoreThanTheUsualComes) {
  const StormPolicy policy;
  EXPECT_TRUE(is_over(1, {0, 0, 12, false}, policy));
  EXPECT_FALSE(is_over(2, {0, 0, 12, false}, policy));
  EXPECT_TRUE(is_over(20, {36, 3, 12, false}, policy));
  EXPECT_FALSE(is_over(60, {36, 3, 12, false}, policy));
}

TEST(Counts, AreBoundedAndSurviveTheStore) {
  Shop shop;
  shop.live(24 * 7 * 9);
  EXPECT_LE(shop.counts.minutes.size(), 60U);
  EXPECT_LE(shop.counts.hours.size(), 24U * 7 * 6 + 2);
  shop.hear(1000, minutes{5});
  EXPECT_EQ(shop.counts.lately.size(), 256U);
  const std::string stored = to_json(shop.counts);
  EXPECT_LT(stored.size(), 20'000U);
  const CauseCounts back = counts_from_json(stored);
  EXPECT_EQ(to_json(back), stored);
  EXPECT_EQ(count_within(back, minutes{10}, shop.now),
            count_within(shop.counts, minutes{10}, shop.now));
  EXPECT_TRUE(counts_from_json("nonsense").hours.empty());
}

TEST(Counts, AClockSetBackLosesNothing) {
  CauseCounts counts;
  const Instant now = from_unix(kMonday);
  count_case(counts, "c1", now + minutes{5});
  count_case(counts, "c2", now);
  EXPECT_EQ(count_within(counts, minutes{10}, now + minutes{5}), 2);
}

}  // namespace
}  // namespace earshot

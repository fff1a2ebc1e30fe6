// Letters are drawn by lot: the shares are kept, and the same seed draws the same letters.
#include "earshot/cases/letter.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace earshot {
namespace {

/// Many open ones, few dismissed: what a week looks like.
std::vector<LetterCandidate> week() {
  std::vector<LetterCandidate> out;
  const auto add = [&](LetterFate fate, int n) {
    for (int i = 0; i < n; ++i)
      out.push_back({fmt::format("c{:04}", out.size()), fate, i % 3 == 0 ? "email" : "post",
                     score_band(i % 2 == 0 ? 0.9 : 0.3), i % 5 == 0 ? "page" : "queue"});
  };
  add(LetterFate::open, 16);
  add(LetterFate::solved, 6);
  add(LetterFate::dismissed, 2);
  add(LetterFate::suppressed, 8);
  return out;
}

const std::map<LetterFate, double> kShares{{LetterFate::suppressed, 0.2},
                                           {LetterFate::dismissed, 0.2},
                                           {LetterFate::solved, 0.3},
                                           {LetterFate::open, 0.3}};

TEST(Letters, KeepTheSharesOverAHundredThousandDraws) {
  const std::vector<LetterCandidate> pool = week();
  constexpr int kDraws = 100'000;
  std::map<LetterFate, int> fates;
  std::map<std::string, int> strata;
  for (int i = 0; i < kDraws; ++i) {
    const auto drawn = draw_letters(pool, kShares, fmt::format("seed {}", i), "ceo", "2026-W48", 1);
    ASSERT_EQ(drawn.size(), 1U);
    ++fates[drawn[0].fate];
    ++strata[drawn[0].stratum()];
  }
  double worst = 0;
  for (const auto& [fate, share] : kShares) {
    const double off = std::abs(fates[fate] / double{kDraws} - share);
    worst = std::max(worst, off);
    EXPECT_LT(off, 0.02) << to_word(fate);
  }
  std::map<LetterFate, std::map<std::string, bool>> groups;
  for (const LetterCandidate& it : pool) groups[it.fate][it.stratum()] = true;
  for (const auto& [fate, names] : groups) {
    for (const auto& [name, there] : names) {
      const double want = kShares.at(fate) / static_cast<double>(names.size());
      const double off = std::abs(strata[name] / double{kDraws} - want);
      worst = std::max(worst, off);
      EXPECT_LT(off, 0.02) << name;
    }
  }
  fmt::print("figure: {} draws, {} strata, farthest from its target by {:.2f} %\n", kDraws,
             strata.size(), worst * 100);
}

TEST(Letters, AreTheSameForTheSameSeedWhateverTheOrder) {
  std::vector<LetterCandidate> pool = week();
  const auto first = draw_letters(pool, kShares, "5f3c", "ceo", "2026-W48", 9);
  std::mt19937 dice{3};
  std::ranges::shuffle(pool, dice);
  EXPECT_EQ(draw_letters(pool, kShares, "5f3c", "ceo", "2026-W48", 9), first);
  EXPECT_NE(draw_letters(pool, kShares, "5f3d", "ceo", "2026-W48", 9), first);
  EXPECT_NE(draw_letters(pool, kShares, "5f3c", "cfo", "2026-W48", 9), first);
  const auto more = draw_letters(pool, kShares, "5f3c", "ceo", "2026-W48", 12);
  EXPECT_TRUE(std::ranges::equal(first, std::vector(more.begin(), more.begin() + 9)))
      << "a swap draws the next one of the same lots";
}

TEST(Letters, AreDrawnOnceAndEndWithThePool) {
  const auto all = draw_letters(week(), kShares, "s", "ceo", "p", 1000);
  EXPECT_EQ(all.size(), week().size());
  std::vector<std::string> ids;
  for (const LetterCandidate& it : all) ids.push_back(it.id);
  std::ranges::sort(ids);
  EXPECT_TRUE(std::ranges::adjacent_find(ids) == ids.end());
  EXPECT_TRUE(draw_letters({}, kShares, "s", "ceo", "p", 3).empty());
  EXPECT_EQ(draw_letters(week(), {}, "s", "ceo", "p", 3).size(), 3U) << "no shares: all alike";
}

TEST(Letters, PeriodsAreOfTheZone) {
  LetterPolicy policy;
  policy.zone = "Europe/Berlin";
  const auto at = [&](const char* text, LetterPeriod period) {
    policy.period = period;
    return letter_period(*parse_rfc3339(text), policy);
  };
  LetterSpan week = at("2026-11-29T22:59:59Z", LetterPeriod::weekly);
  EXPECT_EQ(week.name, "2026-W48");
  EXPECT_EQ(to_rfc3339(week.from), "2026-11-22T23:00:00Z");
  EXPECT_EQ(to_rfc3339(week.to), "2026-11-29T23:00:00Z");
  EXPECT_EQ(at("2026-11-29T23:00:00Z", LetterPeriod::weekly).name, "2026-W49");
  EXPECT_EQ(at("2027-01-01T12:00:00Z", LetterPeriod::weekly).name, "2026-W53");
  EXPECT_EQ(at("2026-12-31T23:00:00Z", LetterPeriod::monthly).name, "2027-01");
  EXPECT_EQ(at("2026-12-31T22:59:00Z", LetterPeriod::daily).name, "2026-12-31");
  week = at("2026-10-25T12:00:00Z", LetterPeriod::weekly);
  EXPECT_EQ(week.to - week.from, hours{24 * 7 + 1}) << "the clocks go back";
}

TEST(Letters, CandidatesAreALineOfJson) {
  const LetterCandidate it{"post/17", LetterFate::suppressed, "post", "low", "ignore"};
  EXPECT_EQ(*candidate_from_json(to_json_line(it)), it);
  EXPECT_FALSE(candidate_from_json(R"({"id":"c1"})"));
  EXPECT_FALSE(candidate_from_json("[]"));
}

}  // namespace
}  // namespace earshot

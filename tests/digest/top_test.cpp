// What entered at the top, why the line below had failed, and reports of some cases only.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "earshot/cases/machine.hpp"
#include "earshot/digest/report.hpp"

namespace earshot {
namespace {

Instant at(int hour) {
  return *parse_rfc3339("2026-11-26T00:00:00Z") + hours{hour};
}

/// A ledger in which cases live: opened, and what happens to them by the hour.
class Lives {
 public:
  explicit Lives(std::int64_t before = 0) { span_.first = before; }
  void entry(int hour, std::string who, std::string kind, std::string id, std::string data) {
    facts_.push_back(
        {++n_, at(hour), std::move(who), std::move(kind), std::move(id), std::move(data)});
  }
  void event(int hour, const std::string& who, EventKind kind, const std::string& id,
             Arguments data = {}) {
    const Event it{kind, who, at(hour), std::move(data)};
    entry(hour, who, std::string{to_word(kind)}, id, to_json(it));
  }
  void opens(int hour, const std::string& id, const std::string& principal, Case it = {}) {
    it.id = id;
    it.number = std::ssize(facts_) + 1;
    it.principal = principal;
    it.posted_at = it.opened_at = at(hour);
    event(hour, "triage", EventKind::opened, id, {{"case", to_json(it)}});
  }
  Digest digest(DigestFilter filter = {}) {
    span_.last = n_;
    span_.from = at(0);
    span_.to = at(48);
    DigestBuilder builder{span_, std::move(filter)};
    for (const Fact& fact : facts_) builder.take(fact);
    return builder.finish();
  }

 private:
  DigestSpan span_;
  std::int64_t n_ = 0;
  std::vector<Fact> facts_;
};

TEST(Top, ACaseThatOpensToAPrincipalCameStraight) {
  Lives lives;
  lives.opens(1, "c1", "ceo");
  lives.opens(1, "c2", "");
  lives.event(3, "triage", EventKind::failed, "c1",
              {{"kind", "second_contact"}, {"reason", "Again."}, {"level", "1"}});
  const Digest digest = lives.digest();
  ASSERT_EQ(digest.top_entries.size(), 1U);
  EXPECT_EQ(digest.top_entries[0].how, TopWay::opened);
  EXPECT_EQ(digest.top_entries[0].who, "ceo");
  EXPECT_TRUE(digest.top_entries[0].why.empty()) << "what failed later is no reason";
  EXPECT_EQ(digest.top_named, 1U);
  EXPECT_NE(digest_text(digest, {DigestSection::top}, "UTC")
                .find("had failed: it had not; 1 came straight to the top"),
            std::string::npos);
  EXPECT_EQ(digest.top_of, 2U);
}

TEST(Top, WhatHadFailedWhenItEnteredIsTheReason) {
  Lives lives;
  lives.opens(1, "c1", "");
  lives.entry(2, "tick", "clock_missed", "c1", R"({"clock":"first_answer"})");
  lives.event(5, "customer", EventKind::words_added, "c1", {{"post", "2"}, {"principal", "ceo"}});
  lives.event(5, "triage", EventKind::failed, "c1",
              {{"kind", "second_contact"}, {"reason", "Again."}, {"level", "1"}});
  lives.event(6, "customer", EventKind::words_added, "c1", {{"post", "3"}, {"principal", "ceo"}});
  const Digest digest = lives.digest();
  ASSERT_EQ(digest.top_entries.size(), 1U) << "once for each principal and case";
  EXPECT_EQ(digest.top_entries[0].how, TopWay::addressed);
  EXPECT_EQ(digest.top_entries[0].why,
            (std::vector<std::string>{"late_first_answer", "never_owned", "second_contact"}));
  EXPECT_NE(digest_text(digest, {DigestSection::top}, "UTC")
                .find("case 1 came to ceo: late first answer, never owned, second contact"),
            std::string::npos);
  EXPECT_NE(digest_html(digest, {DigestSection::top}, "UTC").find("case 1 came to ceo"),
            std::string::npos);
}

TEST(Top, TakingOverAndAskingEnterToo) {
  Lives lives;
  lives.opens(1, "c1", "");
  lives.event(2, "jo", EventKind::acknowledged, "c1", {{"owner", "jo"}});
  lives.event(4, "tick", EventKind::ack_decayed, "c1", {{"person", "jo"}});
  lives.event(5, "li", EventKind::acknowledged, "c1", {{"owner", "li"}});
  lives.event(6, "ana", EventKind::taken_over, "c1",
              {{"person", "ana"}, {"reason", "She has waited long enough"}});
  lives.entry(7, "ceo", "question_ask", "c1", R"({"question":"q1","from":"ceo","to":"kim"})");
  lives.entry(8, "ceo", "question_ask", "", R"({"question":"q2","from":"ceo","to":"kim"})");
  const Digest digest = lives.digest();
  ASSERT_EQ(digest.top_entries.size(), 3U);
  EXPECT_EQ(digest.top_entries[0].how, TopWay::taken_over);
  EXPECT_EQ(digest.top_entries[0].who, "ana");
  EXPECT_EQ(digest.top_entries[0].why, std::vector<std::string>{"taken_and_left"});
  EXPECT_EQ(digest.top_entries[1].how, TopWay::asked);
  EXPECT_EQ(digest.top_entries[2].why, std::vector<std::string>{"no_case"});
  const auto report = report_of(digest, "top_entries");
  ASSERT_EQ(report->rows.size(), 3U);
  EXPECT_EQ(report->rows[0][5], "taken_and_left");
}

TEST(Top, WhatHappenedBeforeThePeriodIsAReasonAndNoEntry) {
  Lives lives{3};
  lives.opens(1, "c1", "ceo");
  lives.entry(2, "tick", "clock_missed", "c1", R"({"clock":"solution"})");
  lives.entry(3, "ceo", "question_ask", "c1", R"({"question":"q1","from":"ceo","to":"kim"})");
  lives.entry(9, "coo", "question_ask", "c1", R"({"question":"q2","from":"coo","to":"kim"})");
  const Digest digest = lives.digest();
  ASSERT_EQ(digest.top_entries.size(), 1U);
  EXPECT_EQ(digest.top_entries[0].who, "coo");
  EXPECT_EQ(digest.top_entries[0].why, (std::vector<std::string>{"late_solution", "never_owned"}));
  EXPECT_EQ(digest.top_of, 0U);
}

Lives two_teams() {
  Lives lives;
  for (int i = 0; i < 4; ++i) {
    Case it;
    it.team = i < 2 ? "care" : "shops";
    it.source = i == 0 ? "mail" : "social";
    it.language = i == 3 ? "de-AT" : "en";
    it.severity = i == 1 ? Severity::grave : Severity::mild;
    const std::string id = fmt::format("c{}", i);
    lives.opens(1, id, i == 0 ? "ceo" : "", it);
    lives.event(1, "jo", EventKind::acknowledged, id, {{"owner", "jo"}});
    lives.event(2 + i, "jo", EventKind::answered, id, {{"text", "We ring."}});
    lives.entry(9, "tick", "clock_missed", id, R"({"clock":"solution"})");
    lives.event(9, "jo", EventKind::granted, id,
                {{"kind", "refund"}, {"amount", "9 EUR"}, {"beyond", i == 0 ? "yes" : "no"}});
    lives.event(9, "jo", EventKind::grant_asked, id,
                {{"kind", "refund"}, {"amount", "9 EUR"}, {"allowed", "yes"}});
  }
  return lives;
}

std::uint64_t answers(const Digest& digest) {
  return report_of(digest, "first_answer")->n;
}

TEST(Filter, KeepsTheCasesOfATeamSourceSeverityAndLanguage) {
  Lives lives = two_teams();
  EXPECT_EQ(answers(lives.digest()), 4U);
  EXPECT_EQ(answers(lives.digest({"care", "", "", ""})), 2U);
  EXPECT_EQ(answers(lives.digest({"", "social", "", ""})), 3U);
  EXPECT_EQ(answers(lives.digest({"", "", "grave", ""})), 1U);
  EXPECT_EQ(answers(lives.digest({"", "", "", "de"})), 1U) << "a region is its language's";
  EXPECT_EQ(answers(lives.digest({"care", "social", "", "en"})), 1U);
  EXPECT_EQ(answers(lives.digest({"nobody", "", "", ""})), 0U);
  const Digest care = lives.digest({"care", "", "", ""});
  EXPECT_EQ(care.top_entries.size(), 1U);
  EXPECT_EQ(lives.digest({"shops", "", "", ""}).top_entries.size(), 0U);
  EXPECT_EQ(care.opened, 2U);
  ASSERT_EQ(care.missed.size(), 1U);
  EXPECT_EQ(care.missed[0].n, 2U);
  EXPECT_NE(report_of(care, "first_answer")->says.find("Only team care."), std::string::npos);
}

TEST(Filter, TheReportOfAuthorityCountsBothMistakes) {
  Lives lives = two_teams();
  const auto report = report_of(lives.digest({"care", "", "", ""}), "authority");
  ASSERT_EQ(report->rows.size(), 1U);
  EXPECT_EQ(report->rows[0], (std::vector<std::string>{"jo", "2", "1", "2", "2"}));
  EXPECT_EQ(report->says,
            "1 granted beyond what they may; 2 asked although allowed. Only team care. Fewer than "
            "20 (4): too few to compare.");
}

TEST(Filter, WhatCountsPostsCannotBeFiltered) {
  for (const char* name : {"came_in", "set_aside", "by_hand", "letters", "owed", "nothing"})
    EXPECT_FALSE(can_be_filtered(name)) << name;
  for (const char* name : {"first_answer", "solution", "fairness", "verification", "top",
                           "top_entries", "clocks_missed", "authority"})
    EXPECT_TRUE(can_be_filtered(name)) << name;
}

}  // namespace
}  // namespace earshot

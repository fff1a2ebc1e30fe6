// Counting and rendering without a store.
#include "earshot/digest/digest.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "earshot/core/json.hpp"
#include "earshot/digest/report.hpp"

namespace earshot {
namespace {

Instant at(std::string_view text) {
  return *parse_rfc3339(text);
}

const std::vector<DigestSection> kAll{DigestSection::top, DigestSection::times,
                                      DigestSection::verification, DigestSection::letters,
                                      DigestSection::owed};

class Ledger {
 public:
  explicit Ledger(std::int64_t first = 0) { span_.first = first; }
  void add(std::string who, std::string kind, std::string case_id, std::string data) {
    facts_.push_back({++n_, at("2026-11-26T09:00:00Z"), std::move(who), std::move(kind),
                      std::move(case_id), std::move(data)});
  }
  Digest digest() {
    span_.last = n_;
    span_.from = at("2026-11-25T06:00:00Z");
    span_.to = at("2026-11-26T06:00:00Z");
    span_.head = std::string(64, 'a');
    DigestBuilder builder{span_};
    for (const Fact& fact : facts_) builder.take(fact);
    return builder.finish();
  }

 private:
  DigestSpan span_;
  std::int64_t n_ = 0;
  std::vector<Fact> facts_;
};

TEST(Digest, APostThatAnEditTakesIntoACaseLeavesItsRule) {
  Ledger ledger;
  ledger.add("intake", "came_in", "", R"({"aside":{"not_a_complaint":[[1,5]]},"cases":{}})");
  ledger.add("intake", "came_in", "",
             R"({"aside":{},"cases":{},"moved":[{"post":3,"from":"","into":"c1"}]})");
  const Digest digest = ledger.digest();
  EXPECT_EQ(digest.in, 5U);
  EXPECT_EQ(digest.of(DigestBucket::rule), 4U);
  EXPECT_EQ(digest.of(DigestBucket::open), 1U);
  EXPECT_TRUE(disagreements(digest).empty());
  ASSERT_EQ(digest.items.size(), 3U);
  EXPECT_EQ(digest.items[1].first_post, 3);
}

TEST(Digest, AnEntryThatIsDamagedIsNoCrash) {
  Ledger ledger;
  for (const char* data :
       {"", "{", "[]", "null", R"({"aside":[1],"cases":{"c":[[9,1],["a"],[1]]}})",
        R"({"moved":[{"post":"x"}]})"}) {
    for (const char* kind : {"came_in", "dismissed", "opened", "taught", "question_ask", "merged",
                             "withheld", "clock_missed", "silence_added"})
      ledger.add("x", kind, "c1", data);
  }
  EXPECT_EQ(ledger.digest().in, 0U);
}

TEST(Digest, MergingAndErasingAreDoneByHandAndSayOfWhatAndWhy) {
  Ledger ledger;
  ledger.add("jo", "opened", "c1", R"({"case":"{\"id\":\"c1\",\"number\":1}"})");
  ledger.add("jo", "opened", "c2", R"({"case":"{\"id\":\"c2\",\"number\":2}"})");
  ledger.add("jo", "merged", "c2", R"({"into":"c1","reason":"The same lamp"})");
  ledger.add("kim", "customer_erased", "c1", R"({"reason":"She asked for it"})");
  const std::string text = digest_text(ledger.digest(), kAll, "UTC");
  EXPECT_NE(text.find("jo merged case 2 into case 1: The same lamp (entry 3)"), std::string::npos)
      << text;
  EXPECT_NE(text.find("kim erased the customer of case 1: She asked for it (entry 4)"),
            std::string::npos)
      << text;
}

TEST(Digest, WhatIsOwedIsAsItStoodAtTheEnd) {
  Ledger ledger{2};
  ledger.add("ceo", "question_ask", "", R"({"question":"q1","to":"kim","state":"open"})");
  ledger.add("ceo", "question_ask", "", R"({"question":"q2","to":"kim","state":"open"})");
  ledger.add("tick", "question_fall_due", "", R"({"question":"q1","to":"kim","state":"late"})");
  ledger.add("kim", "question_answer", "", R"({"question":"q2","to":"kim","state":"answered"})");
  ledger.add("tick", "action_late", "",
             R"({"action":"a1","department":"hardware","state":"late"})");
  const Digest digest = ledger.digest();
  ASSERT_EQ(digest.answers.size(), 1U);
  EXPECT_EQ(digest.answers.front().open, 1U);
  EXPECT_EQ(digest.answers.front().late, 1U);
  ASSERT_EQ(digest.departments.size(), 1U);
  EXPECT_EQ(digest.departments.front().who, "hardware");
}

TEST(Digest, HalfAndNineOfTenAreRanks) {
  std::vector<Duration> spans;
  for (int i = 100; i >= 1; --i) spans.push_back(minutes{i});
  const Spread spread = spread_of(spans);
  EXPECT_EQ(spread.half, minutes{50});
  EXPECT_EQ(spread.nine, minutes{90});
  EXPECT_EQ(spread.worst, minutes{100});
  EXPECT_FALSE(spread.too_few());
  EXPECT_TRUE(spread_of({minutes{3}}).too_few());
  EXPECT_EQ(spread_of({minutes{3}}).nine, minutes{3});
  EXPECT_EQ(spread_of({}).n, 0U);
}

TEST(Digest, NothingThatPeopleTypeIsMarkup) {
  Ledger ledger;
  ledger.add("<b>jo", "silence_added", "",
             R"j({"id":"s1","reason":"<script>alert(1)</script> & \"x\""})j");
  const Digest digest = ledger.digest();
  const std::string html = digest_html(digest, kAll, "Europe/Berlin");
  EXPECT_EQ(html.find("<script"), std::string::npos);
  EXPECT_EQ(html.find("<b>jo"), std::string::npos);
  EXPECT_NE(html.find("&lt;script&gt;"), std::string::npos);
  EXPECT_NE(digest_text(digest, kAll, "Europe/Berlin").find("Wed 25 Nov 2026 07:00"),
            std::string::npos);
}

TEST(Digest, CountsAndWhatWasDoneByHandCannotBeLeftOut) {
  Ledger ledger;
  ledger.add("jo", "silence_added", "", R"({"id":"s1","reason":"known"})");
  const std::string text = digest_text(ledger.digest(), {}, "UTC");
  EXPECT_NE(text.find("DONE BY HAND: 1"), std::string::npos);
  EXPECT_NE(text.find("came in"), std::string::npos);
  EXPECT_NE(text.find(std::string(64, 'a')), std::string::npos);
  EXPECT_EQ(text.find("LETTERS"), std::string::npos);
}

TEST(DigestPeriod, EndsAtTheLocalTimeThroughAClockChange) {
  DigestTurn turn;
  const DigestPeriod before = digest_period(at("2026-10-24T12:00:00Z"), turn, "Europe/Berlin");
  EXPECT_EQ(before.to, at("2026-10-25T06:00:00Z"));  // winter time began that night
  EXPECT_EQ(before.from, at("2026-10-24T05:00:00Z"));
  EXPECT_EQ(before.name, "daily/2026-10-25");
  EXPECT_EQ(digest_period(before.to, turn, "Europe/Berlin").from, before.to);
  turn.every = DigestEvery::weekly;
  const DigestPeriod week = digest_period(at("2026-11-26T12:00:00Z"), turn, "UTC");
  EXPECT_EQ(week.to, at("2026-11-30T07:00:00Z"));
  EXPECT_EQ(week.from, at("2026-11-23T07:00:00Z"));
  EXPECT_FALSE(digest_day("2026-13-01", "UTC"));
  EXPECT_FALSE(digest_day("yesterday!", "UTC"));
}

TEST(Report, ACellIsNoFormula) {
  EXPECT_EQ(csv_cell("=1+1"), "\"'=1+1\"");
  EXPECT_EQ(csv_cell("+49"), "\"'+49\"");
  EXPECT_EQ(csv_cell("-1"), "\"'-1\"");
  EXPECT_EQ(csv_cell("@SUM(A1)"), "\"'@SUM(A1)\"");
  EXPECT_EQ(csv_cell("\tx"), "\"'\tx\"");
  EXPECT_EQ(csv_cell("a,\"b\""), "\"a,\"\"b\"\"\"");
  EXPECT_EQ(csv_cell("12"), "12");
}

TEST(Report, EachHasItsShapeAndSaysWhereItIsTooFew) {
  Ledger ledger;
  ledger.add("jo", "silence_added", "", R"j({"id":"s1","reason":"=HYPERLINK(\"x\")"})j");
  const Digest digest = ledger.digest();
  for (const std::string& name : report_names()) {
    const auto report = report_of(digest, name);
    ASSERT_TRUE(report) << name;
    EXPECT_FALSE(report->definition.empty()) << name;
    EXPECT_TRUE(report->too_few) << name;
    EXPECT_NE(report->says.find("too few to compare"), std::string::npos) << name;
    for (const auto& row : report->rows) EXPECT_EQ(row.size(), report->columns.size()) << name;
    EXPECT_TRUE(parse_json(report_json(*report, digest.span))) << name;
  }
  EXPECT_NE(report_csv(*report_of(digest, "by_hand")).find("'=HYPERLINK"), std::string::npos);
  EXPECT_FALSE(report_of(digest, "nothing"));
}

}  // namespace
}  // namespace earshot

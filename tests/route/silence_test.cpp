#include "earshot/route/silence.hpp"

#include <gtest/gtest.h>

namespace earshot {
namespace {

const Instant kNow = *parse_rfc3339("2026-03-09T12:00:00Z");

std::vector<Matcher> matchers(std::string_view text) {
  return parse_matchers(text).matchers;
}

Silence silence(std::string_view text) {
  return {"s1", matchers(text),  "jo", "The lamp of batch 17 is known.",
          kNow, kNow + hours{2}, kNow};
}

TEST(Silences, HoldFromTheirBeginningToBeforeTheirEnd) {
  const std::vector<Silence> all{silence("product = Glow, urgency =~ \"page|queue\"")};
  const Labels labels{{"product", {"Glow"}}, {"urgency", {"queue"}}};
  EXPECT_EQ(silencing(all, labels, kNow - Duration{1}), nullptr);
  EXPECT_EQ(silencing(all, labels, kNow), &all.front());
  EXPECT_EQ(silencing(all, labels, kNow + hours{2} - Duration{1}), &all.front());
  EXPECT_EQ(silencing(all, labels, kNow + hours{2}), nullptr);
  EXPECT_EQ(silencing(all, {{"product", {"Glow"}}, {"urgency", {"digest"}}}, kNow), nullptr);
  EXPECT_EQ(all.front().state_at(kNow - Duration{1}), "future");
  EXPECT_EQ(all.front().state_at(kNow), "active");
  EXPECT_EQ(all.front().state_at(kNow + hours{2}), "ended");
}

TEST(Silences, AreKeptAndReadAgainWhole) {
  Silence it = silence(R"(product = "a \"b\", c", cue !~ "safety|medical")");
  it.expired_by = "kim";
  const auto read = silence_from_json(to_json(it));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(to_json(*read), to_json(it));
  EXPECT_EQ(read->matchers, it.matchers);
  EXPECT_FALSE(silence_from_json("{}"));
  EXPECT_FALSE(silence_from_json(R"({"matchers":["=~"],"from":"x"})"));
}

TEST(Silences, WantAnAuthorAReasonAnEndAndSomethingToAskFor) {
  const auto code = [](const auto& change) {
    Silence it = silence("product = Glow");
    change(it);
    const auto why = check(it, kNow);
    return why ? why->code : "";
  };
  EXPECT_EQ(code([](Silence&) {}), "");
  EXPECT_EQ(code([](Silence& it) { it.by.clear(); }), "who_missing");
  EXPECT_EQ(code([](Silence& it) { it.reason = " "; }), "reason_missing");
  EXPECT_EQ(code([](Silence& it) { it.matchers.clear(); }), "matchers_missing");
  EXPECT_EQ(code([](Silence& it) { it.matchers = matchers("product =~ \".*\""); }), "too_wide");
  EXPECT_EQ(code([](Silence& it) { it.matchers = matchers("product != Glow"); }), "too_wide");
  EXPECT_EQ(code([](Silence& it) { it.to = it.from; }), "to_wrong");
  EXPECT_EQ(code([](Silence& it) { it.from -= hours{9}, it.to -= hours{5}; }), "to_wrong");
  EXPECT_EQ(code([](Silence& it) { it.to = it.from + kLongestSilence + hours{1}; }), "too_long");
}

TEST(Inhibition, SidesAndKeys) {
  const InhibitRule rule{matchers("kind = blindness"), matchers("urgency = queue"), {"source"}};
  const Labels blind{{"kind", {"blindness"}}, {"source", {"social"}}, {"urgency", {"page"}}};
  const Labels queued{{"kind", {"customer"}}, {"source", {"social"}}, {"urgency", {"queue"}}};
  const Labels other{{"kind", {"customer"}}, {"source", {"mail"}}, {"urgency", {"queue"}}};
  EXPECT_EQ(side_of(rule, blind), InhibitSide::source);
  EXPECT_EQ(side_of(rule, queued), InhibitSide::target);
  EXPECT_EQ(side_of(rule, {{"kind", {"blindness"}}, {"urgency", {"queue"}}}), InhibitSide::both);
  EXPECT_EQ(side_of(rule, {}), InhibitSide::neither);
  EXPECT_EQ(inhibit_key(rule, blind), inhibit_key(rule, queued));
  EXPECT_NE(inhibit_key(rule, blind), inhibit_key(rule, other));
  EXPECT_EQ(inhibit_key(rule, {{"source", {""}}}), inhibit_key(rule, {}))
      << "empty is the same as missing";
  EXPECT_EQ(inhibit_key(rule, {{"source", {"b", "a", "a"}}}),
            inhibit_key(rule, {{"source", {"a", "b"}}}));
  InhibitRule stricter = rule;
  stricter.target = matchers("urgency = page");
  EXPECT_NE(inhibit_key(rule, blind), inhibit_key(stricter, blind)) << "rules do not meet";
}

}  // namespace
}  // namespace earshot

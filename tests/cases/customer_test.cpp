// Nothing is merged that cannot be split again.
#include "earshot/cases/customer.hpp"

#include <gtest/gtest.h>

namespace earshot {
namespace {

const Instant kNow = *parse_rfc3339("2026-11-23T17:25:00Z");

TEST(Customers, WhatIsMergedCanBeSplit) {
  Customer ann{"u1", "Ann", {"mail:ann@example.org"}, 3, {}};
  Customer mara{"u2", "Ann", {"social/17"}, 2, {}};
  mara = flag_customer(mara, "vulnerable", true, "kim", "She is ill.", kNow).one;
  EXPECT_EQ(merge_customers(mara, ann, "kim", " ", kNow).refusal->code, "reason_missing");
  EXPECT_EQ(merge_customers(ann, ann, "kim", "x", kNow).refusal->code, "into_itself");
  const CustomersDone merged = merge_customers(mara, ann, "kim", "She told us her handle.", kNow);
  ASSERT_FALSE(merged.refusal);
  EXPECT_EQ(merged.one.identities, (std::vector<std::string>{"mail:ann@example.org", "social/17"}));
  EXPECT_EQ(merged.one.ids(), (std::vector<std::string>{"u1", "u2"}));
  EXPECT_EQ(merged.one.contacts, 5U);
  EXPECT_EQ(merged.other.body.merged_into, "u1");
  EXPECT_EQ(merge_customers(merged.other, ann, "kim", "x", kNow).refusal->code, "merged");
  Customer third{"u3", "", {"social/9"}, 1, {}};
  EXPECT_EQ(merge_customers(merged.one, third, "kim", "x", kNow).refusal->code, "has_parts");

  Customer whole = merged.one;
  whole.body = customer_body(to_json(merged.one.body));
  whole.identities.emplace_back("social/18");
  Customer part = merged.other;
  part.body = customer_body(to_json(merged.other.body));
  EXPECT_EQ(split_customer(whole, third, "x").refusal->code, "no_part");
  const CustomersDone split = split_customer(whole, part, "Two people of one house.");
  ASSERT_FALSE(split.refusal);
  EXPECT_EQ(split.one.identities, (std::vector<std::string>{"mail:ann@example.org", "social/18"}));
  EXPECT_EQ(split.other.identities, mara.identities);
  EXPECT_EQ(split.one.contacts, 3U);
  EXPECT_TRUE(split.one.body.flags.empty()) << "the flag was the other's";
  EXPECT_EQ(split.other.body.flags.size(), 1U);
  EXPECT_TRUE(split.other.body.merged_into.empty());
}

TEST(Customers, FlagsHaveTheirReason) {
  const Customer ann{"u1", "Ann", {}, 0, {}};
  EXPECT_EQ(flag_customer(ann, "rich", true, "kim", "x", kNow).refusal->code, "flag_missing");
  EXPECT_EQ(flag_customer(ann, "vip", true, "kim", "", kNow).refusal->code, "reason_missing");
  const Customer vip = flag_customer(ann, "vip", true, "kim", "Writes for a paper.", kNow).one;
  EXPECT_EQ(vip.body.flags.at(0).reason, "Writes for a paper.");
  EXPECT_TRUE(flag_customer(vip, "vip", false, "kim", "No longer.", kNow).one.body.flags.empty());
  EXPECT_TRUE(customer_body("no json").parts.empty());
}

}  // namespace
}  // namespace earshot

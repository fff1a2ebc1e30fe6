// Who answers for whom, and who may take back what somebody else has set.
#include "earshot/config/people.hpp"

#include <gtest/gtest.h>

namespace earshot {
namespace {

Config house() {
  Config it;
  it.teams = {{"care", {"jo", "lee"}, "kim", ""}, {"billing", {"li"}, "", ""}};
  for (const auto& [id, manager] :
       {std::pair{"jo", "mo"}, {"mo", "ana"}, {"lee", ""}, {"kim", ""}, {"ana", ""}, {"li", ""}}) {
    Person one;
    one.id = id, one.manager = manager;
    it.people.push_back(one);
  }
  return it;
}

TEST(People, WhoSetItWhoItIsAboutAndWhoAnswersForThemTakeItBack) {
  const Config it = house();
  for (const char* who : {"jo", "mo", "ana", "kim"})
    EXPECT_TRUE(may_take_back(it, who, false, "jo", "")) << who;
  for (const char* who : {"lee", "li", "", "somebody"})
    EXPECT_FALSE(may_take_back(it, who, false, "jo", "")) << who;
  EXPECT_TRUE(may_take_back(it, "lee", false, "jo", "lee")) << "it is about lee";
  EXPECT_TRUE(may_take_back(it, "kim", false, "li", "lee")) << "the lead of lee's team";
  EXPECT_TRUE(may_take_back(it, "li", true, "jo", "")) << "a manager's or admin's role";
}

TEST(People, WhatNobodyKnownHasSetIsForOperators) {
  const Config it = house();
  EXPECT_FALSE(may_take_back(it, "jo", false, "", ""));
  EXPECT_FALSE(may_take_back(it, "jo", false, "who has left", ""));
  EXPECT_TRUE(may_take_back(it, "ops", false, "ops", "")) << "the label of a token";
}

}  // namespace
}  // namespace earshot

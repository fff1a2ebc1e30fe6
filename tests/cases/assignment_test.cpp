#include "earshot/cases/assignment.hpp"

#include <gtest/gtest.h>

#include <random>

namespace earshot {
namespace {

const Instant kNow = *parse_rfc3339("2026-03-02T09:00:00Z");

Candidate person(std::string id, int open = 0, bool on_call = false) {
  Candidate it;
  it.person = std::move(id);
  it.open = open;
  it.on_call = on_call;
  return it;
}

std::string chosen(std::vector<AssignBy> by, const std::vector<Candidate>& people,
                   const Case& it = {}, const std::string& last = "", int capacity = 0) {
  AssignPolicy policy;
  policy.by = std::move(by);
  policy.capacity = capacity;
  const Assignment got = choose_owner(it, policy, people, last);
  EXPECT_FALSE(policy.chooses() && got.reasons.empty()) << "a choice without a reason";
  return got.person;
}

TEST(Assignment, WhoeverAcknowledgesIsNotChosen) {
  EXPECT_EQ(chosen({AssignBy::whoever_acks}, {person("jo")}), "");
}

TEST(Assignment, LeastOpenThenWhoWaitedLongest) {
  EXPECT_EQ(chosen({AssignBy::least_open}, {person("jo", 3), person("bo", 1), person("li", 2)}),
            "bo");
  std::vector<Candidate> equal{person("jo", 1), person("bo", 1)};
  equal[0].last_given = kNow;
  equal[1].last_given = kNow - hours{1};
  EXPECT_EQ(chosen({AssignBy::least_open}, equal), "bo");
}

TEST(Assignment, RoundRobinGivesToWhoWaitedLongestAndNewcomersFirst) {
  std::vector<Candidate> people{person("jo"), person("bo"), person("li")};
  people[0].last_given = kNow - hours{2};
  people[1].last_given = kNow - hours{3};
  EXPECT_EQ(chosen({AssignBy::round_robin}, people), "li");
  people[2].last_given = kNow;
  EXPECT_EQ(chosen({AssignBy::round_robin}, people), "bo");
}

TEST(Assignment, OnCallNarrowsAndIsPassedOverWhereNobodyIs) {
  EXPECT_EQ(
      chosen({AssignBy::on_call, AssignBy::least_open}, {person("jo", 0), person("bo", 5, true)}),
      "bo");
  EXPECT_EQ(chosen({AssignBy::on_call, AssignBy::least_open}, {person("jo", 0), person("bo", 5)}),
            "jo");
}

TEST(Assignment, TheSameOwnerForTheSameCustomerUnlessAwayOrFull) {
  const std::vector<AssignBy> by{AssignBy::same_owner, AssignBy::least_open};
  EXPECT_EQ(chosen(by, {person("jo", 4), person("bo", 0)}, {}, "jo"), "jo");
  EXPECT_EQ(chosen(by, {person("jo", 4), person("bo", 0)}, {}, "jo", 4), "bo") << "full";
  std::vector<Candidate> people{person("jo", 4), person("bo", 0)};
  people[0].absent = true;
  EXPECT_EQ(chosen(by, people, {}, "jo"), "bo") << "away";
}

TEST(Assignment, SkillsByLanguageTopicAndProduct) {
  Case it;
  it.language = "de-AT";
  it.topics = {"delivery", "billing"};
  it.product = "Glow Mini";
  std::vector<Candidate> people{person("jo"), person("bo", 9), person("li")};
  people[0].skills.languages = {"en"};
  people[1].skills.languages = {"de", "en"};
  people[1].skills.topics = {"Billing"};
  people[2].skills.products = {"Glow"};
  EXPECT_EQ(chosen({AssignBy::skills, AssignBy::least_open}, people, it), "bo");
  EXPECT_EQ(skill_for(people[1].skills, it), "de-AT, billing");
  EXPECT_EQ(skill_for(people[2].skills, it), "");
  it.language = "tr";
  EXPECT_EQ(chosen({AssignBy::skills, AssignBy::least_open}, people, it), "jo")
      << "nobody has the skills: the others take it";
}

TEST(Assignment, NobodyWithRoomMeansThatItWaitsAndSaysWhy) {
  AssignPolicy policy;
  policy.by = {AssignBy::least_open};
  policy.capacity = 2;
  std::vector<Candidate> people{person("jo", 2), person("bo", 0)};
  people[1].absent = true;
  const Assignment got = choose_owner(Case{}, policy, people, "");
  EXPECT_EQ(got.person, "");
  EXPECT_EQ(got.reasons,
            (std::vector<std::string>{"jo has 2 cases, the limit.", "bo is away.",
                                      "Nobody of the team is there and has room: it waits."}));
}

TEST(Assignment, TheAbsentAndTheFullAreNeverChosenWhateverTheStrategies) {
  std::mt19937 dice{7};
  const std::vector<AssignBy> all{AssignBy::same_owner, AssignBy::on_call, AssignBy::skills,
                                  AssignBy::least_open, AssignBy::round_robin};
  for (int i = 0; i < 20'000; ++i) {
    AssignPolicy policy;
    policy.by.clear();
    for (int n = 0; n < 3; ++n) policy.by.push_back(all[dice() % all.size()]);
    policy.capacity = static_cast<int>(dice() % 4);
    std::vector<Candidate> people;
    for (int n = 0; n < 5; ++n) {
      people.push_back(
          person("p" + std::to_string(n), static_cast<int>(dice() % 5), dice() % 2 == 0));
      people.back().absent = dice() % 3 == 0;
      if (dice() % 2 == 0) people.back().skills.languages = {dice() % 2 == 0 ? "de" : "en"};
    }
    Case it;
    it.language = dice() % 2 == 0 ? "de" : "fr";
    const Assignment got = choose_owner(it, policy, people, "p" + std::to_string(dice() % 6));
    bool anybody = false;
    for (const Candidate& one : people) {
      const bool able = !one.absent && (policy.capacity == 0 || one.open < policy.capacity);
      anybody = anybody || able;
      if (got.person == one.person) {
        ASSERT_TRUE(able);
      }
    }
    ASSERT_EQ(!got.person.empty(), anybody) << "somebody who can is always found";
  }
}

}  // namespace
}  // namespace earshot

// Which deadlines passed is said once for each, for the counter of earshot_clocks_missed_total.
#include "house.hpp"

namespace earshot {
namespace {

Config promising() {
  Config it = house_config();
  it.follow_through.first_answer = {{Urgency::page, minutes{15}}, {Urgency::queue, hours{1}}};
  it.follow_through.solution = {{Urgency::page, hours{2}}};
  return it;
}

class ClocksMissed : public House {
 protected:
  ClocksMissed() : House(promising()) {}
  std::vector<std::string> after(Duration span) {
    later(span);
    return tick.missed_clocks();
  }
};

using Words = std::vector<std::string>;

TEST_F(ClocksMissed, EachIsSaidOnceWhenItsDeadlineHasPassed) {
  posts("1", kHazard);
  ASSERT_EQ(only_case().urgency, Urgency::page);
  EXPECT_EQ(after(minutes{14}), Words{});
  EXPECT_EQ(after(minutes{2}), Words{"first_answer"});
  EXPECT_EQ(after(minutes{2}), Words{});
  EXPECT_EQ(after(hours{2}), Words{"solution"});
  EXPECT_EQ(after(hours{2}), Words{});
}

TEST_F(ClocksMissed, WhatWasAnsweredInTimeIsNotSaid) {
  posts("1", kHazard);
  ASSERT_EQ(does("jo", Action::answer, {{"text", "We ring you."}}).kind, ActAnswer::Kind::done);
  EXPECT_EQ(after(minutes{30}), Words{});
}

}  // namespace
}  // namespace earshot

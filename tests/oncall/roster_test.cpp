#include "earshot/oncall/roster.hpp"

#include <gtest/gtest.h>

namespace earshot {
namespace {

TEST(NotifyStep, IsAWayAndATime) {
  EXPECT_EQ(parse_notify_step("push-jo now")->way, "push-jo");
  EXPECT_EQ(parse_notify_step(" mail ")->after, Duration{0});
  EXPECT_EQ(parse_notify_step("sms  after 2m")->after, minutes{2});
  for (const char* bad : {"", "now", "after 2m", "sms after", "sms after two",
                          "sms after 2m please", "sms in 2m", "sms now 2m"}) {
    EXPECT_FALSE(parse_notify_step(bad).ok()) << bad;
  }
}

Person jo() {
  Person person;
  person.id = "jo";
  person.contact = {{ContactKind::via, "push-jo"},
                    {ContactKind::sms, "+44"},
                    {ContactKind::mail, "jo@brightwave.example"}};
  return person;
}

TEST(Contact, IsFoundByKindOrByTheNameOfItsReceiver) {
  const Person person = jo();
  EXPECT_EQ(find_contact(person, "sms")->value, "+44");
  EXPECT_EQ(find_contact(person, "push-jo")->kind, ContactKind::via);
  EXPECT_EQ(find_contact(person, "+44"), nullptr);
  EXPECT_EQ(find_contact(person, "via"), nullptr);
}

TEST(NotifySteps, AreThePersonsOwnOrTheFirstContactAtOnce) {
  Person person = jo();
  ASSERT_EQ(notify_steps(person, "page").size(), 1U);
  EXPECT_EQ(notify_steps(person, "page").front().way, "push-jo");
  EXPECT_TRUE(notify_steps(person, "digest").empty());
  person.notify["page"] = {{"sms", Duration{0}}, {"mail", minutes{5}}};
  EXPECT_EQ(notify_steps(person, "page").size(), 2U);
  person.notify["queue"] = {};
  EXPECT_TRUE(notify_steps(person, "queue").empty());
  person.contact.clear();
  EXPECT_TRUE(notify_steps(person, "digest").empty());
}

TEST(People, AreFoundById) {
  const std::vector<Person> people{jo()};
  EXPECT_EQ(find_person(people, "jo"), &people.front());
  EXPECT_EQ(find_person(people, "kim"), nullptr);
}

}  // namespace
}  // namespace earshot

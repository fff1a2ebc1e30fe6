// Cases given by strategy, capacity, absence, who frees up, and what nobody takes.
#include <algorithm>

#include "../../src/app/assign.hpp"
#include "../../src/app/quiet.hpp"
#include "house.hpp"

namespace earshot {
namespace {

// Three customers, three matters: nothing that would be taken for a copy.
const std::map<std::string, std::string> kQueued{
    {"1", "@Brightwave you charged me twice for one lamp, I want my money back"},
    {"2", "@Brightwave my parcel never arrived and your hotline hangs up on me, this is a shame"},
    {"3", "@Brightwave the app deletes all my rooms since the update, I am really disappointed"}};

class Giving : public House {
 protected:
  void policy(std::vector<AssignBy> by, int capacity = 0, Duration unowned = Duration{0}) {
    Config config = house_config();
    config.assign["care"] = {std::move(by), capacity, unowned};
    use(std::move(config));
  }
  void queued(const std::string& n) { posts(n, kQueued.at(n), "author" + n); }
  std::vector<Case> open_cases() {
    std::vector<Case> all = all_cases();
    std::ranges::sort(all, {}, &Case::number);
    return all;
  }
  void absent(const std::string& person) {
    write([&](StoreWriter& writer) {
      Record record;
      record.kind = "absence", record.id = "a-" + person, record.owner = person;
      record.state = "active", record.created_at = record.updated_at = clock.now();
      LiveAbsence away;
      away.id = record.id, away.person = person;
      away.start = clock.now() - hours{1}, away.end = clock.now() + hours{8};
      record.due = away.end;
      record.body = to_json(away);
      writer.put_record(record);
    });
  }
};

TEST_F(Giving, AQueuedCaseIsToldToThePersonOfTheirTurnWithItsReason) {
  policy({AssignBy::round_robin});
  for (const char* n : {"1", "2", "3"}) {
    clock.advance(minutes{1});
    queued(n);
  }
  const std::vector<Case> all = open_cases();
  ASSERT_EQ(all.size(), 3U);
  ASSERT_EQ(all[0].urgency, Urgency::queue);
  EXPECT_EQ(all[0].told, std::vector<std::string>{"jo"});
  EXPECT_EQ(all[1].told, std::vector<std::string>{"bo"});
  EXPECT_EQ(all[2].told, std::vector<std::string>{"jo"});
  EXPECT_TRUE(all[0].owner.empty()) << "owned once it is acknowledged";
  look([&](StoreReader& reader) {
    LedgerQuery query;
    query.case_id = all[0].id;
    query.kind = "assigned";
    const auto entries = reader.ledger(query);
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_EQ(entries[0].who, "assign");
    EXPECT_NE(entries[0].data.find("turn"), std::string::npos);
  });
}

TEST_F(Giving, TheAbsentAreNotGivenCasesAndTheFullWaitTheirTurn) {
  policy({AssignBy::least_open}, 1);
  absent("bo");
  queued("1");
  const std::string first = open_cases()[0].id;
  does("jo", Action::ack, {}, first);
  clock.advance(minutes{1});
  queued("2");
  clock.advance(minutes{1});
  queued("3");
  std::vector<Case> all = open_cases();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_TRUE(all[1].told.empty()) << "bo is away, jo has one: it waits";
  EXPECT_TRUE(all[2].told.empty());
  does("jo", Action::dismiss, {{"reason", "spam"}}, first);
  all = open_cases();
  EXPECT_EQ(all[1].told, std::vector<std::string>{"jo"}) << "the oldest first";
}

TEST_F(Giving, WhoeverAcknowledgesOwnsUnlessTheStrategiesSayOtherwise) {
  posts("1", kHazard);
  EXPECT_EQ(does("kim", Action::ack).now_case->owner, "kim");
}

TEST_F(Giving, AnAckUnderAStrategyStopsThePagesAndTheCaseHasTheChosenOwner) {
  policy({AssignBy::least_open});
  posts("1", kHazard);
  const Case it = only_case();
  const ActAnswer done = does("kim", Action::ack);
  EXPECT_EQ(done.now_case->owner, "jo") << "kim leads, jo and bo work";
  EXPECT_EQ(done.now_case->former_owners.size(), 1U);
  EXPECT_EQ(waiting_pages(it.id, "jo"), 0U);
}

TEST_F(Giving, TheSameOwnerForTheSameCustomer) {
  policy({AssignBy::same_owner, AssignBy::round_robin});
  queued("1");
  const std::string first = open_cases()[0].id;
  does("bo", Action::ack, {}, first);
  const std::string owner = case_of_id(first).owner;
  EXPECT_EQ(owner, "bo") << "a queued case is owned by whoever takes it";
  clock.advance(hours{72});
  posts("2", "@Brightwave and now the replacement lamp never came, where is my parcel?", "author1");
  const std::vector<Case> all = open_cases();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[1].told, std::vector<std::string>{owner});
}

TEST_F(Giving, WhatNobodyTakesClimbs) {
  policy({AssignBy::whoever_acks}, 0, minutes{30});
  queued("1");
  const Case it = only_case();
  EXPECT_EQ(it.step, -1);
  later(minutes{29});
  EXPECT_EQ(only_case().step, -1);
  later(minutes{2});
  EXPECT_EQ(only_case().step, 0);
  EXPECT_EQ(waiting_pages(it.id, "jo"), 1U);
  later(minutes{11});
  EXPECT_EQ(waiting_pages(it.id, "kim"), 1U) << "and goes on like a page";
}

TEST_F(Giving, ATakenCaseDoesNotClimb) {
  policy({AssignBy::whoever_acks}, 0, minutes{30});
  queued("1");
  does("jo", Action::ack);
  later(minutes{31});
  EXPECT_EQ(only_case().step, -1);
}

TEST_F(Giving, ARouteHasStrategiesOfItsOwnAndItsChildrenInheritThem) {
  Config config = house_config();
  config.assign["care"] = {{AssignBy::round_robin}, 0, {}};
  config.skills["bo"].topics = {"delivery"};
  Route parcels;
  parcels.matchers = parse_matchers("urgency = queue").matchers;
  parcels.assign = AssignPolicy{{AssignBy::skills, AssignBy::round_robin}, 0, {}};
  Route child;
  child.matchers = parse_matchers("topic = delivery").matchers;
  parcels.routes.push_back(std::move(child));
  config.route.routes.push_back(std::move(parcels));
  use(std::move(config));
  queued("2");
  const Case it = open_cases()[0];
  ASSERT_NE(std::ranges::find(it.topics, "delivery"), it.topics.end());
  EXPECT_EQ(it.told, std::vector<std::string>{"bo"}) << "by the team's strategy it is jo's turn";
  queued("1");
  EXPECT_EQ(open_cases()[1].told, std::vector<std::string>{"jo"}) << "nobody there has the skill";
}

TEST_F(Giving, ARoutesStrategiesForAnUndeclaredTeamTellThePeopleOfTheFirstStep) {
  Config config = house_config();
  config.teams.clear();
  config.route.assign = AssignPolicy{{AssignBy::least_open}, 0, {}};
  use(std::move(config));
  queued("1");
  EXPECT_EQ(rows(only_case().id, "jo").size(), 1U) << "it does not wait for nobody";
}

TEST_F(Giving, WhoeverHandsACaseOverHasRoomForTheOldestThatWaits) {
  policy({AssignBy::least_open}, 1);
  absent("bo");
  queued("1");
  const std::string first = open_cases()[0].id;
  does("jo", Action::ack, {}, first);
  for (const char* n : {"2", "3"}) {
    clock.advance(minutes{1});
    queued(n);
  }
  does("kim", Action::take_over, {{"reason", "I know her"}}, first);
  const std::vector<Case> all = open_cases();
  EXPECT_EQ(all[1].told, std::vector<std::string>{"jo"});
  EXPECT_TRUE(all[2].told.empty() || all[2].told == std::vector<std::string>{"jo"});
}

TEST_F(Giving, WhoComesBackIsFoundWithinFiveMinutes) {
  policy({AssignBy::least_open}, 1);
  absent("bo");
  absent("jo");
  queued("1");
  EXPECT_TRUE(only_case().told.empty());
  clock.advance(hours{8});
  later(minutes{6});
  EXPECT_EQ(only_case().told, std::vector<std::string>{"jo"});
  look([&](StoreReader& reader) {
    RecordQuery query;
    query.kind = kWaiting;
    EXPECT_TRUE(reader.records(query).empty());
  });
}

TEST_F(Giving, ACaseForWhichNobodyHasTheSkillsLetsYoungerOnesPass) {
  Config config = house_config();
  config.assign["care"] = {{AssignBy::least_open}, 1, {}};
  config.teams[0].members = {"jo"};
  use(std::move(config));
  queued("1");
  does("jo", Action::ack, {}, open_cases()[0].id);
  queued("2");
  const std::string merged = open_cases()[1].id;
  clock.advance(minutes{1});
  queued("3");
  does("kim", Action::dismiss, {{"reason", "spam"}}, merged);
  does("jo", Action::dismiss, {{"reason", "spam"}}, open_cases()[0].id);
  EXPECT_EQ(open_cases()[2].told, std::vector<std::string>{"jo"}) << "an ended one is passed over";
}

TEST_F(Giving, WhatIsSilencedIsNotGivenWhenSomebodyFreesUp) {
  policy({AssignBy::least_open}, 1);
  absent("bo");
  queued("1");
  const std::string first = open_cases()[0].id;
  does("jo", Action::ack, {}, first);
  queued("2");
  const Case waiting = open_cases()[1];
  write([&](StoreWriter& writer) {
    Record record;
    record.kind = kSilence, record.id = "s1", record.state = "active";
    record.created_at = record.updated_at = clock.now();
    record.due = clock.now() + hours{2};
    record.body = to_json(Silence{"s1", parse_matchers("urgency = queue").matchers, "kim", "known",
                                  clock.now(), clock.now() + hours{2}, clock.now()});
    writer.put_record(record);
  });
  does("jo", Action::dismiss, {{"reason", "spam"}}, first);
  EXPECT_TRUE(case_of_id(waiting.id).told.empty()) << "it is silenced";
  later(hours{2} + minutes{1});
  EXPECT_EQ(case_of_id(waiting.id).told, std::vector<std::string>{"jo"});
}

}  // namespace
}  // namespace earshot

#include "earshot/cases/machine.hpp"

#include <gtest/gtest.h>

#include <random>

#include "earshot/cases/clocks.hpp"
#include "earshot/cases/escalation.hpp"

namespace earshot {
namespace {

const Instant kNow = *parse_rfc3339("2026-11-23T17:25:00Z");

Case open_case(Urgency urgency = Urgency::page) {
  Case it;
  it.id = "c1";
  it.urgency = urgency;
  it.posted_at = it.opened_at = it.updated_at = kNow;
  return it;
}

struct Door {
  Case it = open_case();
  CasePolicy policy{};
  Instant now = kNow;
  std::optional<Refusal> last{};

  Door& then(Action action, std::string who, Arguments args = {}) {
    now += minutes{1};
    Applied applied = apply(it, {action, std::move(who), std::move(args)}, now, policy);
    last = applied.refusal;
    it = fold_all(it, applied.events);
    return *this;
  }
  std::string refused() const { return last ? last->code : ""; }
};

const Arguments kFeedback{{"said", "We are sorry; a new lamp is on its way."},
                          {"done", "Replaced the lamp, batch recalled."},
                          {"cause", "battery"},
                          {"department", "hardware"},
                          {"product_change", "yes"},
                          {"change", "new cell supplier"}};

TEST(CaseMachine, TheWholeLifeOfAPage) {
  Door door;
  door.then(Action::ack, "jo");
  EXPECT_EQ(door.it.state, CaseState::acknowledged);
  EXPECT_EQ(door.it.owner, "jo");
  door.then(Action::answer, "jo", {{"text", "We ring you now."}});
  EXPECT_EQ(door.it.state, CaseState::answered);
  door.then(Action::feedback, "jo", kFeedback);
  EXPECT_EQ(door.it.state, CaseState::verifying);
  EXPECT_TRUE(door.it.verification_needed);
  door.then(Action::close, "jo");
  EXPECT_EQ(door.refused(), "gate");
  EXPECT_EQ(door.last->missing, std::vector<std::string>{"verify"});
  door.then(Action::verify, "ceo", {{"outcome", "satisfied"}});
  EXPECT_EQ(door.it.state, CaseState::closed);
  EXPECT_EQ(door.it.outcome, "satisfied");
}

TEST(CaseMachine, NoDoorGoesAroundAGate) {
  Door door;
  door.then(Action::close, "jo");
  EXPECT_EQ(door.refused(), "feedback_missing");
  EXPECT_EQ(door.last->text,
            "Still owed: an owner, an answer to the customer, what was said, what was done, the "
            "root cause and department, "
            "whether the product changes, the call-back.");
  door.then(Action::feedback, "jo", kFeedback);
  EXPECT_EQ(door.refused(), "owner_missing");
  door.then(Action::ack, "jo").then(Action::verify, "ceo", {{"outcome", "satisfied"}});
  EXPECT_EQ(door.refused(), "feedback_missing");
  Arguments same = kFeedback;
  same["done"] = "we are sorry;  a new lamp is on its way.";
  door.then(Action::feedback, "jo", same);
  EXPECT_EQ(door.refused(), "feedback_repeated");
  Arguments blank = kFeedback;
  blank["said"] = "  \n";
  door.then(Action::feedback, "jo", blank);
  EXPECT_EQ(door.refused(), "feedback_missing");
}

TEST(CaseMachine, TwoPeopleCannotOwnOneCase) {
  Door door;
  door.then(Action::ack, "jo").then(Action::ack, "kim");
  EXPECT_EQ(door.refused(), "taken");
  EXPECT_EQ(door.it.owner, "jo");
  door.then(Action::ack, "jo");
  EXPECT_EQ(door.refused(), "");
  door.then(Action::take_over, "kim");
  EXPECT_EQ(door.refused(), "reason_missing");
  door.then(Action::take_over, "kim", {{"reason", "Jo is ill"}});
  EXPECT_EQ(door.it.owner, "kim");
  ASSERT_EQ(door.it.former_owners.size(), 1U);
  EXPECT_EQ(door.it.former_owners[0].person, "jo");
}

TEST(CaseMachine, NotSatisfiedReopensOneLevelUp) {
  Door door;
  door.then(Action::ack, "jo")
      .then(Action::answer, "jo", {{"text", "x"}})
      .then(Action::feedback, "jo", kFeedback);
  door.then(Action::verify, "ceo", {{"outcome", "not_satisfied"}});
  EXPECT_EQ(door.refused(), "words_missing");
  door.then(Action::verify, "ceo", {{"outcome", "not_satisfied"}, {"words", "It still smokes."}});
  EXPECT_EQ(door.it.state, CaseState::open);
  EXPECT_EQ(door.it.level, 1);
  EXPECT_EQ(door.it.reopened, 1);
  EXPECT_TRUE(door.it.owner.empty());
  EXPECT_FALSE(door.it.feedback.has_value());
  EXPECT_FALSE(door.it.failed.empty());
}

TEST(CaseMachine, NotReachedThreeSpacedTimesCloses) {
  Door door;
  door.then(Action::ack, "jo")
      .then(Action::answer, "jo", {{"text", "x"}})
      .then(Action::feedback, "jo", kFeedback);
  for (int i = 0; i < 5; ++i) door.then(Action::verify, "ceo", {{"outcome", "not_reached"}});
  EXPECT_EQ(door.it.state, CaseState::verifying) << "five rings in five minutes are one try";
  door.now += hours{5};
  door.then(Action::verify, "ceo", {{"outcome", "not_reached"}});
  EXPECT_EQ(door.it.state, CaseState::verifying);
  door.now += hours{5};
  door.then(Action::verify, "ceo", {{"outcome", "not_reached"}});
  EXPECT_EQ(door.it.state, CaseState::closed);
  EXPECT_EQ(door.it.outcome, "not_reached");
}

TEST(CaseMachine, APageIsDismissedByTwo) {
  Door door;
  door.then(Action::dismiss, "jo", {{"reason", "it is late"}});
  EXPECT_EQ(door.refused(), "reason_missing");
  door.then(Action::dismiss, "jo", {{"reason", "not_a_complaint"}});
  EXPECT_EQ(door.it.state, CaseState::open);
  door.then(Action::dismiss, "jo", {{"reason", "not_a_complaint"}});
  EXPECT_EQ(door.refused(), "second_person");
  door.then(Action::dismiss, "kim", {{"reason", "not_a_complaint"}});
  EXPECT_EQ(door.it.state, CaseState::dismissed);
  door.then(Action::reopen, "kim", {{"reason", "it was one"}});
  EXPECT_EQ(door.it.state, CaseState::open);
  EXPECT_EQ(door.it.level, 0) << "an undone dismissal has not failed";
}

TEST(CaseMachine, AnAcknowledgementWithoutProgressDecays) {
  Door door;
  door.then(Action::ack, "jo").then(Action::decay, "tick");
  EXPECT_EQ(door.refused(), "not_due");
  door.now += minutes{61};
  door.then(Action::decay, "tick");
  EXPECT_EQ(door.it.state, CaseState::open);
  EXPECT_TRUE(door.it.owner.empty());
}

TEST(CaseMachine, AnAcknowledgementCanBeTakenBackForTenMinutes) {
  Door door;
  door.then(Action::ack, "jo").then(Action::undo_ack, "kim");
  EXPECT_EQ(door.refused(), "not_yours");
  door.then(Action::undo_ack, "jo");
  EXPECT_EQ(door.it.state, CaseState::open);
  door.then(Action::ack, "jo");
  door.now += minutes{11};
  door.then(Action::undo_ack, "jo");
  EXPECT_EQ(door.refused(), "too_late");
}

TEST(CaseMachine, NewWordsReopenAClosedCase) {
  Door door;
  door.it.urgency = Urgency::queue;
  door.policy.verify_share = 0;
  door.then(Action::ack, "jo")
      .then(Action::answer, "jo", {{"text", "x"}})
      .then(Action::feedback, "jo", kFeedback)
      .then(Action::close, "jo");
  ASSERT_EQ(door.it.state, CaseState::closed);
  EXPECT_EQ(door.it.outcome, "not_needed");
  door.then(Action::words, "customer", {{"post", "p2"}});
  EXPECT_EQ(door.it.state, CaseState::open);
  EXPECT_EQ(door.it.level, 1);
}

/// Any sequence of commands keeps the promises of a case's life; the ledger alone rebuilds it.
TEST(CaseMachine, RandomCommandsKeepTheInvariants) {
  std::mt19937 dice{7};
  const std::vector<std::string> people{"jo", "kim", "ceo"};
  for (int run = 0; run < 200; ++run) {
    Door door;
    door.it.urgency = run % 2 == 0 ? Urgency::page : Urgency::queue;
    Case rebuilt = door.it;
    for (int i = 0; i < 30; ++i) {
      const auto action = static_cast<Action>(dice() % kWordsOf<Action>.size());
      Arguments args = kFeedback;
      args["person"] = people[dice() % 3], args["reason"] = dice() % 2 == 0 ? "spam" : "because",
      args["text"] = "x", args["into"] = "c9";
      args["outcome"] = std::string{kWordsOf<CallOutcome>[dice() % 3]}, args["words"] = "no",
      args["urgency"] = "page";
      args["step"] = "1", args["round"] = "0";
      door.now += minutes{dice() % 90};
      const Command command{action, people[dice() % 3], args};
      const Applied applied = apply(door.it, command, door.now, door.policy);
      for (const Event& event : applied.events) {
        const auto copy = event_from_json(to_word(event.kind), event.who, event.at, to_json(event));
        ASSERT_TRUE(copy);
        rebuilt = fold(rebuilt, *copy);
      }
      door.it = fold_all(door.it, applied.events);
      ASSERT_EQ(to_json(door.it), to_json(rebuilt));
      const auto again = case_from_json(to_json(door.it));
      ASSERT_TRUE(again);
      ASSERT_EQ(to_json(*again), to_json(door.it));
      const bool owned = door.it.state == CaseState::acknowledged ||
                         door.it.state == CaseState::answered ||
                         door.it.state == CaseState::verifying;
      if (owned) {
        ASSERT_FALSE(door.it.owner.empty()) << to_word(action);
      }
      if (door.it.state == CaseState::open) {
        ASSERT_TRUE(door.it.owner.empty()) << to_word(action);
      }
      if (door.it.state == CaseState::closed) {
        ASSERT_TRUE(door.it.feedback.has_value());
        ASSERT_TRUE(door.it.answered_at.has_value());
        ASSERT_FALSE(door.it.outcome.empty());
      }
    }
  }
}

TEST(Clocks, FirstAnswerRunsFromThePostsOwnTime) {
  Case it = open_case();
  it.posted_at = kNow - minutes{10};
  auto clock = nearest_clock(it, {}, kNow);
  ASSERT_TRUE(clock);
  EXPECT_EQ(clock->due, kNow + minutes{5});
  EXPECT_EQ(nearest_clock(it, {}, kNow + minutes{6})->state, ClockState::missed);
}

TEST(Escalation, StepsRoundsAndTheEnd) {
  const EscalationPolicy policy{"standard",
                                1,
                                {},
                                {{{"schedule:care"}, minutes{0}},
                                 {{"person:kim"}, minutes{10}},
                                 {{"principal-delegate"}, minutes{30}}}};
  const StepAt first = first_step(policy, 0, kNow);
  EXPECT_EQ(first.step, 0);
  auto next = next_step(policy, first.step, first.round, first.at);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->at, kNow + minutes{10});
  next = next_step(policy, next->step, next->round, next->at);
  EXPECT_EQ(next->at, kNow + minutes{30});
  next = next_step(policy, next->step, next->round, next->at);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->round, 1);
  EXPECT_EQ(next->at, kNow + minutes{50});
  EXPECT_FALSE(next_step(policy, 2, 1, kNow));
  EXPECT_EQ(first_step(policy, 7, kNow).step, 2);
}

TEST(Escalation, AfterAnOutageOnlyTheCurrentStepIsTaken) {
  const EscalationPolicy policy{
      "standard", 0, {}, {{{"a"}, minutes{0}}, {{"b"}, minutes{10}}, {{"c"}, minutes{20}}}};
  EXPECT_EQ(current_step(policy, {0, 0, kNow}, kNow + hours{3}).step, 2);
  EXPECT_EQ(current_step(policy, {0, 0, kNow}, kNow + minutes{11}).step, 1);
  EXPECT_EQ(current_step(policy, {0, 0, kNow}, kNow).step, 0);
}

}  // namespace
}  // namespace earshot

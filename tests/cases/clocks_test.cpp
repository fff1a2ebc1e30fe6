#include "earshot/cases/clocks.hpp"

#include <gtest/gtest.h>

#include "earshot/cases/machine.hpp"

namespace earshot {
namespace {

Instant at(std::string_view text) {
  return *parse_rfc3339(text);
}

BusinessCalendar office() {
  return {"office",
          "Europe/Berlin",
          {{*parse_days("mon-fri"), hours{9}, hours{17}, HolidayRule::ignore, {}}}};
}

/// A queued case of Friday afternoon, 16:00 in Berlin.
struct Desk {
  Case it;
  CasePolicy policy;
  Instant now = at("2026-01-09T15:00:00Z");

  Desk() {
    it.id = "c1";
    it.urgency = Urgency::queue;
    it.posted_at = it.opened_at = now;
    policy.calendar[Urgency::queue] = office();
    policy.solution[Urgency::queue] = hours{16};
    policy.next_update[Urgency::queue] = hours{8};
  }
  Desk& then(std::string_view when, Action action, Arguments args = {}) {
    now = at(when);
    const Applied done = apply(it, {action, "jo", std::move(args)}, now, policy);
    EXPECT_TRUE(done.ok()) << (done.refusal ? done.refusal->text : "");
    it = fold_all(it, done.events);
    return *this;
  }
  CaseClock clock(ClockKind kind) const {
    return clock_of(it, policy, now, kind).value_or(CaseClock{});
  }
};

TEST(CaseClocks, RunByTheHoursOfTheCalendar) {
  Desk desk;
  const CaseClock first = desk.clock(ClockKind::first_answer);
  EXPECT_EQ(first.due, at("2026-01-12T11:00:00Z")) << "an hour on Friday, three on Monday";
  EXPECT_EQ(first.state, ClockState::running);
  EXPECT_EQ(first.warn_at, at("2026-01-12T10:12:00Z")) << "a fifth of four hours before";
  EXPECT_NE(first.why.find("office"), std::string::npos);
  desk.now = at("2026-01-10T12:00:00Z");
  EXPECT_EQ(desk.clock(ClockKind::first_answer).state, ClockState::paused);
  EXPECT_EQ(desk.clock(ClockKind::first_answer).resumes, at("2026-01-12T08:00:00Z"));
}

TEST(CaseClocks, APageOfTheSameHouseRunsRoundTheClock) {
  Desk desk;
  desk.it.urgency = Urgency::page;
  EXPECT_EQ(desk.clock(ClockKind::first_answer).due, desk.now + minutes{15});
}

TEST(CaseClocks, WaitingForTheCustomerStopsTheSolutionAndNeverTheFirstAnswer) {
  Desk desk;
  const auto first = desk.clock(ClockKind::first_answer).due;
  desk.then("2026-01-12T08:00:00Z", Action::ack);
  EXPECT_EQ(desk.clock(ClockKind::solution).due, at("2026-01-13T15:00:00Z"));
  desk.then("2026-01-12T09:00:00Z", Action::wait, {{"reason", "the serial number"}});
  EXPECT_EQ(desk.clock(ClockKind::solution).state, ClockState::paused);
  EXPECT_EQ(desk.clock(ClockKind::solution).resumes, at("2026-01-19T09:00:00Z"))
      << "for a week at the longest";
  EXPECT_EQ(desk.clock(ClockKind::first_answer).due, first);
  EXPECT_EQ(desk.clock(ClockKind::first_answer).state, ClockState::running);
  desk.then("2026-01-13T09:00:00Z", Action::words, {{"post", "2"}, {"excerpt", "it is 17"}});
  EXPECT_FALSE(desk.it.waiting_since) << "the customer's words end it";
  EXPECT_EQ(desk.clock(ClockKind::solution).due, at("2026-01-14T15:00:00Z"))
      << "a working day later than without the wait";
}

TEST(CaseClocks, LaterWordsToAPrincipalWantAnAnswerOfTheirOwn) {
  Desk desk;
  desk.then("2026-01-12T08:00:00Z", Action::answer, {{"text", "We look into it."}});
  EXPECT_EQ(desk.clock(ClockKind::first_answer).state, ClockState::met);
  const Arguments to_the_ceo{{"post", "2"}, {"excerpt", "and now?"}, {"principal", "ceo"}};
  desk.then("2026-01-12T10:00:00Z", Action::words, to_the_ceo);
  const CaseClock clock = desk.clock(ClockKind::first_answer);
  EXPECT_EQ(desk.it.principal, "ceo");
  EXPECT_EQ(clock.started, at("2026-01-12T10:00:00Z"));
  EXPECT_EQ(clock.due, at("2026-01-12T10:00:00Z") + desk.policy.principal_public);
  EXPECT_EQ(clock.state, ClockState::running);
  EXPECT_NE(clock.why.find("Since a principal was addressed."), std::string::npos) << clock.why;
  desk.then("2026-01-12T10:05:00Z", Action::answer, {{"text", "It ships today."}});
  EXPECT_EQ(desk.clock(ClockKind::first_answer).state, ClockState::met);
  desk.then("2026-01-12T12:00:00Z", Action::words, to_the_ceo);
  EXPECT_EQ(desk.clock(ClockKind::first_answer).state, ClockState::met) << "once a case";
}

TEST(CaseClocks, LaterWordsToAPrincipalPutOffNothing) {
  Desk desk;
  desk.it.urgency = Urgency::page;  // 15 minutes
  desk.then("2026-01-09T15:14:00Z", Action::words,
            {{"post", "2"}, {"excerpt", "and now?"}, {"principal", "ceo"}});
  EXPECT_EQ(desk.clock(ClockKind::first_answer).due, at("2026-01-09T15:15:00Z"));
}

TEST(CaseClocks, TheNextUpdateRunsSinceTheLastAnswer) {
  Desk desk;
  desk.then("2026-01-12T08:00:00Z", Action::answer, {{"text", "We look into it."}});
  EXPECT_EQ(desk.clock(ClockKind::next_update).due, at("2026-01-12T16:00:00Z"));
  EXPECT_EQ(desk.clock(ClockKind::first_answer).state, ClockState::met);
  desk.then("2026-01-12T15:00:00Z", Action::answer, {{"text", "The part is on its way."}});
  EXPECT_EQ(desk.clock(ClockKind::next_update).due, at("2026-01-13T15:00:00Z"));
  EXPECT_EQ(desk.clock(ClockKind::first_answer).met_at, at("2026-01-12T08:00:00Z"));
}

const Arguments kFeedback{{"said", "A new lamp is on its way."},
                          {"done", "Replaced it."},
                          {"cause", "battery"},
                          {"department", "hardware"},
                          {"product_change", "no"}};

TEST(CaseClocks, TheSolutionIsMetByTheWorkAndTheCallBackFollows) {
  Desk desk;
  desk.policy.verify_share = 1;
  desk.policy.call_back = hours{8};
  desk.then("2026-01-12T08:00:00Z", Action::answer, {{"text", "We look into it."}});
  desk.then("2026-01-12T12:00:00Z", Action::feedback, kFeedback);
  EXPECT_EQ(desk.clock(ClockKind::solution).state, ClockState::met);
  EXPECT_EQ(desk.clock(ClockKind::call_back).due, at("2026-01-13T12:00:00Z"));
  EXPECT_EQ(desk.it.call_due, at("2026-01-13T12:00:00Z")) << "a working day, not eight hours";
  desk.then("2026-01-13T10:00:00Z", Action::verify, {{"outcome", "not_reached"}});
  EXPECT_EQ(desk.clock(ClockKind::call_back).due, at("2026-01-13T14:00:00Z"));
}

TEST(CaseClocks, AnotherCalendarMovesWhatHasNotBeenMet) {
  Desk desk;
  desk.policy.calendar[Urgency::queue].hours.front().holiday_rule = HolidayRule::except;
  desk.policy.calendar[Urgency::queue].hours.front().holidays = {
      std::chrono::local_days{std::chrono::year{2026} / 1 / 12}};
  EXPECT_EQ(desk.clock(ClockKind::first_answer).due, at("2026-01-13T11:00:00Z"));
  desk.policy.calendar.clear();
  EXPECT_EQ(desk.clock(ClockKind::first_answer).due, at("2026-01-09T19:00:00Z"));
}

TEST(CaseClocks, AReopenedCaseIsOwedAnAnswerAnew) {
  Desk desk;
  desk.then("2026-01-12T08:00:00Z", Action::answer, {{"text", "We look into it."}});
  desk.then("2026-01-12T09:00:00Z", Action::dismiss, {{"reason", "spam"}});
  desk.then("2026-01-13T08:00:00Z", Action::reopen, {{"reason", "It was none."}});
  EXPECT_EQ(desk.clock(ClockKind::first_answer).due, at("2026-01-13T12:00:00Z"));
  EXPECT_EQ(desk.clock(ClockKind::first_answer).state, ClockState::running);
}

TEST(CaseClocks, WaitingIsSaidWithAReasonByWhoeverHasTheCase) {
  Desk desk;
  const auto refusal = [&](Action action, Arguments args) {
    const Applied done = apply(desk.it, {action, "jo", std::move(args)}, desk.now, desk.policy);
    return done.refusal ? done.refusal->code : "";
  };
  EXPECT_EQ(refusal(Action::wait, {{"reason", "x"}}), "owner_missing");
  EXPECT_EQ(refusal(Action::go_on, {}), "not_waiting");
  desk.then("2026-01-12T08:00:00Z", Action::ack);
  EXPECT_EQ(refusal(Action::wait, {}), "reason_missing");
  desk.then("2026-01-12T08:00:00Z", Action::wait, {{"reason", "the number"}});
  EXPECT_EQ(case_from_json(to_json(desk.it))->waiting_since, desk.it.waiting_since);
  desk.then("2026-01-12T09:00:00Z", Action::go_on);
  ASSERT_EQ(case_from_json(to_json(desk.it))->waits.size(), 1U);
}

TEST(CaseClocks, AnIncidentOfOurOwnOwesNobodyAnAnswer) {
  Desk desk;
  desk.it.kind = "blindness";
  EXPECT_TRUE(clocks(desk.it, desk.policy, desk.now).empty());
}

}  // namespace
}  // namespace earshot

// The gates: what feedback must hold, who rings and why, and that no sequence of commands goes
// around them.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <random>
#include <thread>

#include "earshot/cases/authority.hpp"
#include "earshot/cases/failure.hpp"
#include "earshot/cases/machine.hpp"
#include "earshot/cases/verification.hpp"

namespace earshot {
namespace {

const Instant kNow = *parse_rfc3339("2026-11-23T17:25:00Z");

const Arguments kFeedback{{"said", "We are sorry; a new lamp is on its way."},
                          {"done", "Replaced the lamp, batch recalled."},
                          {"cause", "battery"},
                          {"department", "hardware"},
                          {"product_change", "no"}};

Case taken_case(Urgency urgency = Urgency::page) {
  Case it;
  it.id = "c1";
  it.urgency = urgency;
  it.excerpt = "My lamp went dark after three days and nobody answers my letters!";
  it.posted_at = it.opened_at = it.updated_at = kNow;
  const Applied taken = apply(it, {Action::ack, "jo", {}}, kNow, {});
  return fold_all(it, taken.events);
}

Case does(Case it, Action action, const std::string& who, const Arguments& args,
          const CasePolicy& policy = {}) {
  const Applied applied = apply(it, {action, who, args}, kNow + minutes{1}, policy);
  EXPECT_TRUE(applied.ok()) << applied.refusal->text;
  return fold_all(std::move(it), applied.events);
}

std::string refused(const Case& it, Action action, const std::string& who, const Arguments& args,
                    const CasePolicy& policy = {}) {
  const Applied applied = apply(it, {action, who, args}, kNow + minutes{1}, policy);
  return applied.refusal ? applied.refusal->code : "";
}

Arguments with(std::string name, std::string value) {
  Arguments out = kFeedback;
  out[std::move(name)] = std::move(value);
  return out;
}

CasePolicy taxonomy() {
  CasePolicy out;
  out.root_causes.departments = {{"hardware", "Hardware", "kim"}, {"care", "Care", "ana"}};
  out.root_causes.causes = {{"battery", "Cells", "hardware"}, {"manners", "Manners", ""}};
  return out;
}

TEST(Gates, FeedbackSaysWhatWasSaidAndWhatWasDone) {
  const Case it = taken_case();
  for (const char* blank : {" ... - ", "\u200B\u200B", "\u00A0 — …", "\u3000。", "\u2800"})
    EXPECT_EQ(refused(it, Action::feedback, "jo", with("done", blank)), "feedback_missing");
  EXPECT_EQ(refused(it, Action::feedback, "jo", with("done", "新しいランプを送りました。")), "");
  EXPECT_EQ(
      refused(it, Action::feedback, "jo", with("done", "WE ARE SORRY, a new lamp is on its way")),
      "feedback_repeated");
  EXPECT_EQ(refused(it, Action::feedback, "jo",
                    with("said", "my lamp went dark after three days, and nobody answers")),
            "feedback_copied")
      << "a comma more does not make it ours";
  EXPECT_EQ(refused(it, Action::feedback, "jo", with("done", "my lamp went dark after three days")),
            "feedback_copied");
  EXPECT_EQ(refused(it, Action::feedback, "jo", with("done", "Nobody answers")), "") << "too short";
  EXPECT_EQ(refused(it, Action::feedback, "jo", kFeedback), "");
}

TEST(Gates, WhatHadBeenDoneBeforeTheCaseCameBackIsNoNews) {
  const std::vector<std::string> before{"Sent a technician.", "Replaced the lamp, batch recalled!"};
  EXPECT_EQ(repeats_what_failed(kFeedback, before)->code, "feedback_again");
  EXPECT_FALSE(repeats_what_failed(with("done", "Another lamp, of the new batch"), before));
  EXPECT_FALSE(repeats_what_failed(kFeedback, {}));
}

TEST(Gates, AnAnswerIsNotOlderThanWhatItAnswers) {
  const Case it = taken_case();
  EXPECT_EQ(refused(it, Action::answer, "jo", {{"text", "x"}, {"at", "2026-11-23T17:24:59Z"}}),
            "at_wrong");
  EXPECT_EQ(refused(it, Action::answer, "jo", {{"text", "x"}, {"at", "2026-11-23T17:25:00Z"}}), "");
  Case again = it;
  again.reopened_at = kNow + seconds{30};
  EXPECT_EQ(refused(again, Action::answer, "jo", {{"text", "x"}, {"at", "2026-11-23T17:25:10Z"}}),
            "at_wrong")
      << "what was said before it came back did not help";
}

TEST(Gates, CausesAreOfTheTaxonomy) {
  const Case it = taken_case();
  const CasePolicy policy = taxonomy();
  EXPECT_EQ(refused(it, Action::feedback, "jo", with("cause", "gremlins"), policy),
            "cause_unknown");
  EXPECT_EQ(refused(it, Action::feedback, "jo", with("department", "sales"), policy),
            "department_unknown");
  Arguments unsaid = kFeedback;
  unsaid.erase("department");
  EXPECT_EQ(does(it, Action::feedback, "jo", unsaid, policy).feedback->department, "hardware")
      << "the cause says whose it is";
  unsaid["cause"] = "manners";
  EXPECT_EQ(refused(it, Action::feedback, "jo", unsaid, policy), "feedback_missing");
  EXPECT_TRUE(std::ranges::any_of(permissions(it, "jo", kNow, policy), [](const Permission& p) {
    return p.action == Action::feedback && !p.refusal;
  }));
}

TEST(Gates, TheChoiceOfACallBackHasItsReason) {
  CasePolicy policy;
  Case it = taken_case(Urgency::queue);
  int chosen = 0;
  for (int i = 0; i < 10'000; ++i) {
    it.id = fmt::format("c{}", i);
    const VerificationChoice choice = choose_verification(it, policy);
    ASSERT_EQ(choice.needed, verification_lot(it.id) < policy.verify_share) << choice.why;
    chosen += choice.needed ? 1 : 0;
  }
  EXPECT_NEAR(chosen, 2000, 120) << "a fifth, within three deviations";
  it.failed = "The customer says that they told us before.";
  EXPECT_EQ(choose_verification(it, policy).why, "It is a failed case: " + it.failed);
  it = taken_case();
  EXPECT_EQ(choose_verification(it, policy).why, "Every case of the urgency page is called back.");
}

TEST(Gates, WhoeverHasTheCaseDoesNotRing) {
  const Parties parties = [](std::string_view id) {
    Party out;
    out.id = out.name = id;
    if (id == "jo") out.manager = "kim";
    if (id == "ceo") out.hands = {"ana"};
    return out;
  };
  CasePolicy policy;
  Case it = taken_case();
  EXPECT_EQ(choose_caller(it, policy, parties, "lee").person, "kim");
  Case hers = does(it, Action::feedback, "kim", kFeedback);
  EXPECT_EQ(choose_caller(hers, policy, parties, "lee").person, "lee") << "kim wrote the feedback";
  it.principal = "ceo";
  EXPECT_EQ(choose_caller(it, policy, parties, "lee").person, "ceo");
  policy.verify_by = "delegate";
  EXPECT_EQ(choose_caller(it, policy, parties, "lee").person, "ana");
  policy.verify_by = "manager";
  it.owner = "ana";
  EXPECT_EQ(choose_caller(it, policy, parties, "lee").person, "lee") << "nobody is above: the lead";
  EXPECT_EQ(choose_caller(it, policy, parties, "").person, "ana");
  policy.verify_by = "owner";
  EXPECT_EQ(choose_caller(it, policy, parties, "lee").person, "ana");

  it = does(does(taken_case(), Action::answer, "jo", {{"text", "x"}}), Action::feedback, "jo",
            kFeedback);
  it = does(it, Action::call_to, "policy", {{"person", "kim"}, {"reason", "Manager of jo."}});
  EXPECT_EQ(refused(it, Action::verify, "jo", {{"outcome", "satisfied"}}), "own_work");
  EXPECT_EQ(refused(it, Action::call_to, "kim", {{"person", "jo"}, {"reason", "no time"}}),
            "own_work");
  EXPECT_EQ(refused(it, Action::verify, "kim", {{"outcome", "satisfied"}}), "");
  const Case moved = does(it, Action::take_over, "bo", {{"reason", "jo is ill"}});
  EXPECT_EQ(refused(moved, Action::verify, "jo", {{"outcome", "satisfied"}}), "own_work")
      << "who wrote the feedback, whoever has it now";
  EXPECT_EQ(refused(moved, Action::verify, "bo", {{"outcome", "satisfied"}}), "own_work");
  EXPECT_EQ(refused(moved, Action::call_to, "kim", {{"person", "jo"}, {"reason", "no time"}}),
            "own_work");
  const auto script = call_script(it);
  EXPECT_TRUE(std::ranges::any_of(script, [](const std::string& line) {
    return line == "We did: Replaced the lamp, batch recalled.";
  }));
}

TEST(Failures, AreSeenByTheirSigns) {
  const CasePolicy policy;
  Case it = taken_case();
  it.source = "social";
  Assessment words;
  words.is_complaint = true;
  const auto kinds = [&](const std::string& source, Duration later) {
    std::string out;
    for (const Failure& found : failures_of_words(it, source, words, kNow + later, policy))
      out += std::string{to_word(found.kind)} + " ";
    return out;
  };
  EXPECT_EQ(kinds("social", minutes{5}), "") << "still the same breath";
  EXPECT_EQ(kinds("social", hours{2}), "second_contact ");
  EXPECT_EQ(kinds("mail", minutes{5}), "other_channel ");
  words.cues = {Cue::repeat_contact};
  EXPECT_EQ(kinds("social", minutes{5}), "told_before ");
  it.waiting_since = kNow;
  EXPECT_EQ(kinds("mail", hours{2}), "") << "we asked, they answer";
  it.waiting_since.reset();
  words.is_complaint = false;
  EXPECT_EQ(kinds("mail", hours{2}), "") << "thanks are no second contact";
  EXPECT_FALSE(failure_of_clocks(it, 1, policy));
  EXPECT_EQ(failure_of_clocks(it, 2, policy)->reason, "2 of its clocks were missed.");
}

TEST(Failures, EachKindLiftsOnce) {
  Case it = taken_case();
  const Failure again{FailureKind::second_contact, "Again."};
  it = does(it, Action::fail, "triage", fail_command(again, "triage").args);
  it = does(it, Action::fail, "triage", fail_command(again, "triage").args);
  EXPECT_EQ(it.level, 1);
  EXPECT_EQ(it.failed, "Again.");
  it = does(it, Action::fail, "tick", fail_command({FailureKind::clocks, "Two."}, "tick").args);
  EXPECT_EQ(it.level, 2);
  EXPECT_EQ(it.failures, (std::vector<std::string>{"second_contact", "clocks"}));
  it = does(it, Action::take_over, "ana", {{"reason", "It failed"}});
  ASSERT_EQ(it.former_owners.size(), 1U);
  EXPECT_EQ(it.former_owners[0].person, "jo");
}

TEST(Authority, IsMeasuredRecordedAndExplained) {
  EXPECT_EQ(money_of("250 EUR")->cents, 25'000);
  EXPECT_EQ(money_of(" 19.9 USD ")->cents, 1990);
  for (const char* wrong : {"", "250", "EUR", "-5 EUR", "0 EUR", "1.234 EUR", "1e3 EUR", "5 eur",
                            "5 EURO", "99999999999 EUR"})
    EXPECT_FALSE(money_of(wrong)) << wrong;
  CasePolicy policy;
  policy.authority["jo"] = {{"refund_up_to", "250 EUR"}};
  policy.authority[""] = {{"refund_up_to", "50 EUR"}, {"voucher_up_to", "20 EUR"}};
  EXPECT_EQ(limit_of(policy, "jo", "refund"), "250 EUR");
  EXPECT_EQ(limit_of(policy, "jo", "voucher"), "20 EUR");
  EXPECT_EQ(limit_of(policy, "kim", "refund"), "50 EUR");
  EXPECT_FALSE(within("250.01 EUR", "250 EUR"));
  EXPECT_FALSE(within("10 USD", "250 EUR"));

  const Arguments within_it{{"kind", "refund"}, {"amount", "180 EUR"}};
  Case it = does(taken_case(), Action::grant, "jo", within_it, policy);
  EXPECT_EQ(refused(it, Action::grant, "kim", within_it, policy), "reason_missing");
  it = does(it, Action::grant, "kim",
            {{"kind", "refund"}, {"amount", "180 EUR"}, {"reason", "The hotel was booked."}},
            policy);
  ASSERT_EQ(it.grants.size(), 2U);
  EXPECT_FALSE(it.grants[0].beyond);
  EXPECT_TRUE(it.grants[1].beyond);
  EXPECT_EQ(it.grants[1].limit, "50 EUR");
  const Applied asked = apply(it, {Action::ask_grant, "jo", within_it}, kNow, policy);
  EXPECT_EQ(asked.events.at(0).data.at("allowed"), "yes");
  const auto again = case_from_json(to_json(it));
  ASSERT_TRUE(again);
  EXPECT_EQ(to_json(*again), to_json(it));
}

// ---- Random sequences

struct Tally {
  std::uint64_t sequences = 0, commands = 0, done = 0, refused = 0;
  std::map<std::string, std::uint64_t> closed{};
  std::string wrong{};
};

constexpr std::array kPeople{"jo", "kim", "ceo"};

/// What a sensible person would do next; with it half of the time, sequences reach their ends.
Action sensible(const Case& it) {
  switch (it.state) {
    case CaseState::open:
      return Action::ack;
    case CaseState::acknowledged:
      return it.feedback ? Action::answer : Action::feedback;
    case CaseState::answered:
      return Action::feedback;
    case CaseState::verifying:
      return it.verification_needed ? Action::verify : Action::close;
    default:
      return Action::reopen;
  }
}

/// Feedback, complete three times out of four.
Arguments random_feedback(std::mt19937& dice) {
  Arguments args = kFeedback;
  switch (dice() % 16) {
    case 0:
      args["said"] = "";
      break;
    case 1:
      args["done"] = args["said"];
      break;
    case 2:
      args.erase("cause");
      break;
    case 3:
      args["product_change"] = "perhaps";
      break;
    default:
      break;
  }
  return args;
}

/// What the other commands take; now and then blank, or wrong.
Arguments random_args(Action action, std::mt19937& dice) {
  if (action == Action::feedback) return random_feedback(dice);
  Arguments args;
  args["reason"] = std::array{"spam", "because", ""}[dice() % 3];
  if (action == Action::verify) {
    args["outcome"] = std::string{kWordsOf<CallOutcome>[dice() % 3]};
    args["words"] = dice() % 3 == 0 ? "" : "no";
    return args;
  }
  args["person"] = kPeople[dice() % 3];
  args["text"] = dice() % 8 == 0 ? " " : "x";
  if (action == Action::merge) args["into"] = "c9";
  if (action == Action::snooze) args["for"] = "30m";
  if (action == Action::escalate) args["step"] = "1", args["round"] = "0";
  if (action == Action::raise)
    args["urgency"] = std::string{kWordsOf<Urgency>[dice() % kWordsOf<Urgency>.size()]};
  args["kind"] = std::array{"clocks", "refund", "told_before"}[dice() % 3];
  args["amount"] = "5 EUR";
  return args;
}

std::string broken(const Case& before, const Case& it, const CasePolicy& policy) {
  const bool owned = it.state == CaseState::acknowledged || it.state == CaseState::answered ||
                     it.state == CaseState::verifying;
  if (owned && it.owner.empty()) return "nobody owns a case that somebody took";
  if (it.state == CaseState::open && !it.owner.empty()) return "an open case has an owner";
  const bool handed = !before.owner.empty() && !it.owner.empty() && before.owner != it.owner;
  if (handed && (it.former_owners.empty() || it.former_owners.back().person != before.owner))
    return "the former owner is forgotten";
  if (it.level < before.level) return "the level fell";
  if (it.state != CaseState::closed) return {};
  if (!it.feedback) return "closed without feedback";
  if (it.feedback->said.empty() || it.feedback->done.empty() || it.feedback->cause.empty())
    return "closed with empty feedback";
  if (!it.answered_at) return "closed without an answer";
  if (it.outcome.empty()) return "closed without an outcome";
  if (it.outcome == "not_needed")
    return it.verification_needed || choose_verification(it, policy).needed
               ? "closed without the call-back that was due"
               : "";
  if (it.calls.empty() || to_word(it.calls.back().outcome) != it.outcome)
    return "the outcome is not what the last call said";
  const auto misses = std::ranges::count(it.calls, CallOutcome::not_reached, &CallTry::outcome);
  if (it.outcome == "not_reached" && misses < policy.call_tries) return "given up too early";
  return {};
}

/// One sequence: 30 commands of people, the tick, the customer, against one case.
std::string sequence(std::mt19937& dice, Tally& tally) {
  CasePolicy policy;
  policy.verify_share = dice() % 3 == 0 ? 0.0 : 0.5;
  Case it;
  it.id = fmt::format("c{}", dice());
  it.urgency = dice() % 2 == 0 ? Urgency::page : Urgency::queue;
  it.posted_at = it.opened_at = it.updated_at = kNow;
  Case rebuilt = it;
  Instant now = kNow;
  for (int i = 0; i < 30; ++i) {
    const Action action =
        dice() % 2 == 0 ? sensible(it) : static_cast<Action>(dice() % kWordsOf<Action>.size());
    const Command command{action, kPeople[dice() % 3], random_args(action, dice)};
    now += minutes{dice() % 300};
    const Applied applied = apply(it, command, now, policy);
    ++tally.commands;
    if (applied.refusal) {
      ++tally.refused;
      if (!applied.events.empty()) return "a refusal with events";
      if (applied.refusal->text.empty() || applied.refusal->code.empty())
        return "a refusal without its reason";
      continue;
    }
    for (const Event& event : applied.events) {
      const auto copy = event_from_json(to_word(event.kind), event.who, event.at, to_json(event));
      if (!copy) return copy.error().message;
      rebuilt = fold(std::move(rebuilt), *copy);
    }
    const Case before = it;
    it = fold_all(std::move(it), applied.events);
    ++tally.done;
    if (std::string wrong = broken(before, it, policy); !wrong.empty())
      return fmt::format("{} after {} by {}", wrong, to_word(action), command.who);
    if (it.state == CaseState::closed && before.state != CaseState::closed)
      ++tally.closed[it.outcome];
  }
  ++tally.sequences;
  return to_json(it) == to_json(rebuilt) ? "" : "the events do not give the state";
}

/// EARSHOT_SEQUENCES says how many; the same seed gives the same sequences.
TEST(Gates, NoRandomSequenceGoesAroundThem) {
  const char* wanted = std::getenv("EARSHOT_SEQUENCES");
  const std::uint64_t all = wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 2'000;
  constexpr std::uint64_t kShards = 2;
  std::array<Tally, kShards> tallies;
  std::vector<std::thread> threads;
  for (std::uint64_t shard = 0; shard < kShards; ++shard) {
    threads.emplace_back([&tallies, shard, all] {
      Tally& tally = tallies.at(shard);
      for (std::uint64_t n = shard; n < all && tally.wrong.empty(); n += kShards) {
        std::mt19937 dice{static_cast<std::mt19937::result_type>(n)};
        if (std::string wrong = sequence(dice, tally); !wrong.empty())
          tally.wrong = fmt::format("sequence {}: {}", n, wrong);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Tally sum;
  for (const Tally& tally : tallies) {
    EXPECT_EQ(tally.wrong, "");
    sum.sequences += tally.sequences, sum.commands += tally.commands;
    sum.done += tally.done, sum.refused += tally.refused;
    for (const auto& [outcome, n] : tally.closed) sum.closed[outcome] += n;
  }
  EXPECT_EQ(sum.sequences, all);
  for (const char* outcome : {"satisfied", "not_reached", "not_needed"})
    EXPECT_GT(sum.closed[outcome], all / 100) << outcome << ": the sequences must get that far";
  fmt::print(
      "figure: {} sequences, {} commands ({} done, {} refused), closed: {} satisfied, {} not "
      "reached, {} not needed\n",
      sum.sequences, sum.commands, sum.done, sum.refused, sum.closed["satisfied"],
      sum.closed["not_reached"], sum.closed["not_needed"]);
}

}  // namespace
}  // namespace earshot

#include "earshot/cases/question.hpp"

#include <gtest/gtest.h>

namespace earshot {
namespace {

const Instant kNoon = *parse_rfc3339("2026-11-23T12:00:00Z");

/// ceo asks; kim is under ana, ana under pat; ida is the ceo's aide.
Party party(std::string_view id) {
  Party out;
  out.id = id;
  if (id == "kim") out.name = "Kim Park", out.manager = "ana";
  if (id == "ana") out.manager = "pat";
  if (id == "ceo") out.name = "M. Lind", out.hands = {"ida"};
  return out;
}

Question draft() {
  Question it;
  it.id = "q00000001";
  it.from = "ceo", it.to = "kim", it.text = "?", it.item = "The lamp is dark.";
  it.subject = "Lamp";
  return it;
}

class Asked : public testing::Test {
 protected:
  Asked() { take(ask_question(draft(), "mail", now, policy, party)); }
  QuestionDone does(const std::string& who, QuestionAction action, const std::string& text = "",
                    bool manager = false) {
    return take(apply_question(it, {action, who, text, "api", manager}, now, policy, party));
  }
  QuestionDone tick() { return does("tick", QuestionAction::fall_due); }
  QuestionDone take(QuestionDone done) {
    if (!done.refusal) it = done.after;
    return done;
  }
  static std::vector<std::string> told(const QuestionDone& done) {
    std::vector<std::string> out;
    for (const QuestionLetter& letter : done.letters) out.push_back(letter.person);
    return out;
  }
  using People = std::vector<std::string>;
  QuestionPolicy policy;
  Instant now = kNoon;
  Question it;
};

TEST_F(Asked, IsOwedByWhoIsNamedUntilThePolicysTime) {
  EXPECT_EQ(it.state, QuestionState::open);
  EXPECT_EQ(it.due, kNoon + hours{24});
  EXPECT_EQ(it.line, People{"kim"});
  EXPECT_EQ(next_of(it, policy), kNoon + hours{20});
}

TEST_F(Asked, NeedsSomebodyElseAndSomethingToAsk) {
  Question none = draft();
  none.to = "";
  EXPECT_EQ(ask_question(none, "api", now, policy, party).refusal->code, "to_missing");
  none.to = "ceo";
  EXPECT_EQ(ask_question(none, "api", now, policy, party).refusal->code, "to_self");
  none.to = "ida";
  EXPECT_EQ(ask_question(none, "api", now, policy, party).refusal->code, "to_self")
      << "the aide speaks for the asker";
  none = draft();
  none.text = none.item = " ";
  EXPECT_EQ(ask_question(none, "api", now, policy, party).refusal->code, "text_missing");
}

TEST_F(Asked, TheAnswerGoesBackInWritingAndWaitsForTheAskersWord) {
  const QuestionDone done = does("kim", QuestionAction::answer, "The parcel was lost.");
  EXPECT_EQ(told(done), People{"ceo"});
  EXPECT_NE(done.letters.front().text.find("  The parcel was lost.\n"), std::string::npos);
  EXPECT_EQ(it.state, QuestionState::answered);
  EXPECT_FALSE(next_of(it, policy));
  EXPECT_EQ(told(does("ida", QuestionAction::accept)), People{"kim"});
  EXPECT_EQ(it.state, QuestionState::accepted);
}

TEST_F(Asked, OnlyThoseWhoOweItAnswerAndOnlyWithWords) {
  EXPECT_EQ(does("jo", QuestionAction::answer, "x").refusal->code, "not_yours");
  EXPECT_EQ(does("ceo", QuestionAction::answer, "x").refusal->code, "not_yours");
  for (const char* blank : {" \n", "\u200B\u00A0", "…"})
    EXPECT_EQ(does("kim", QuestionAction::answer, blank).refusal->code, "text_missing");
  EXPECT_EQ(does("kim", QuestionAction::accept).refusal->code, "not_yours");
  EXPECT_EQ(does("ceo", QuestionAction::accept).refusal->code, "not_answered");
  EXPECT_EQ(does("ceo", QuestionAction::again, "x").refusal->code, "not_answered");
  EXPECT_FALSE(does("jo", QuestionAction::answer, "kim says it was lost", true).refusal)
      << "a manager writes an answer down";
}

TEST_F(Asked, AskingAgainStartsTheClockAnew) {
  now += hours{2};
  does("kim", QuestionAction::answer, "Soon.");
  EXPECT_EQ(does("ceo", QuestionAction::again, " ").refusal->code, "text_missing");
  now += hours{3};
  EXPECT_EQ(told(does("ceo", QuestionAction::again, "When?")), People{"kim"});
  EXPECT_EQ(it.state, QuestionState::open);
  EXPECT_EQ(it.due, now + hours{24});
  EXPECT_EQ(it.round, 2);
}

TEST_F(Asked, IsRemindedOfThenClimbsTheLineUntilItsEnd) {
  now = kNoon + hours{20} - seconds{1};
  EXPECT_FALSE(tick().changed) << "not yet";
  now += seconds{1};
  EXPECT_EQ(told(tick()), People{"kim"});
  EXPECT_EQ(it.state, QuestionState::open);
  EXPECT_EQ(next_of(it, policy), it.due);
  now = it.due;
  EXPECT_EQ(told(tick()), (People{"kim", "ana", "ceo"})) << "the asker hears that it is late";
  EXPECT_EQ(it.state, QuestionState::late);
  EXPECT_EQ(it.line, (People{"kim", "ana"}));
  now += hours{8};
  EXPECT_EQ(told(tick()), (People{"kim", "ana", "pat"}));
  now += hours{8};
  EXPECT_EQ(told(tick()), (People{"kim", "ana", "pat"})) << "nobody is above: reminders go on";
  EXPECT_EQ(told(does("ana", QuestionAction::answer, "Lost.")), (People{"ceo", "kim", "pat"}));
}

TEST_F(Asked, AfterAnOutageOneStepIsTakenNotAll) {
  now = it.due + hours{100};
  tick();
  EXPECT_EQ(it.line, (People{"kim", "ana"}));
  EXPECT_FALSE(tick().changed);
}

TEST_F(Asked, TheAskerIsNotToldOfTheirOwnLine) {
  const Parties above = [](std::string_view id) {
    Party out = party(id);
    if (id == "kim") out.manager = "ida";
    return out;
  };
  EXPECT_EQ(next_in_line(it, above), "");
}

TEST_F(Asked, AManagerWhoSpeaksForTheAskerIsSkipped) {
  const Parties above = [](std::string_view id) {
    Party out = party(id);
    if (id == "kim") out.manager = "ida";
    if (id == "ida") out.manager = "ana";
    return out;
  };
  EXPECT_EQ(next_in_line(it, above), "ana");
  const Parties under_the_asker = [](std::string_view id) {
    Party out = party(id);
    if (id == "kim") out.manager = "ida";
    if (id == "ida") out.manager = "ceo";
    if (id == "ceo") out.manager = "board";
    return out;
  };
  EXPECT_EQ(next_in_line(it, under_the_asker), "") << "nobody is above the asker";
  const Parties round = [](std::string_view id) {
    Party out = party(id);
    out.manager = "ida";
    return out;
  };
  EXPECT_EQ(next_in_line(it, round), "");
}

TEST_F(Asked, MayBeTakenBackWhileOwed) {
  EXPECT_EQ(does("kim", QuestionAction::withdraw).refusal->code, "not_yours");
  EXPECT_EQ(told(does("ceo", QuestionAction::withdraw, "found it")), People{"kim"});
  EXPECT_EQ(does("kim", QuestionAction::answer, "x").refusal->code, "ended");
  EXPECT_FALSE(next_of(it, policy));
  EXPECT_FALSE(does("kim", QuestionAction::add, "It was lost, by the way.").refusal)
      << "words are never lost";
}

TEST_F(Asked, RemindersOfPeopleAreSpaced) {
  EXPECT_EQ(does("kim", QuestionAction::remind).refusal->code, "not_yours");
  EXPECT_EQ(told(does("ceo", QuestionAction::remind)), People{"kim"});
  now += minutes{9};
  EXPECT_EQ(does("ceo", QuestionAction::remind).refusal->code, "too_soon");
  now += minutes{1};
  EXPECT_FALSE(does("ceo", QuestionAction::remind).refusal);
}

TEST_F(Asked, SurvivesTheStore) {
  does("kim", QuestionAction::seen);
  does("kim", QuestionAction::answer, "Löst\nin two lines");
  const auto read = question_from_json(to_json(it));
  ASSERT_TRUE(read);
  EXPECT_EQ(to_json(*read), to_json(it));
  EXPECT_FALSE(question_from_json("[]"));
}

struct Row {
  const char* text;
  AskerReply means;
};
class AskerReplies : public testing::TestWithParam<Row> {};
TEST_P(AskerReplies, MeanWhatTheyMean) {
  EXPECT_EQ(to_word(read_asker(GetParam().text, {"Kim Brandt"})), to_word(GetParam().means))
      << GetParam().text;
}
INSTANTIATE_TEST_SUITE_P(
    Lines, AskerReplies,
    testing::Values(
        Row{"OK", AskerReply::accept}, Row{"ok, thanks!", AskerReply::accept},
        Row{"Thanks, Kim!", AskerReply::accept}, Row{"Danke.", AskerReply::accept},
        Row{"Merci beaucoup", AskerReply::accept}, Row{"ok thanks kim", AskerReply::accept},
        Row{"Thank you very much for the quick answer, Kim", AskerReply::accept},
        Row{"👍", AskerReply::accept}, Row{"Thanks, not enough", AskerReply::again},
        Row{"OK, but late", AskerReply::again}, Row{"Ok, not good", AskerReply::again},
        Row{"Danke, reicht nicht", AskerReply::again}, Row{"Merci, mais non", AskerReply::again},
        Row{"Fine. Too late", AskerReply::again}, Row{"Yes, ring her", AskerReply::again},
        Row{"OK\n\nThanks", AskerReply::accept}, Row{"Thanks. But when?", AskerReply::again},
        Row{"OK\nand who pays for it?", AskerReply::again},
        Row{"Thanks, but that is not what I asked you about", AskerReply::again},
        Row{"Good grief, this is the third time", AskerReply::again}, Row{"?", AskerReply::again},
        Row{"ok?", AskerReply::again}, Row{"Never mind.", AskerReply::withdraw},
        Row{"Hat sich erledigt", AskerReply::withdraw}));

TEST(Seen, IsNoAnswer) {
  for (const char* text : {"", "On it.", "ok", "Bin dran", "got it!", "...", "\u200B\u200B\n", "👍"})
    EXPECT_TRUE(only_seen(text)) << text;
  for (const char* text : {"Yes.", "On it: she gets a new lamp", "The parcel was lost."})
    EXPECT_FALSE(only_seen(text)) << text;
}

TEST(QuestionSentences, TellTheStory) {
  EXPECT_EQ(question_sentence("question_ask", "ceo", R"({"to":"kim","text":"?"})"),
            "ceo asked kim: ?");
  EXPECT_EQ(
      question_sentence("question_fall_due", "tick", R"({"to":"kim","from":"ceo","text":"ana"})"),
      "The answer of kim to ceo is late: ana was told.");
  EXPECT_EQ(question_sentence("opened", "x", "{}"), "");
}

}  // namespace
}  // namespace earshot

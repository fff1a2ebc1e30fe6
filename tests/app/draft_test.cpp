// Replies through the store: approved by another person, one outbox row in the transaction of the
// sending, and the first answer when it has arrived.
#include <algorithm>

#include "../../src/app/drafts.hpp"

#include "earshot/receivers/reply.hpp"
#include "question_house.hpp"

namespace earshot {
namespace {

Config draft_config() {
  Config it = question_config();
  it.replies.ways = {{"mailbox", "imap", "care@brightwave.example", "", "", "", 0, "", "", {}}};
  return it;
}

class DraftHouse : public QuestionHouse {
 protected:
  DraftHouse() : QuestionHouse(draft_config()) {
    later(seconds{1});
    writes("Ann <ann@example.org>", "care@brightwave.example", "My Glow", "a1@client.example",
           kHazard);
    does("jo", Action::ack);
  }

  DeskAnswer draft(const std::string& who, const std::string& what, Arguments args = {}) {
    DeskCommand command;
    command.what = what, command.who = who, command.args = std::move(args);
    command.args["id"] = only_case().id;
    DeskAnswer out;
    write([&](StoreWriter& writer) {
      Effects effects{writer, *rules, key, Chance{clock.now(), dice.bits()}};
      out = change_draft(writer, *rules, effects, command);
    });
    return out;
  }
  void approved() {
    const Arguments words{{"truth", "The plug melted, and that is our fault."},
                          {"owner", "Jo Martin has it and rings you today."},
                          {"change", "From 1 April every Glow has another plug."}};
    EXPECT_TRUE(draft("jo", "write", words).done);
    EXPECT_TRUE(draft("jo", "ask").done);
    EXPECT_TRUE(draft("kim", "approve").done);
  }
  std::vector<OutboxRow> replies() {
    std::vector<OutboxRow> out = sent();
    std::erase_if(out, [](const OutboxRow& row) { return row.receiver != "reply/mailbox"; });
    return out;
  }
  void ends(OutboxState state, int repeats = 0) {
    OutboxRow row = replies().back();
    row.state = state;
    row.ended_at = clock.now();
    row.possible_repeats = repeats;
    row.result = "as the test says";
    write([&](StoreWriter& writer) { writer.update_outbox(row); });
    later(seconds{11});
  }
  Draft now_draft() {
    Draft out;
    const std::string id = only_case().id;
    look([&](StoreReader& reader) { out = *draft_from_json(reader.record(kDraft, id)->body); });
    return out;
  }
  bool was_told(const std::string& person, const std::string& words) {
    return std::ranges::any_of(sent(), [&](const OutboxRow& row) {
      return row.person == person && said(row).find(words) != std::string::npos;
    });
  }
};

TEST_F(DraftHouse, AVersionThatIsNoneGuardsNothingAndIsRefused) {
  EXPECT_TRUE(draft("jo", "write", {{"truth", "The plug melted, and that is our fault."}}).done);
  for (const char* wrong : {"v1", "1x", "-1", "0", "true"}) {
    const DeskAnswer answer = draft("kim", "write", {{"owner", "Kim"}, {"version", wrong}});
    EXPECT_FALSE(answer.done) << wrong;
    EXPECT_EQ(answer.field, "version");
  }
  EXPECT_EQ(draft("kim", "write", {{"owner", "Kim"}, {"version", "7"}}).code, "version");
  EXPECT_TRUE(draft("kim", "write", {{"owner", "Kim"}, {"version", "1"}}).done);
}

TEST_F(DraftHouse, TheApproverReadsTheCustomersWordsAboveTheReply) {
  approved();
  EXPECT_TRUE(was_told("kim", "Smoke came out of my Brightwave lamp"));
  EXPECT_TRUE(was_told("kim", "From 1 April every Glow has another plug."));
  EXPECT_TRUE(was_told("jo", "kim approved it."));
  EXPECT_TRUE(replies().empty());  // never by itself
}

TEST_F(DraftHouse, OneSendingIsOneRow) {
  approved();
  EXPECT_TRUE(draft("jo", "send").done);
  EXPECT_TRUE(draft("jo", "send").done);
  ASSERT_EQ(replies().size(), 1U);
  EXPECT_EQ(replies()[0].target, "ann@example.org");
  EXPECT_EQ(field_of_mail(replies()[0].body, "In-Reply-To"), "a1@client.example");
  EXPECT_EQ(only_case().answered_at, std::nullopt);  // it has not arrived
  EXPECT_EQ(ledger_of("draft_send").size(), 1U);
}

TEST_F(DraftHouse, WhatArrivedIsTheFirstAnswer) {
  approved();
  draft("jo", "send");
  later(seconds{30});
  EXPECT_EQ(now_draft().delivery, DraftDelivery::queued);
  const Instant at = clock.now();
  ends(OutboxState::ok);
  EXPECT_EQ(only_case().answered_at, at);
  EXPECT_EQ(only_case().state, CaseState::answered);
  EXPECT_EQ(now_draft().delivery, DraftDelivery::delivered);
  EXPECT_EQ(ledger_of("draft_delivered").size(), 1U);
  later(minutes{5});
  EXPECT_EQ(ledger_of("answered").size(), 1U);
}

TEST_F(DraftHouse, ACaseThatClosedMeanwhileStillLearnsWhatBecameOfIt) {
  approved();
  draft("jo", "send");
  does("jo", Action::dismiss, {{"reason", "spam"}});
  does("kim", Action::dismiss, {{"reason", "spam"}});
  ASSERT_TRUE(only_case().ended());
  ends(OutboxState::ok);
  EXPECT_EQ(now_draft().delivery, DraftDelivery::delivered);
}

TEST_F(DraftHouse, ACustomerIsToldOfAChangeAfterTheirCaseHasClosed) {
  does("jo", Action::answer, {{"text", "We ring you."}});
  does("jo", Action::feedback,
       {{"said", "We rang and said sorry."},
        {"done", "A new lamp left today."},
        {"cause", "battery"},
        {"department", "hardware"},
        {"product_change", "yes"},
        {"change", "Another plug"}});
  does("kim", Action::verify, {{"outcome", "satisfied"}});
  ASSERT_EQ(only_case().state, CaseState::closed);
  approved();
  EXPECT_TRUE(draft("jo", "send").done);
  ends(OutboxState::ok);
  EXPECT_EQ(now_draft().delivery, DraftDelivery::delivered);
  EXPECT_EQ(only_case().state, CaseState::closed);
}

TEST_F(DraftHouse, NothingIsWrittenToWhoseCaseWasSetAside) {
  does("jo", Action::dismiss, {{"reason", "spam"}});
  does("kim", Action::dismiss, {{"reason", "spam"}});
  EXPECT_EQ(draft("jo", "write", {{"truth", "The plug melted."}}).code, "ended");
}

TEST_F(DraftHouse, WhatMayHaveArrivedIsToldAndNoAnswerYet) {
  approved();
  draft("jo", "send");
  ends(OutboxState::dead, 2);
  EXPECT_EQ(now_draft().delivery, DraftDelivery::uncertain);
  EXPECT_EQ(only_case().answered_at, std::nullopt);
  EXPECT_TRUE(was_told("jo", "Look whether it is there."));
  EXPECT_TRUE(draft("jo", "send").done);
  ASSERT_EQ(replies().size(), 2U);
  EXPECT_EQ(replies()[0].message_id, replies()[1].message_id);
}

TEST_F(DraftHouse, WhatWasRefusedIsTold) {
  approved();
  draft("jo", "send");
  ends(OutboxState::dead);
  EXPECT_EQ(now_draft().delivery, DraftDelivery::failed);
  EXPECT_TRUE(was_told("jo", "The customer has not been answered."));
}

TEST_F(DraftHouse, InShadowModeNothingIsSent) {
  approved();
  Config shadow = draft_config();
  shadow.mode = Mode::shadow;
  use(std::move(shadow));
  EXPECT_EQ(draft("jo", "send").code, "shadow");
  EXPECT_TRUE(replies().empty());
  EXPECT_EQ(now_draft().state, DraftState::approved);
}

TEST_F(DraftHouse, AReloadWithoutTheWaySendsNothing) {
  approved();
  use(question_config());
  EXPECT_EQ(draft("jo", "send").code, "not_configured");
}

}  // namespace
}  // namespace earshot

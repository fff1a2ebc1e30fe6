// Somebody addresses a principal: the clock in minutes, and the paragraph to whoever acts for them.
#include "earshot/cases/clocks.hpp"
#include "question_house.hpp"

namespace earshot {
namespace {

Config principal_config() {
  Config it = question_config();
  Principal& ceo = it.watch.principals.front();
  ceo.handles = {"brightwave_ceo"};
  ceo.delegate = "ana";
  ceo.aide = "li";
  return it;
}

class PrincipalAddressed : public QuestionHouse {
 protected:
  PrincipalAddressed() : QuestionHouse(principal_config()) {}
  void the_singer_posts() {
    posts("1",
          "@brightwave_ceo my Brightwave lamp has been dark for three weeks, nobody answers, "
          "this is a disgrace");
    it = only_case();
    ASSERT_EQ(it.principal, "ceo");
  }
  std::vector<OutboxRow> briefs_to(const std::string& person) {
    std::vector<OutboxRow> out = sent();
    std::erase_if(out, [&](const OutboxRow& row) {
      return row.person != person || !row.key.starts_with("letter/brief/");
    });
    return out;
  }
  Case it;
};

TEST_F(PrincipalAddressed, TheDelegateAndTheAideReadOneParagraph) {
  the_singer_posts();
  ASSERT_EQ(briefs_to("ana").size(), 1U);
  EXPECT_EQ(briefs_to("li").size(), 1U);
  const std::string text = said(briefs_to("ana").front());
  EXPECT_NE(text.find("ann in public:"), std::string::npos) << text;
  EXPECT_NE(text.find("True so far: unknown."), std::string::npos);
  EXPECT_NE(text.find("Nobody has it yet; Jo Martin was told."), std::string::npos) << text;
  EXPECT_NE(text.find("Proposed: our team answers by "), std::string::npos);
  does("jo", Action::ack);
  ASSERT_EQ(briefs_to("ana").size(), 2U);
  EXPECT_NE(said(briefs_to("ana").back()).find("Jo Martin has it."), std::string::npos);
  does("jo", Action::note, {{"text", "The fuse melts."}});
  does("kim", Action::take_over, {{"reason", "mine"}});
  EXPECT_EQ(briefs_to("ana").size(), 2U) << "no news for an executive";
}

TEST_F(PrincipalAddressed, HaveAFirstAnswerClockOfTheirOwn) {
  the_singer_posts();
  const auto due = nearest_clock(it, rules->config->follow_through, clock.now());
  ASSERT_TRUE(due && due->due);
  EXPECT_EQ(*due->due - it.posted_at, minutes{10}) << "not the page's 15";
  EXPECT_EQ(first_answer_limit(it, rules->config->follow_through), minutes{10});
  Case quiet = it;
  quiet.is_public = false;
  quiet.urgency = Urgency::queue;
  EXPECT_EQ(first_answer_limit(quiet, rules->config->follow_through), minutes{60});
  quiet.principal = "";
  EXPECT_EQ(first_answer_limit(quiet, rules->config->follow_through), hours{4});
}

TEST_F(PrincipalAddressed, ByLaterWordsIsHeardOfThenAndAnsweredSinceThen) {
  const auto says = [this](const std::string& id, const std::string& text) {
    Post post;
    post.id = id;
    post.author.id = post.author.handle = "ann";
    post.conversation = "thread";
    post.text = text;
    accept(std::move(post));
  };
  says("1", "my Brightwave lamp has been dark for three weeks and nobody answers, a disgrace");
  EXPECT_EQ(only_case().principal, "");
  EXPECT_TRUE(briefs_to("ana").empty());
  clock.advance(hours{1});
  const Instant then = clock.now();
  says("2", "@brightwave_ceo my Brightwave lamp is dark, nobody answers, this is a disgrace");
  it = only_case();
  EXPECT_EQ(it.principal, "ceo");
  EXPECT_EQ(briefs_to("ana").size(), 1U);
  EXPECT_EQ(briefs_to("li").size(), 1U);
  const auto first = clock_of(it, rules->config->follow_through, then, ClockKind::first_answer);
  ASSERT_TRUE(first && first->due);
  EXPECT_LE(*first->due - then, minutes{10});
  says("3", "@brightwave_ceo hello? my Brightwave lamp is still broken, this is a disgrace");
  EXPECT_EQ(briefs_to("ana").size(), 1U) << "once a case";
}

TEST_F(PrincipalAddressed, AReplyToTheParagraphThatAsksMakesAQuestion) {
  the_singer_posts();
  const OutboxRow brief = briefs_to("ana").front();
  writes("Ana Costa <ana@brightwave.example>", "earshot@brightwave.example", "Re: it",
         "reply@x.example", "@kim why?", field_of_mail(brief.body, "Message-ID"));
  ASSERT_EQ(questions().size(), 1U);
  EXPECT_EQ(questions().front().case_id, it.id);
  EXPECT_EQ(questions().front().to, "kim");
}

TEST_F(PrincipalAddressed, WithoutADelegateTheMailboxOfTheirOwnIsWrittenTo) {
  Config config = question_config();
  config.watch.principals.front().handles = {"brightwave_ceo"};
  use(std::move(config));
  the_singer_posts();
  ASSERT_EQ(briefs_to("ceo").size(), 1U);
  EXPECT_EQ(briefs_to("ceo").front().target, "ceo@brightwave.example");
}

TEST_F(PrincipalAddressed, WhoIsOnlyMentionedHasNoClockAndNoLetter) {
  posts("1", kHazard);
  it = only_case();
  EXPECT_EQ(it.principal, "");
  EXPECT_TRUE(briefs_to("ana").empty());
}

}  // namespace
}  // namespace earshot

// Answers that are seen without anybody saying so, and what customers take back or edit.
#include "../../src/app/answers_seen.hpp"
#include "question_house.hpp"

namespace earshot {
namespace {

Config seen_config() {
  Config it = question_config();
  it.watch.company.official = {{"mastodon", {"care@social.example", "help@brand.example"}},
                               {"mail", {"care@brightwave.example"}}};
  it.watch.principals.front().handles = {"brightwave_ceo"};
  SourceConfig social;
  social.name = "mentions", social.type = "mastodon", social.url = "https://social.example";
  SourceConfig out;
  out.name = "sent", out.type = "imap";
  it.sources.push_back(social);
  it.sources.push_back(out);
  return it;
}

class AnswersSeen : public QuestionHouse {
 protected:
  AnswersSeen() : QuestionHouse(seen_config()) {}
  Post toot(std::string id, std::string handle, std::string text, std::string parent = "") {
    Post post;
    post.id = std::move(id);
    post.author.id = "id-" + handle;
    post.author.handle = std::move(handle);
    post.text = std::move(text);
    post.in_reply_to = parent;
    post.conversation = parent;
    post.url = "https://social.example/" + post.id;
    post.created_at = clock.now();
    return post;
  }
  void follow(std::vector<Post> posts, std::vector<std::string> gone = {}) {
    Batch batch;
    batch.source = "mentions";
    batch.posts = std::move(posts);
    batch.deleted = std::move(gone);
    batch.aside = batch.follows = true;
    loop.run(pipeline.accept(std::move(batch)));
  }
  void complaint() { accept(toot("1", "ann", kHazard), "mentions"); }
};

TEST_F(AnswersSeen, APublicReplyOfAnOfficialAccountStampsTheFirstAnswer) {
  complaint();
  clock.advance(minutes{7});
  const Instant answered = clock.now();
  Post reply = toot("2", "care", "This is our fault. Unplug it; we ring you now.", "1");
  clock.advance(minutes{5});
  follow({reply});
  const Case it = only_case();
  ASSERT_TRUE(it.answered_at);
  EXPECT_EQ(*it.answered_at, answered) << "when it was posted, not when it was seen";
  EXPECT_EQ(it.answer_link, "https://social.example/2");
  const std::size_t entries = ledger_of("answered").size();
  follow({reply});
  EXPECT_EQ(ledger_of("answered").size(), entries) << "seen once";
}

TEST_F(AnswersSeen, APrincipalsOwnReplyCounts) {
  complaint();
  follow({toot("2", "brightwave_ceo", "I am sorry, and I have it.", "1")});
  EXPECT_TRUE(only_case().answered_at);
  EXPECT_EQ(ledger_of("answered").back().who, "ceo");
}

TEST_F(AnswersSeen, NeitherStrangersNorLookalikesOfOtherServersAnswerForUs) {
  complaint();
  follow({toot("2", "bob", "unplug it!", "1"),
          toot("3", "care@evil.example", "Good morning from the lake", "1"),
          toot("4", "brightwave_ceo@evil.example", "All is well", "1")});
  EXPECT_FALSE(only_case().answered_at);
  follow({toot("5", "help@brand.example", "We ring you.", "1")});
  EXPECT_TRUE(only_case().answered_at) << "an account that is written out with its server";
}

TEST_F(AnswersSeen, AReplyElsewhereIsNoAnswerHere) {
  complaint();
  follow({toot("2", "care", "You are welcome!", "99")});
  EXPECT_FALSE(only_case().answered_at);
}

TEST_F(AnswersSeen, AnOutgoingMailInTheThreadCountsFromTheSentFolderOrABlindCopy) {
  writes("Ann <ann@example.org>", "ceo@brightwave.example", "Lamp", "ann-1@example.org", kHazard);
  auto parsed = parse_mail(
      "From: Jo Martin <jo@brightwave.example>\r\nTo: kim@brightwave.example\r\nSubject: Fwd: "
      "Lamp\r\n"
      "Message-ID: <i@x>\r\nIn-Reply-To: <ann-1@example.org>\r\n\r\nHave you seen this?\r\n",
      {});
  accept(parsed->posts.front(), "sent");
  EXPECT_FALSE(only_case().answered_at) << "colleagues among themselves";
  parsed = parse_mail(
      "From: Jo Martin <jo@brightwave.example>\r\nTo: ann@example.org\r\nSubject: Re: Lamp\r\n"
      "Message-ID: <o@x>\r\nIn-Reply-To: <ann-1@example.org>\r\nAuto-Submitted: "
      "auto-replied\r\n\r\n"
      "We have received your message.\r\n",
      {});
  accept(parsed->posts.front(), "sent");
  EXPECT_FALSE(only_case().answered_at) << "a machine's receipt is no answer";
  parsed = parse_mail(
      "From: Jo Martin <jo@brightwave.example>\r\nTo: ann@example.org\r\nSubject: Re: Lamp\r\n"
      "Message-ID: <p@x>\r\nIn-Reply-To: <ann-1@example.org>\r\n\r\nUnplug it, please. I ring you "
      "at ten.\r\n",
      {});
  accept(parsed->posts.front(), "sent");
  const Case it = only_case();
  EXPECT_TRUE(it.answered_at);
  EXPECT_EQ(ledger_of("answered").back().who, "jo");
  EXPECT_EQ(all_cases().size(), 1U) << "our own words open no case";
}

TEST_F(AnswersSeen, WhatIsTakenBackIsBlankedAndTheCaseKeepsItsFacts) {
  complaint();
  const Case before = only_case();
  ASSERT_NE(before.excerpt, "");
  Post edited = toot("1", "ann", std::string{kHazard} + " and the sofa burnt down, too");
  follow({edited});
  EXPECT_EQ(ledger_of("post_edited").size(), 1U) << "edits are noted";
  follow({}, {"1"});
  const Case it = only_case();
  EXPECT_EQ(it.excerpt, "");
  EXPECT_EQ(it.urgency, before.urgency);
  EXPECT_EQ(it.cues, before.cues);
  EXPECT_EQ(it.customer, before.customer);
  look([&](StoreReader& reader) {
    const auto posts = reader.posts_of(it.id);
    ASSERT_EQ(posts.size(), 1U);
    EXPECT_TRUE(posts.front().post.deleted);
    EXPECT_EQ(posts.front().post.text, "");
    EXPECT_EQ(posts.front().assessment, "");
    EXPECT_EQ(posts.front().post.url, "https://social.example/1");
    CaseQuery words;
    words.words = "daughter";
    EXPECT_EQ(reader.cases(words).total, 0U) << "nor can they be searched for";
  });
  EXPECT_EQ(ledger_of("retracted").size(), 1U);
  follow({}, {"1"});
  EXPECT_EQ(ledger_of("retracted").size(), 1U) << "once";
}

TEST_F(AnswersSeen, TheCustomersFurtherWordsInTheThreadBelongToTheCase) {
  complaint();
  follow({toot("2", "ann", "Now the fire brigade is here, answer me!", "1")});
  EXPECT_EQ(only_case().posts, 2U);
}

}  // namespace
}  // namespace earshot

// A second opinion on posts that were filed: what an answer changes, and what it leaves alone.
#include <algorithm>

#include "../../src/app/filing.hpp"
#include "../../src/app/heed.hpp"
#include "house.hpp"

namespace earshot {
namespace {

constexpr const char* kGrey =
    "@Brightwave a question about the lamp: does it get warm after an hour";

OpinionPolicy asked() {
  OpinionPolicy it;
  it.url = "https://model.example/v1/chat/completions";
  it.model = "small";
  it.grey = {0, 1};  // everything that is not urgent: what is judged how is tested elsewhere
  return it;
}

Config with_opinion() {
  Config it = house_config();
  it.second_opinion = asked();
  return it;
}

/// One cause in many words, none of them urgent by itself.
constexpr std::array kDown{
    "@Brightwave your app is down again and I cannot use what I paid for, I am so angry",
    "The Brightwave app is down again, I cannot log in, this is unacceptable",
    "I cannot switch on my lamp, your servers are down again @Brightwave, terrible service",
    "@Brightwave the server is down again, all I get is errors and your support ignores me",
    "Brightwave's servers are down again and your support does not answer, so disappointed",
    "@Brightwave the app still does not load, the server is down, I am fed up with your bad "
    "service",
    "My Brightwave lamps are useless because the app is down again, I want my money back"};

constexpr Opinion kUrgent{true, 0.9, Cue::safety};

class Opinions : public House {
 protected:
  Opinions() : House(with_opinion()) {}
  std::vector<Unsure> comes(const std::string& id, const std::string& text,
                            const std::string& author = "ann") {
    Post post;
    post.id = id;
    post.author.id = post.author.handle = author;
    post.text = text;
    return takes(std::move(post));
  }
  std::vector<Unsure> takes(Post post) {
    Batch batch;
    batch.source = "push";
    batch.next = "after " + post.id + post.text;
    batch.posts.push_back(std::move(post));
    Accepted done = loop.run(pipeline.accept(std::move(batch)));
    return std::move(done.unsure);
  }
  Unsure one(const std::string& id, const std::string& text, const std::string& author = "ann") {
    std::vector<Unsure> all = comes(id, text, author);
    EXPECT_EQ(all.size(), 1U) << text;
    return all.empty() ? Unsure{} : all.front();
  }
  Heeded hears(const Unsure& about, const Opinion& opinion = kUrgent) {
    Heeded out;
    loop.run(pipeline.write_near([&](StoreWriter& writer, NearCases& near) {
      out = heed(writer, *rules, key, Chance{clock.now(), dice.bits()}, near, about, opinion);
    }));
    return out;
  }
  std::vector<LedgerEntry> entries(const std::string& kind) {
    std::vector<LedgerEntry> out;
    LedgerQuery query;
    query.kind = kind;
    look([&](StoreReader& reader) { out = reader.ledger(query); });
    return out;
  }
  /// A complaint that waits in somebody's queue, with its question.
  Unsure queued() {
    return one("q", "@Brightwave my bill is wrong again, you charge me for March twice.");
  }
};

TEST_F(Opinions, AnUrgentAnswerOpensACaseAndPages) {
  const Unsure about = one("g", kGrey);
  EXPECT_TRUE(all_cases().empty());
  const Heeded done = hears(about);
  EXPECT_EQ(done.heard, Heard::opened);
  EXPECT_EQ(done.opened_as, Urgency::page);
  const Case it = only_case();
  EXPECT_EQ(it.urgency, Urgency::page);
  EXPECT_EQ(it.excerpt, kGrey);
  EXPECT_EQ(waiting_pages(it.id, "jo"), 1U);
  EXPECT_NE(std::ranges::find(it.reasons, "A second opinion finds it urgent (safety, 90 % sure)."),
            it.reasons.end());
  ASSERT_EQ(entries("opened").size(), 1U);
  EXPECT_EQ(entries("opened").front().who, "second opinion");
  const auto said = entries("second_opinion");
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said.front().case_id, it.id);
  EXPECT_NE(said.front().data.find(R"("confidence":0.9,"why":"safety","outcome":"opened")"),
            std::string::npos)
      << said.front().data;
}

TEST_F(Opinions, ThePostOfTheOpenedCaseIsItsOwnAndTheDigestHearsThatItMoved) {
  const Unsure about = one("g", kGrey);
  hears(about);
  const std::string id = only_case().id;
  look([&](StoreReader& reader) {
    EXPECT_EQ(reader.post(about.seq)->case_id, id);
    EXPECT_EQ(reader.post(about.seq)->version, 1) << "no word of it has changed";
  });
  ASSERT_EQ(entries("came_in").size(), 2U);
  EXPECT_NE(entries("came_in").back().data.find(R"("moved":[{"post":)"), std::string::npos);
}

TEST_F(Opinions, AnUrgentAnswerRaisesTheCaseAndPages) {
  const Unsure about = queued();
  const Case before = only_case();
  ASSERT_EQ(before.urgency, Urgency::queue);
  EXPECT_EQ(hears(about).heard, Heard::raised);
  const Case it = only_case();
  EXPECT_EQ(it.urgency, Urgency::page);
  EXPECT_EQ(it.id, before.id);
  EXPECT_GE(waiting_pages(it.id, "jo"), 1U);
  ASSERT_EQ(entries("raised").size(), 1U);
  EXPECT_EQ(entries("raised").front().who, "second opinion");
}

TEST_F(Opinions, TheSameAnswerTwiceWakesOnce) {
  const Unsure about = one("g", kGrey);
  hears(about);
  EXPECT_EQ(hears(about).heard, Heard::left);
  EXPECT_EQ(all_cases().size(), 1U);
}

TEST_F(Opinions, NoAnswerMakesAnythingQuieter) {
  const Unsure about = queued();
  const Case before = only_case();
  EXPECT_EQ(hears(about, {false, 1, std::nullopt}).heard, Heard::not_urgent);
  EXPECT_EQ(hears(about, {true, 0.5, Cue::safety}).heard, Heard::unsure);
  EXPECT_EQ(to_json(only_case()), to_json(before));
  EXPECT_EQ(entries("second_opinion").size(), 2U) << "both are kept";
}

TEST_F(Opinions, ACaseThatSomebodyHasIsLeftAlone) {
  const Unsure about = queued();
  ASSERT_EQ(does("jo", Action::ack).kind, ActAnswer::Kind::done);
  EXPECT_EQ(hears(about).heard, Heard::left);
  EXPECT_EQ(only_case().urgency, Urgency::queue);
}

TEST_F(Opinions, ADismissedCaseIsLeftAlone) {
  const Unsure about = queued();
  ASSERT_EQ(does("jo", Action::dismiss, {{"reason", "spam"}}).kind, ActAnswer::Kind::done);
  EXPECT_EQ(hears(about).heard, Heard::left);
  EXPECT_EQ(only_case().state, CaseState::dismissed);
}

TEST_F(Opinions, ACaseThatSomebodyJudgedIsLeftAlone) {
  const Unsure about = queued();
  ASSERT_EQ(does("jo", Action::teach, {{"label", "not_worth_waking"}}).kind, ActAnswer::Kind::done);
  EXPECT_EQ(hears(about).heard, Heard::left);
  EXPECT_EQ(only_case().urgency, Urgency::queue);
}

TEST_F(Opinions, ACaseThatAStormKeepsQuietIsToldByItself) {
  write([&](StoreWriter& writer) {
    writer.put_meta("storms_since", to_rfc3339(clock.now() - hours{24 * 30}));
  });
  Unsure about;
  for (std::size_t i = 0; i < 14; ++i) {
    clock.advance(seconds{10});
    const std::string n = std::to_string(i);
    const std::string text = kDown.at(i % kDown.size());
    const auto all = comes("d" + n, text + " (" + n + " Elm Street " + std::to_string(i * 37) + ")",
                           "customer" + n);
    if (!all.empty()) about = all.front();
  }
  std::string id;
  look([&](StoreReader& reader) { id = reader.post(about.seq)->case_id; });
  const Case before = case_of_id(id);
  ASSERT_TRUE(before.grouped);
  ASSERT_EQ(before.urgency, Urgency::queue);
  EXPECT_EQ(hears(about).heard, Heard::raised);
  const Case it = case_of_id(id);
  EXPECT_FALSE(it.grouped);
  EXPECT_EQ(it.urgency, Urgency::page);
  EXPECT_EQ(it.told, std::vector<std::string>{"jo"});
}

TEST_F(Opinions, OtherWordsMeanwhileAreAskedAboutAnew) {
  const Unsure about = one("g", kGrey);
  const std::vector<Unsure> again = comes("g", std::string{kGrey} + ", thank you");
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(hears(about).heard, Heard::left);
  EXPECT_TRUE(all_cases().empty());
  EXPECT_EQ(hears(again.front()).heard, Heard::opened);
}

TEST_F(Opinions, WhatWasTakenBackIsLeftAlone) {
  const Unsure about = one("g", kGrey);
  write([&](StoreWriter& writer) { writer.mark_deleted(about.seq, clock.now()); });
  EXPECT_EQ(hears(about).heard, Heard::left);
  EXPECT_TRUE(all_cases().empty());
}

TEST_F(Opinions, AQuestionIsWantedAsLongAsItsAnswerCouldChangeSomething) {
  const auto wanted = [&](const Unsure& about) {
    bool out = false;
    look([&](StoreReader& reader) { out = is_still_wanted(reader, about); });
    return out;
  };
  const Unsure open = one("g", kGrey);
  const Unsure waits = queued();
  EXPECT_TRUE(wanted(open));
  EXPECT_TRUE(wanted(waits));
  does("jo", Action::ack);
  EXPECT_FALSE(wanted(waits)) << "jo has it";
  write([&](StoreWriter& writer) { writer.blank_post(open.seq, "gone", clock.now()); });
  EXPECT_FALSE(wanted(open)) << "its author was erased";
  EXPECT_EQ(hears(open).heard, Heard::left);
}

TEST_F(Opinions, AHazardIsAPageAndNobodyIsAsked) {
  EXPECT_TRUE(comes("h", kHazard).empty());
  EXPECT_EQ(only_case().urgency, Urgency::page);
}

TEST_F(Opinions, WithoutTheSectionNobodyIsAsked) {
  use(house_config());
  EXPECT_TRUE(comes("g", kGrey).empty());
}

TEST_F(Opinions, TheHousesOwnRuleForUrgentDecidesHowLoudItGets) {
  Config config = with_opinion();
  config.triage.urgent.floor = Urgency::queue;
  use(std::move(config));
  const Unsure about = one("g", kGrey);
  EXPECT_EQ(hears(about).opened_as, Urgency::queue);
}

}  // namespace
}  // namespace earshot

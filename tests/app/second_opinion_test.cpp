// A second opinion on posts that were filed: what an answer changes, what it leaves alone, and how
// the questions are asked.
#include "../../src/app/second_opinion.hpp"

#include "../../src/app/filing.hpp"
#include "house.hpp"
#include "support/fake_http.hpp"

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

/// The questions themselves.
class OpinionQuestions : public testing::Test {
 protected:
  OpinionQuestions() { config.second_opinion = asked(); }
  void go() {
    auto made = make_rules(config);
    ASSERT_TRUE(made) << made.error().message;
    rules = *made;
    SecondOpinion::Hooks hooks;
    hooks.rules = [this] { return rules; };
    hooks.dice = [] { return std::uint64_t{7}; };
    hooks.heed = [this](Unsure about, Opinion said) -> Task<Heard> {
      heeded.push_back(about.seq);
      co_return said.urgent ? Heard::raised : Heard::not_urgent;
    };
    opinion = std::make_unique<SecondOpinion>(loop.executor(), clock, http, metrics, hooks);
    group.spawn("second opinion", [this] { return opinion->run(); });
    loop.settle();
  }
  void TearDown() override {
    group.cancel();
    loop.run(clock, group.join());
  }
  void offers(std::int64_t seq) {
    opinion->offer({seq, 1, "The lamp is warm", "en"});
    loop.settle();
  }
  static std::string says(bool urgent) {
    return std::string{R"({"choices":[{"message":{"content":"{\"urgent\": )"} +
           (urgent ? "true" : "false") + R"(, \"confidence\": 0.9, \"why\": \"none\"}"}}]})";
  }
  double counted(const std::string& outcome) {
    const std::string all = metrics.serialise();
    const std::string name = "earshot_second_opinion_questions_total{outcome=\"" + outcome + "\"} ";
    const std::size_t at = all.find(name);
    return at == std::string::npos ? 0 : std::stod(all.substr(at + name.size()));
  }

  Loop loop;
  FakeClock clock{loop};
  FakeHttp http;
  Metrics metrics;
  Config config = house_config();
  std::shared_ptr<const Rules> rules;
  std::unique_ptr<SecondOpinion> opinion;
  TaskGroup group{loop.executor()};
  std::vector<std::int64_t> heeded;
};

TEST_F(OpinionQuestions, SendsOneRequestAndHeedsItsAnswer) {
  go();
  http.answer(200, says(true));
  offers(5);
  ASSERT_EQ(http.requests.size(), 1U);
  EXPECT_EQ(http.requests[0].method, "POST");
  EXPECT_EQ(http.requests[0].url, "https://model.example/v1/chat/completions");
  EXPECT_EQ(http.requests[0].timeout, seconds{5});
  EXPECT_TRUE(http.requests[0].once);
  EXPECT_TRUE(http.requests[0].bearer.empty());
  EXPECT_EQ(heeded, std::vector<std::int64_t>{5});
  EXPECT_EQ(counted("raised"), 1);
}

TEST_F(OpinionQuestions, KeepsItsBudgetAndGetsItBack) {
  config.second_opinion->per_hour = 2;
  go();
  http.otherwise([](const HttpRequest&) { return HttpResponse{200, {}, says(false), ""}; });
  for (int i = 0; i < 5; ++i) offers(i);
  EXPECT_EQ(http.requests.size(), 2U);
  EXPECT_EQ(counted("over_budget"), 3);
  clock.advance(hours{1});
  offers(9);
  EXPECT_EQ(http.requests.size(), 3U);
}

TEST_F(OpinionQuestions, RefusedAnswersAreCountedAndChangeNothing) {
  go();
  http.answer(200, R"({"choices":[{"message":{"content":"urgent!"}}]})");
  http.answer(200, "<html>");
  offers(1);
  offers(2);
  EXPECT_EQ(counted("refused"), 2);
  EXPECT_TRUE(heeded.empty());
}

TEST_F(OpinionQuestions, RestsAfterFiveFailuresAndComesBack) {
  go();
  for (int i = 0; i < 5; ++i) {
    http.answer(503);
    offers(i);
  }
  EXPECT_EQ(counted("failed"), 5);
  EXPECT_NE(metrics.serialise().find("earshot_second_opinion_broken 1"), std::string::npos);
  http.answer(200, says(true));
  offers(6);
  EXPECT_EQ(http.requests.size(), 5U) << "it rests";
  clock.advance(minutes{1});
  loop.settle();
  EXPECT_EQ(http.requests.size(), 6U);
  EXPECT_NE(metrics.serialise().find("earshot_second_opinion_broken 0"), std::string::npos);
}

TEST_F(OpinionQuestions, WaitsAsLongAsTheServerAsks) {
  go();
  http.answer(429, "", {{"Retry-After", "120"}});
  http.answer(200, says(true));
  offers(1);
  offers(2);
  EXPECT_EQ(http.requests.size(), 1U);
  clock.advance(minutes{2});
  loop.settle();
  EXPECT_EQ(http.requests.size(), 2U);
}

TEST_F(OpinionQuestions, TheQueueIsBoundedAndOldQuestionsAreForgotten) {
  go();
  http.answer(429, "", {{"Retry-After", "900"}});
  offers(0);
  offers(1);  // waits for the end of the rest, as all that follow
  for (std::size_t i = 0; i < SecondOpinion::kMostWaiting + 10; ++i)
    offers(static_cast<std::int64_t>(2 + i));
  EXPECT_EQ(counted("dropped"), 11);
  clock.advance(minutes{15});
  loop.settle();
  EXPECT_EQ(counted("dropped"), 11 + SecondOpinion::kMostWaiting) << "they are old by now";
  EXPECT_EQ(http.requests.size(), 1U);
}

TEST_F(OpinionQuestions, AReloadWithoutTheSectionEndsIt) {
  go();
  http.answer(429, "", {{"Retry-After", "60"}});
  offers(1);
  offers(2);
  config.second_opinion.reset();
  rules = *make_rules(config);
  clock.advance(minutes{1});
  loop.settle();
  EXPECT_EQ(http.requests.size(), 1U);
  EXPECT_EQ(counted("dropped"), 1);
}

TEST_F(OpinionQuestions, StopsWhileAQuestionIsOnItsWay) {
  go();
  http.answer_never();
  offers(1);
  EXPECT_EQ(http.requests.size(), 1U);
}  // TearDown joins

TEST_F(OpinionQuestions, ATokenThatCannotBeReadAsksNobody) {
  config.second_opinion->token_file = "/nowhere/token";
  go();
  offers(1);
  EXPECT_TRUE(http.requests.empty());
  EXPECT_EQ(counted("failed"), 1);
}

}  // namespace
}  // namespace earshot

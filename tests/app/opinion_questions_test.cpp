// How second opinions are asked for: budget, rest, queue, stop.
#include "../../src/app/second_opinion.hpp"

#include "house.hpp"
#include "support/fake_http.hpp"

namespace earshot {
namespace {

OpinionPolicy asked() {
  OpinionPolicy it;
  it.url = "https://model.example/v1/chat/completions";
  it.model = "small";
  return it;
}

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
    hooks.wanted = [this](Unsure about) -> Task<bool> { co_return about.seq != unwanted; };
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
  std::int64_t unwanted = -1;
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

TEST_F(OpinionQuestions, WhatIsNoLongerWantedDoesNotLeave) {
  unwanted = 5;
  go();
  offers(5);
  EXPECT_TRUE(http.requests.empty());
  EXPECT_EQ(counted("dropped"), 1);
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

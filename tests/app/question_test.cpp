// Questions through the doors: letters, timers, the case's story, the API, and loops.
#include <algorithm>

#include "question_house.hpp"

namespace earshot {
namespace {

class Questions : public QuestionHouse {
 protected:
  std::string ask(const std::string& to, const std::string& text = "?") {
    const DeskAnswer done = desk("ceo", "ask", {{"to", to}, {"text", text}, {"item", "a lamp"}});
    EXPECT_TRUE(done.done) << done.text;
    return questions().back().id;
  }
  std::pair<std::string, std::string> token(const std::string& person, const std::string& role) {
    write([&](StoreWriter& writer) {
      TokenRecord it;
      it.id = person, it.role = role, it.person = person, it.hash = to_hex(sha256(person));
      it.created_at = clock.now();
      writer.put_token(it);
    });
    return {"Authorization", "Bearer " + person};
  }
};

TEST_F(Questions, FallDueByTheTickAndClimb) {
  const std::string id = ask("jo");
  EXPECT_EQ(letters_to("jo").size(), 1U);
  later(hours{20});
  EXPECT_EQ(letters_to("jo").size(), 2U) << "a reminder";
  later(hours{4});
  EXPECT_EQ(question(id).line, (std::vector<std::string>{"jo", "kim"}));
  EXPECT_EQ(letters_to("kim").size(), 1U);
  EXPECT_EQ(letters_to("ceo").size(), 1U) << "the asker hears that it is late";
  later(hours{8});
  EXPECT_EQ(question(id).line, (std::vector<std::string>{"jo", "kim", "ana"}));
  desk("kim", "answer", {{"id", id}, {"text", "Lost."}});
  const std::size_t letters = sent().size();
  later(hours{100});
  EXPECT_EQ(sent().size(), letters) << "what is answered falls due no more";
}

TEST_F(Questions, OfACaseStandInItsStoryAndGoToItsOwner) {
  posts("1", kHazard);
  does("li", Action::ack);
  const Case it = only_case();
  const auto ceo = token("ceo", "manager");
  const WebResponse asked =
      ask_api("POST", "/api/v1/cases/1/question", R"({"text":"How is she?"})", ceo);
  ASSERT_EQ(asked.status, 201) << asked.body;
  const Question got = questions().front();
  EXPECT_EQ(got.to, "li") << "the owner";
  EXPECT_EQ(got.case_id, it.id);
  desk("li", "answer", {{"id", got.id}, {"text", "Her hand is bandaged; I rang her."}});
  const WebResponse shown = ask_api("GET", "/api/v1/cases/1", "", ceo);
  EXPECT_NE(shown.body.find("li answered ceo: Her hand is bandaged"), std::string::npos);
  EXPECT_NE(shown.body.find(R"("questions":[{"id":")" + got.id), std::string::npos);
}

TEST_F(Questions, GoThroughTheApiWithReasonsWhereTheyCannot) {
  const auto ceo = token("ceo", "responder");
  const auto kim = token("kim", "responder");
  const auto jo = token("jo", "responder");
  const WebResponse made =
      ask_api("POST", "/api/v1/questions",
              R"({"to":"kim","text":"?","item":"words","subject":"A lamp"})", ceo);
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string path = "/api/v1/questions/" + questions().front().id;
  EXPECT_EQ(ask_api("GET", path, "", kim).status, 200);
  EXPECT_EQ(ask_api("GET", path, "", jo).status, 404) << "no party to it, and it has no case";
  EXPECT_EQ(ask_api("POST", path + "/answer", R"({"text":"x"})", jo).status, 404);
  EXPECT_EQ(ask_api("POST", path + "/answer", R"({"text":" "})", kim).status, 400);
  EXPECT_EQ(ask_api("POST", path + "/accept", "", kim).status, 403);
  EXPECT_EQ(ask_api("POST", path + "/accept", "", ceo).status, 409);
  EXPECT_EQ(ask_api("POST", path + "/fall_due", "", ceo).status, 404);
  const WebResponse owed = ask_api("GET", "/api/v1/questions/owed", "", kim);
  EXPECT_NE(owed.body.find(R"("person":{"id":"kim","name":"Kim Park"},"owed":1)"),
            std::string::npos)
      << owed.body;
  EXPECT_EQ(ask_api("POST", path + "/answer", R"({"text":"Lost."})", kim).status, 200);
  const WebResponse done = ask_api("POST", path + "/accept", "", ceo);
  EXPECT_EQ(done.status, 200) << done.body;
  EXPECT_NE(done.body.find(R"("state":"accepted")"), std::string::npos);
  EXPECT_EQ(ask_api("GET", "/api/v1/questions", "", ceo).body.find("\"items\":[]"), 1U);
  EXPECT_NE(ask_api("GET", "/api/v1/questions?state=all", "", ceo).body.find("Lost."),
            std::string::npos);
  EXPECT_EQ(ask_api("POST", "/api/v1/questions", R"({"to":"nobody","text":"?"})", ceo).status, 400);
  EXPECT_EQ(
      ask_api("POST", "/api/v1/questions", R"({"to":"kim","case":"99","text":"?"})", ceo).status,
      404);
}

TEST_F(Questions, AnAbsenceMailWithoutAnyMarkDoesNotRunInCircles) {
  const std::string id = ask("kim");
  // Both sides answer every letter at once, as a machine that knows no RFC would.
  std::size_t read = 0;
  for (int round = 0; round < 300; ++round) {
    const std::vector<OutboxRow> all = sent();
    if (read == all.size()) break;
    for (; read < all.size(); ++read) {
      const OutboxRow& row = all[read];
      if (!row.message_id.starts_with("question-")) continue;
      writes(row.target, field_of_mail(row.body, "Reply-To"), "Away",
             "away-" + std::to_string(read) + "@x.example", "I am away. Ask my colleague?",
             field_of_mail(row.body, "Message-ID"));
    }
  }
  EXPECT_EQ(read, sent().size()) << "it ends";
  EXPECT_LE(letters_to("kim").size() + letters_to("ceo").size(), 50U);
  const auto held = ledger_of("question_held");
  EXPECT_FALSE(held.empty()) << "and what came too often is kept";
  EXPECT_TRUE(std::ranges::any_of(sent(),
                                  [](const OutboxRow& row) {
                                    return row.key.starts_with("self/question-flood/");
                                  }) ||
              rules->config->route.receivers->empty());
}

TEST_F(Questions, LettersCarryThreeMarksByWhichAnswersFindThem) {
  const std::string id = ask("kim");
  const std::string body = letters_to("kim").front().body;
  EXPECT_TRUE(field_of_mail(body, "Message-ID").starts_with("question-" + id + "."));
  EXPECT_TRUE(field_of_mail(body, "Reply-To").starts_with("ask+" + id + "-"));
  EXPECT_NE(field_of_mail(body, "Subject").find("[?" + id + "-"), std::string::npos);
  EXPECT_EQ(field_of_mail(body, "Auto-Submitted"), "auto-generated");
  EXPECT_EQ(field_of_mail(body, "References"), "question-" + id + "@brightwave.example");
}

TEST_F(Questions, AForgedTagMovesNothing) {
  const std::string id = ask("kim");
  writes("Kim Park <kim@brightwave.example>", "ask+" + id + "-00000000@brightwave.example", "Hi",
         "k@x.example", "All is well.");
  EXPECT_EQ(question(id).state, QuestionState::open);
}

TEST_F(Questions, InTheShadowNobodyIsWrittenTo) {
  Config config = question_config();
  config.mode = Mode::shadow;
  use(std::move(config));
  ask("kim");
  EXPECT_TRUE(sent().empty());
  EXPECT_EQ(ledger_of("withheld").size(), 1U);
}

}  // namespace
}  // namespace earshot

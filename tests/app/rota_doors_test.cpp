// The doors of the rota: what they refuse, how long something lasts, and who hears of its end.
#include <gtest/gtest.h>

#include <algorithm>

#include "doors_house.hpp"

namespace earshot {
namespace {

class RotaDoors : public testing::Test {
 protected:
  WebResponse as(const std::string& role, std::string method, std::string path, std::string body) {
    WebRequest request;
    request.method = std::move(method), request.path = std::move(path);
    request.body = std::move(body);
    request.headers.emplace_back("Authorization", "Bearer token-" + role);
    return house.ask(std::move(request));
  }
  WebResponse preview(const std::string& more) {
    return as("responder", "POST", "/api/v1/overrides/preview",
              R"({"schedule":"contact","add":["ann"])" + more + "}");
  }
  std::string end_of(const WebResponse& answer) {
    const auto it = override_from_json(answer.body);
    return it ? to_rfc3339(it->end) : answer.body;
  }
  DoorsHouse house;
};

TEST_F(RotaDoors, APreviewRefusesATimeThatItCannotRead) {
  EXPECT_EQ(preview(R"(,"from":"tomorrow","to":"2026-12-09T10:00:00Z")").status, 400);
  EXPECT_EQ(preview(R"(,"to":"tomorrow")").status, 400);
  EXPECT_EQ(preview("").status, 400);
  EXPECT_EQ(preview(R"(,"for":"2h")").status, 200);
}

TEST_F(RotaDoors, AListThatBeginsWithinASecondSpeaksOfNoClockChange) {
  house.clock->advance(milliseconds{357});
  const WebResponse answer = preview(R"(,"for":"2h")");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.body.find("clocks_change"), std::string::npos) << answer.body;
  const std::string from = to_rfc3339_ms(house.clock->now());
  WebRequest request;
  request.method = "GET", request.path = "/api/v1/oncall/shifts";
  request.query = {{"from", from}, {"to", to_rfc3339(house.clock->now() + hours{5})}};
  request.headers.emplace_back("Authorization", "Bearer token-viewer");
  const WebResponse list = house.ask(std::move(request));
  EXPECT_EQ(list.status, 200) << list.body;
  EXPECT_EQ(list.body.find("clocks_change"), std::string::npos) << list.body;
}

TEST_F(RotaDoors, AnOverrideAndAnAbsenceMayLastSoLong) {
  const Instant now = std::chrono::floor<seconds>(house.clock->now());
  const WebResponse made = as("responder", "POST", "/api/v1/overrides",
                              R"({"schedule":"contact","add":["ann"],"for":"2h"})");
  EXPECT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(end_of(made), to_rfc3339(now + hours{2}));
  EXPECT_EQ(as("responder", "POST", "/api/v1/absences", R"({"person":"jo","for":"3d"})").status,
            201);
  EXPECT_EQ(as("responder", "POST", "/api/v1/absences", R"({"person":"jo","for":"-3d"})").status,
            400);
  EXPECT_EQ(as("responder", "POST", "/api/v1/absences", R"({"person":"jo","for":"long"})").status,
            400);
}

TEST_F(RotaDoors, ASilenceOfSomebodyElseSaysThatItIsTheirsToEnd) {
  WebRequest request;
  request.method = "GET", request.path = "/api/v1/silences";
  request.headers.emplace_back("Authorization", "Bearer token-responder");
  const WebResponse list = house.ask(std::move(request));
  EXPECT_NE(list.body.find(R"("code":"not_yours")"), std::string::npos) << list.body;
  EXPECT_NE(list.body.find(R"({"expire":{"ok":true}})"), std::string::npos) << list.body;
}

}  // namespace
}  // namespace earshot

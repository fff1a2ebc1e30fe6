// The doors of storms: shapes, roles, whose they are.
#include <fmt/format.h>

#include <array>

#include "../../src/app/rota.hpp"
#include "../../src/app/storms.hpp"
#include "house.hpp"

namespace earshot {
namespace {

class StormDoors : public House {
 protected:
  StormDoors() {
    write([&](StoreWriter& writer) {
      for (const auto& [id, role, person] :
           std::vector<std::array<std::string, 3>>{{"jo", "responder", "jo"},
                                                   {"kim", "manager", "kim"},
                                                   {"li", "responder", "li"},
                                                   {"view", "viewer", "jo"}}) {
        TokenRecord token;
        token.id = id, token.role = role, token.person = person;
        token.hash = to_hex(sha256("token-" + id));
        token.created_at = clock.now();
        writer.put_token(token);
      }
    });
    for (int i = 0; i < 8; ++i)
      posts(fmt::format("x{}", i),
            "@Brightwave you charged me twice for one lamp, I want my money back",
            fmt::format("fan{}", i));
  }
  Task<RotaAnswer> change_rota(RotaCommand command) override {
    RotaAnswer out;
    auto work = [&](StoreWriter& writer) {
      out = earshot::change_rota(writer, *rules, key, Chance{clock.now(), dice.bits()}, command);
    };
    co_await db->write(work);
    co_return out;
  }
  WebResponse as(const std::string& who, std::string method, std::string path,
                 std::string body = "") {
    return ask(std::move(method), std::move(path), std::move(body),
               {{"Authorization", "Bearer token-" + who}});
  }
  std::string only_id() {
    const WebResponse list = as("jo", "GET", "/api/v1/storms");
    const auto document = parse_json(list.body);
    EXPECT_TRUE(document && document->IsArray() && document->Size() == 1) << list.body;
    return document && document->Size() == 1 ? std::string{string_at((*document)[0], "id")} : "";
  }
};

TEST_F(StormDoors, AStormIsListedWithWhatItCounts) {
  const WebResponse list = as("jo", "GET", "/api/v1/storms");
  EXPECT_EQ(list.status, 200);
  EXPECT_NE(list.body.find(R"("count":8)"), std::string::npos) << list.body;
  EXPECT_NE(list.body.find(R"("cases":1)"), std::string::npos);
  EXPECT_NE(list.body.find(R"("owner":null)"), std::string::npos);
  does("jo", Action::ack);
  EXPECT_NE(as("jo", "GET", "/api/v1/storms").body.find(R"("owner":{"id":"jo")"), std::string::npos)
      << "whoever has the case that stands for it has the storm";
  const WebResponse one = as("view", "GET", "/api/v1/storms/" + only_id());
  EXPECT_EQ(one.status, 200);
  EXPECT_NE(one.body.find(R"("sample":[{"case":)"), std::string::npos) << one.body;
  EXPECT_NE(one.body.find(R"("storm":{"id":")"), std::string::npos);
  EXPECT_EQ(as("jo", "GET", "/api/v1/storms/s-none").status, 404);
  EXPECT_EQ(as("jo", "GET", "/api/v1/storms").status, 200);
}

TEST_F(StormDoors, CasesAreListedByTheirStorm) {
  const std::string id = only_id();
  EXPECT_NE(as("jo", "GET", "/api/v1/cases?state=all&storm=" + id).body.find(R"("total":1)"),
            std::string::npos);
  EXPECT_NE(as("jo", "GET", "/api/v1/cases?state=all&storm=s-none").body.find(R"("total":0)"),
            std::string::npos);
  EXPECT_NE(as("li", "GET", "/api/v1/cases?state=all&storm=" + id).body.find(R"("total":0)"),
            std::string::npos)
      << "a team that may not see the case does not count it";
}

TEST_F(StormDoors, ACaseNamesItsStorm) {
  const std::string id = only_id();
  EXPECT_EQ(
      as("jo", "POST", "/api/v1/storms/" + id + "/rename", R"({"name":"Charged twice"})").status,
      200);
  const WebResponse row = as("jo", "GET", "/api/v1/cases/" + only_case().id);
  EXPECT_NE(row.body.find(R"("storm":{"id":")" + id + R"(","name":"Charged twice"})"),
            std::string::npos)
      << row.body;
}

TEST_F(StormDoors, OthersAndViewersMayNot) {
  const std::string id = only_id();
  EXPECT_EQ(as("view", "POST", "/api/v1/storms/" + id + "/end").status, 403);
  EXPECT_EQ(as("li", "POST", "/api/v1/storms/" + id + "/end").status, 404)
      << "another team's storm does not exist";
  EXPECT_EQ(as("li", "GET", "/api/v1/storms/" + id).status, 404);
  EXPECT_EQ(as("li", "GET", "/api/v1/storms").body, "[]");
  EXPECT_EQ(as("jo", "POST", "/api/v1/storms/" + id + "/rain").status, 404);
  EXPECT_EQ(as("jo", "POST", "/api/v1/storms/" + id + "/rename", "{}").status, 400);
  EXPECT_EQ(as("jo", "POST", "/api/v1/storms/" + id + "/end").status, 200);
  EXPECT_EQ(as("jo", "POST", "/api/v1/storms/" + id + "/end").status, 409);
  EXPECT_EQ(as("jo", "GET", "/api/v1/storms").body, "[]");
  EXPECT_NE(as("jo", "GET", "/api/v1/storms/" + id).body.find("\"ended_at\":\"2"),
            std::string::npos);
}

TEST_F(StormDoors, NobodyEntersOrLeavesAStormByTheDoorOfCases) {
  const std::string path = "/api/v1/cases/" + only_case().id;
  EXPECT_EQ(as("jo", "POST", path + "/leave_storm", "{}").status, 404);
  EXPECT_EQ(as("jo", "POST", path + "/enter_storm", R"({"storm":"s1"})").status, 404);
}

}  // namespace
}  // namespace earshot

// Object scope through the real handlers and a store: every door on a case, every role, a case of
// the own team and one of another.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "../../src/app/effects.hpp"
#include "../../src/web/parts.hpp"
#include "earshot/core/ids.hpp"
#include "earshot/store/sqlite.hpp"
#include "support/fake_clock.hpp"
#include "support/run.hpp"

namespace earshot {
namespace {

/// The daemon as the web room sees it, without its wiring.
class TwoTeams final : public Backend {
 public:
  TwoTeams(Loop& loop, Clock& shell) : clock(shell) {
    Config it;
    Person jo, li, ann;
    jo.id = "jo", li.id = "li", ann.id = "ann";
    it.people = {jo, li, ann};
    it.teams = {{"care", {"jo"}, "", ""}, {"billing", {"li"}, "", ""}};
    auto made = make_rules(std::move(it));
    EXPECT_TRUE(made);
    rules = *made;
    loop.run(db->write([&](StoreWriter& writer) {
      for (const char* team : {"care", "billing"}) {
        Case one;
        one.id = std::string{"c-"} + team;
        one.team = team;
        one.opened_at = one.updated_at = clock.now();
        CaseRecord record;
        record.id = one.id, record.team = team, record.state = "open", record.urgency = "queue";
        record.opened_at = record.updated_at = clock.now();
        record.body = to_json(one);
        record.words = std::string{"words of "} + team;
        writer.put_case(record);
      }
      for (const char* role : {"viewer", "responder", "manager", "auditor", "admin", "service"}) {
        TokenRecord token;
        token.id = role, token.role = role, token.person = "jo";
        token.hash = to_hex(sha256(std::string{"token-"} + role));
        token.created_at = clock.now();
        writer.put_token(token);
      }
    }));
  }
  std::shared_ptr<const Config> config() override { return rules->config; }
  Store& store() override { return *db; }
  Task<Result<IntakeAnswer>> push(std::string, std::vector<Post>,
                                  std::vector<RejectedPost>) override {
    co_return IntakeAnswer{};
  }
  Task<ActAnswer> act(std::string id, Command command,
                      std::optional<std::int64_t> version) override {
    ActAnswer answer;
    auto work = [&](StoreWriter& writer) {
      answer = act_on(writer, *rules, key, Chance{clock.now(), ++seed}, id, command, version);
    };
    co_await db->write(work);
    co_return answer;
  }
  Task<Result<IntakeAnswer>> replay_quarantined(std::int64_t, std::string) override {
    co_return permanent("not here");
  }
  Task<Result<IntakeAnswer>> drop_quarantined(std::int64_t, std::string) override {
    co_return permanent("not here");
  }
  std::vector<SourceHealth> sources() override { return {}; }
  Task<Result<std::string>> reload() override { co_return std::string{"done"}; }
  std::string metrics() override { return {}; }
  bool ready() override { return true; }
  Task<Result<void>> test_receiver(std::string, std::string) override { co_return Result<void>{}; }
  Task<> wait_for_ledger(std::int64_t, Duration) override { co_return; }

  Clock& clock;
  std::uint64_t seed = 0;
  AckKey key{"k1", std::string(32, 's')};
  std::unique_ptr<Store> db = open_sqlite(":memory:");
  std::shared_ptr<const Rules> rules;
};

class AccessFlow : public testing::Test {
 protected:
  WebResponse ask(std::string method, std::string path, const std::string& role,
                  std::string body = "{}") {
    WebRequest request;
    request.method = std::move(method);
    request.path = std::move(path);
    request.body = std::move(body);
    if (!role.empty()) request.headers = {{"Authorization", "Bearer token-" + role}};
    request.peer = "127.0.0.1";
    return loop.run(api.handle(std::move(request)));
  }
  static std::string path_of(const Door& door, const std::string& id) {
    std::string path{door.pattern};
    const auto put = [&](const std::string& mark, const std::string& value) {
      const std::size_t at = path.find(mark);
      if (at != std::string::npos) path.replace(at, mark.size(), value);
    };
    put("{id}", id);
    put("{action}", "note");
    return path;
  }

  Loop loop;
  FakeClock clock{loop};
  TwoTeams house{loop, clock};
  Api api{house, clock, [this] { return std::vector<AckKey>{house.key}; }};
};

TEST_F(AccessFlow, EveryDoorOnACaseFollowsTheTable) {
  int cells = 0;
  for (const Door& door : doors()) {
    if (door.touches != Touches::one) continue;
    for (const char* role : {"viewer", "responder", "manager", "auditor", "admin", "service"}) {
      const Reach reach = reach_of(role, door.method, door.role, door.touches);
      for (const bool own : {true, false}) {
        const WebResponse answer =
            ask(std::string{door.method}, path_of(door, own ? "c-care" : "c-billing"), role,
                R"({"text":"x","reason":"x","person":"jo","code":"0000"})");
        const bool open = own ? reach.own : reach.other;
        const bool barred =
            answer.status == 403 || answer.body.find("\"no_case\"") != std::string::npos;
        EXPECT_EQ(!barred, open) << door.method << " " << door.pattern << " " << role << " "
                                 << (own ? "own" : "other") << ": " << answer.status << " "
                                 << answer.body.substr(0, 200);
        ++cells;
      }
    }
    for (const char* id : {"c-care", "c-billing"})
      EXPECT_EQ(ask(std::string{door.method}, path_of(door, id), "").status, 401);
  }
  EXPECT_GE(cells, 24);
}

TEST_F(AccessFlow, AListTheCountsAndASearchHoldOnlyWhatIsWithinReach) {
  const WebResponse mine = ask("GET", "/api/v1/cases", "responder");
  EXPECT_NE(mine.body.find("c-care"), std::string::npos);
  EXPECT_EQ(mine.body.find("c-billing"), std::string::npos);
  EXPECT_NE(mine.body.find("\"open\":1"), std::string::npos) << mine.body;
  const WebResponse all = ask("GET", "/api/v1/cases", "manager");
  EXPECT_NE(all.body.find("c-billing"), std::string::npos);
  EXPECT_NE(all.body.find("\"open\":2"), std::string::npos);
}

TEST_F(AccessFlow, TogetherOrByMergingNoCaseOfAnotherTeamIsReached) {
  const WebResponse bulk = ask("POST", "/api/v1/cases/bulk", "responder",
                               R"({"action":"ack","ids":["c-care","c-billing","2"]})");
  EXPECT_EQ(bulk.status, 200);
  EXPECT_NE(bulk.body.find(R"("id":"c-billing","number":null,"ok":false,"code":"no_case")"),
            std::string::npos)
      << bulk.body;
  const WebResponse merge =
      ask("POST", "/api/v1/cases/c-care/merge", "responder", R"({"into":"c-billing"})");
  EXPECT_EQ(merge.status, 404) << merge.body;
  const WebResponse merged =
      ask("POST", "/api/v1/cases/bulk", "responder",
          R"({"action":"merge","ids":["c-care"],"args":{"into":"c-billing"}})");
  EXPECT_EQ(merged.status, 404) << merged.body;
  loop.run(house.db->read([](StoreReader& reader) {
    EXPECT_EQ(reader.case_by_id("c-billing")->state, "open");
    EXPECT_EQ(reader.case_by_id("c-care")->state, "acknowledged");
  }));
}

TEST_F(AccessFlow, AManagerReadsAnotherTeamsCaseAndIsToldWhyTheyMayNotAct) {
  EXPECT_EQ(ask("GET", "/api/v1/cases/c-billing", "manager").status, 200);
  const WebResponse act = ask("POST", "/api/v1/cases/c-billing/ack", "manager");
  EXPECT_EQ(act.status, 403);
  EXPECT_NE(act.body.find("billing"), std::string::npos);
}

TEST_F(AccessFlow, WhoWasToldOfACaseReachesIt) {
  loop.run(house.db->write([&](StoreWriter& writer) {
    OutboxRow row;
    row.key = "page/1", row.case_id = "c-billing", row.person = "jo", row.receiver = "x";
    row.created_at = row.not_before = clock.now();
    writer.add_outbox(row);
  }));
  EXPECT_EQ(ask("POST", "/api/v1/cases/c-billing/ack", "responder").status, 200);
  EXPECT_NE(ask("GET", "/api/v1/cases", "responder").body.find("c-billing"), std::string::npos);
}

TEST_F(AccessFlow, EventsTellOnlyOfCasesWithinReach) {
  for (const char* id : {"c-care", "c-billing"}) {
    const Command command{Action::ack, "li", {}};
    loop.run(house.act(id, command, std::nullopt));
  }
  const auto told = [&](const std::string& role) {
    std::int64_t cursor = 0;
    Viewer viewer{"jo", role};
    return loop.run(api.next_events(cursor, viewer, seconds{0}));
  };
  EXPECT_NE(told("manager").find("c-billing"), std::string::npos);
  EXPECT_NE(told("responder").find("c-care"), std::string::npos);
  EXPECT_EQ(told("responder").find("c-billing"), std::string::npos);
}

}  // namespace
}  // namespace earshot

// Silences through the API's own handlers, the auditor's view of what is withheld, and what a
// reload changes of deadlines and inhibitions.
#include <algorithm>

#include "../../src/app/audit.hpp"
#include "../../src/app/decide.hpp"
#include "../../src/app/quiet.hpp"
#include "../../src/app/rota.hpp"
#include "house.hpp"

namespace earshot {
namespace {

constexpr const char* kBreakIn =
    "@Brightwave somebody took over my account and ordered lamps for 900 euros with my card, stop "
    "this now";
constexpr const char* kMoney =
    "@Brightwave you charged me twice for one lamp, I want my money back";

class Hush : public House {
 protected:
  Hush() {
    write([&](StoreWriter& writer) {
      for (const char* role : {"viewer", "responder"}) {
        TokenRecord token;
        token.id = role, token.role = role, token.person = "jo";
        token.hash = to_hex(sha256(std::string{"token-"} + role));
        token.created_at = clock.now();
        writer.put_token(token);
      }
    });
  }
  Task<RotaAnswer> change_rota(RotaCommand command) override {
    RotaAnswer answer;
    auto work = [&](StoreWriter& writer) {
      answer = earshot::change_rota(writer, *rules, key, Chance{clock.now(), dice.bits()}, command);
    };
    co_await db->write(work);
    co_return answer;
  }
  WebResponse as(const std::string& role, std::string method, std::string path,
                 std::string body = "") {
    return ask(std::move(method), std::move(path), std::move(body),
               {{"Authorization", "Bearer token-" + role}});
  }
  std::size_t ledger(const std::string& kind) {
    std::size_t n = 0;
    look([&](StoreReader& reader) {
      LedgerQuery query;
      query.kind = kind;
      n = reader.ledger(query).size();
    });
    return n;
  }
  std::vector<Finding> found() {
    std::vector<Finding> out;
    look([&](StoreReader& reader) {
      AuditMemo memo;
      std::string after;
      do {
        after = audit_page(reader, *rules, after, clock.now(), out, memo);
      } while (!after.empty());
    });
    return out;
  }
};

TEST_F(Hush, ASilenceIsMadePreviewedListedAndExpiredByTheApi) {
  posts("1", kBreakIn);
  const std::string body =
      R"({"matchers":["urgency = page","source = push"],"for":"2h","reason":"a drill"})";
  EXPECT_EQ(as("viewer", "POST", "/api/v1/silences", body).status, 403);
  EXPECT_EQ(
      as("responder", "POST", "/api/v1/silences", R"({"matchers":["a ="],"reason":"x"})").status,
      400);
  const WebResponse wide = as("responder", "POST", "/api/v1/silences",
                              R"({"matchers":["cue != press"],"for":"2h","reason":"x"})");
  EXPECT_NE(wide.body.find("too_wide"), std::string::npos) << wide.body;
  const WebResponse preview = as("viewer", "POST", "/api/v1/silences/preview", body);
  EXPECT_NE(preview.body.find(R"("matches_now":1)"), std::string::npos) << preview.body;
  EXPECT_NE(preview.body.find(R"("told_all_the_same":false)"), std::string::npos);
  EXPECT_EQ(ledger("silence_added"), 0U) << "a preview changes nothing";
  const WebResponse made = as("responder", "POST", "/api/v1/silences", body);
  ASSERT_EQ(made.status, 201) << made.body;
  const auto silence = silence_from_json(made.body);
  ASSERT_TRUE(silence);
  const WebResponse list = as("viewer", "GET", "/api/v1/silences");
  for (const char* part : {R"("matches_now":1)", R"("matches_week":1)", R"("reason":"a drill")",
                           R"("state":"active")", R"("id":"jo")"})
    EXPECT_NE(list.body.find(part), std::string::npos) << part << " " << list.body;
  const std::string expire = "/api/v1/silences/" + silence->id + "/expire";
  EXPECT_EQ(as("viewer", "POST", expire, "{}").status, 403);
  EXPECT_EQ(as("responder", "POST", "/api/v1/silences/none/expire", "{}").status, 404);
  EXPECT_EQ(as("responder", "POST", expire, "{}").status, 200);
  EXPECT_EQ(as("responder", "POST", expire, "{}").status, 409) << "it has ended already";
  EXPECT_EQ(as("viewer", "GET", "/api/v1/silences").body, "[]");
  WebRequest all{
      "GET", "/api/v1/silences", {{"all", "yes"}}, {{"Authorization", "Bearer token-viewer"}},
      "",    "192.0.2.7"};
  EXPECT_NE(loop.run(api.handle(std::move(all))).body.find(R"("state":"ended")"),
            std::string::npos);
}

TEST_F(Hush, TheAuditorAcceptsWhatIsWithheldAndNoticesWhatIsForgotten) {
  as("responder", "POST", "/api/v1/silences",
     R"({"matchers":["urgency = page"],"for":"2h","reason":"a drill"})");
  posts("1", kBreakIn);
  EXPECT_TRUE(rows(only_case().id).empty());
  EXPECT_TRUE(found().empty()) << found().front().text;
  clock.advance(hours{2} + minutes{5});  // nothing ticks
  ASSERT_EQ(found().size(), 1U);
  EXPECT_EQ(found().front().kind, FindingKind::step_overdue);
  loop.run(tick.run_once());
  EXPECT_EQ(waiting_pages(only_case().id, "jo"), 1U);
}

TEST_F(Hush, ExplainNamesTheSilenceAndTheMutedRoute) {
  Silence silence{"s1",        parse_matchers("urgency = page").matchers,
                  "kim",       "a drill",
                  clock.now(), clock.now() + hours{2},
                  clock.now()};
  Post post;
  post.text = kBreakIn;
  const Verdict hushed = decide(post, *rules, clock.now(), {{}, {silence}, {}});
  ASSERT_EQ(hushed.stopped_by.size(), 1U);
  EXPECT_NE(hushed.stopped_by.front().find("silenced by kim"), std::string::npos);
  EXPECT_NE(hushed.stopped_by.front().find("told afterwards"), std::string::npos);
  post.text = kHazard;
  const Verdict hazard = decide(post, *rules, clock.now(), {{}, {silence}, {}});
  EXPECT_NE(hazard.stopped_by.front().find("all the same"), std::string::npos);
  Config muted = house_config();
  muted.time_intervals = {{"always", {TimeInterval{}}}};
  muted.route.mute_time_intervals = {"always"};
  use(std::move(muted));
  EXPECT_NE(decide(post, *rules, clock.now()).stopped_by.front().find("muted by"),
            std::string::npos);
}

TEST_F(Hush, ExplainNamesTheRoomsOfTheRouteAndWhenTheyHear) {
  Config config = house_config();
  config.route.receivers = std::vector<std::string>{"room"};
  Route night;
  night.matchers = parse_matchers("urgency =~ \"page|queue\"").matchers;
  night.receivers = std::vector<std::string>{"room", "archive"};
  night.continue_ = true;
  Route mute = night;
  mute.receivers = std::vector<std::string>{"desk"};
  mute.mute_time_intervals = {"always"};
  config.time_intervals = {{"always", {TimeInterval{}}}};
  config.route.routes = {night, mute};
  use(std::move(config));
  Post post;
  post.text = kBreakIn;
  const Verdict paged = decide(post, *rules, clock.now());
  std::vector<std::string> rooms;
  for (const PlannedPage& it : paged.pages)
    if (it.person.empty() && it.at == clock.now()) rooms.push_back(it.via);
  EXPECT_EQ(rooms, (std::vector<std::string>{"room", "archive"})) << "at once, and each once";
  ASSERT_EQ(paged.stopped_by.size(), 1U);
  EXPECT_NE(paged.stopped_by.front().find("desk is told afterwards"), std::string::npos);
  post.text = kMoney;
  const Verdict queued = decide(post, *rules, clock.now());
  ASSERT_EQ(queued.decision.urgency, Urgency::queue);
  EXPECT_TRUE(std::ranges::any_of(queued.pages, [&](const PlannedPage& it) {
    return it.via == "room" && it.at == clock.now() + kGroupWait;
  })) << "after the group's wait";
}

TEST_F(Hush, ARuleThatComesWithAReloadCountsForCasesThatAreOpenAlready) {
  posts("1", kHazard);
  loop.run(tick.run_once());
  Config with_rule = house_config();
  with_rule.inhibit_rules = {{parse_matchers("cue = safety").matchers,
                              parse_matchers("urgency = queue").matchers,
                              {"source"}}};
  use(std::move(with_rule));
  for (int i = 0; i < 4; ++i) later(seconds{1});
  posts("2", kMoney, "bea");
  EXPECT_EQ(ledger("withheld"), 1U);
}

TEST_F(Hush, DeadlinesMoveWithAReloadInBatchesAndOnlyWhereTheyMove) {
  write([&](StoreWriter& writer) {
    for (std::uint64_t i = 0; i < 130; ++i) {
      Effects effects{writer, *rules, key, Chance{clock.now(), i}};
      Case it;
      it.id = "c" + std::to_string(1000 + i);
      it.urgency = Urgency::queue;
      it.posted_at = it.opened_at = clock.now();
      effects.commit({}, it, {Event{EventKind::opened, "push", clock.now(), {}}});
    }
  });
  const std::size_t open = all_cases().size();
  loop.run(tick.run_once());
  Config longer = house_config();
  longer.follow_through.first_answer[Urgency::queue] = hours{8};
  use(std::move(longer));
  for (int i = 0; i < 8; ++i) later(seconds{1});
  EXPECT_EQ(ledger("deadline_moved"), open);
  for (int i = 0; i < 8; ++i) later(seconds{1});
  EXPECT_EQ(ledger("deadline_moved"), open) << "once";
  look([&](StoreReader& reader) {
    CaseQuery query;
    query.limit = 500;
    for (const CaseRecord& record : reader.cases(query).items)
      EXPECT_EQ(record.due, load_case(record).posted_at + hours{8});
  });
}

}  // namespace
}  // namespace earshot

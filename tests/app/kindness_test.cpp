// What makes pages bearable: runbooks, cues in one's language, help, snooze, labels, holds,
// figures.
#include <fmt/format.h>
#include <algorithm>

#include "../../src/web/page_load.hpp"
#include "earshot/cases/cue_words.hpp"
#include "house.hpp"

namespace earshot {
namespace {

Config kind_config() {
  Config it = house_config();
  it.runbooks = {{"safety", "Ask for the serial number, then ring the fire desk.",
                  "https://wiki.example/fire"},
                 {"press", "Never answer alone.", ""}};
  it.people[0].language = "de";
  return it;
}

class Kind : public House {
 protected:
  Kind() : House(kind_config()) {
    posts("1", kHazard);
    it = only_case();
  }
  /// More than three pages within two minutes, no hazards.
  void many_accounts_are_taken_over() {
    for (int i = 0; i < 5; ++i) {
      clock.advance(seconds{5});
      posts("b" + std::to_string(i),
            fmt::format("@Brightwave somebody took over account {} and ordered {} lamps with my "
                        "card in street {}, stop this now",
                        i * 7919, i + 3, i * 31),
            "customer" + std::to_string(i));
    }
  }
  /// Headers of an admin's token.
  std::vector<std::pair<std::string, std::string>> token() {
    write([&](StoreWriter& writer) {
      TokenRecord made;
      made.id = "t", made.role = "admin", made.person = "jo";
      made.hash = to_hex(sha256("token"));
      made.created_at = clock.now();
      writer.put_token(made);
    });
    return {{"Authorization", "Bearer token"}};
  }
  Case it;
};

TEST_F(Kind, ThePageHoldsTheRunbookOfItsCueAndTheCuesInTheReadersLanguage) {
  Message message;
  look([&](StoreReader&) {});
  ASSERT_NE(std::ranges::find(it.cues, "safety"), it.cues.end());
  use([] {
    Config config = kind_config();
    for (ReceiverConfig& receiver : config.receivers) receiver.type = "webhook";
    return config;
  }());
  later(minutes{11});  // the second step is rendered for a webhook
  const std::string body = rows(it.id, "kim").front().body;
  EXPECT_NE(body.find("ring the fire desk"), std::string::npos) << body;
  EXPECT_EQ(body.find("Never answer alone"), std::string::npos);
  EXPECT_NE(body.find("\"ack_code\":\"" + ack_code(key, it.id, "kim")), std::string::npos);
  EXPECT_NE(body.find("\"label_url\":\"https://earshot.example/ack/"), std::string::npos);
  EXPECT_NE(body.find("\"cue_words\":[]"), std::string::npos) << "kim reads English";
}

TEST_F(Kind, ARunbookHelpsWithWhatIsHeardToo) {
  Config config = kind_config();
  for (ReceiverConfig& receiver : config.receivers) receiver.type = "webhook";
  use(std::move(config));
  write([&](StoreWriter& writer) {
    Case after = it;
    after.cues_heard = {"press"};
    Effects effects{writer, *rules, key, Chance{clock.now(), 1}};
    effects.commit(it, after, {Event{EventKind::noted, "jo", clock.now(), {}}});
  });
  later(minutes{11});
  const std::string body = rows(it.id, "kim").front().body;
  EXPECT_NE(body.find("ring the fire desk"), std::string::npos) << body;
  EXPECT_NE(body.find("Never answer alone"), std::string::npos) << body;
}

TEST(CueWords, StandInTheReadersLanguage) {
  EXPECT_EQ(cue_words("safety", "de-AT"), "Gefahr für Menschen oder Sachen");
  EXPECT_EQ(cue_words("safety", "xx"), "");
  EXPECT_EQ(cue_words("nothing", "de"), "");
  for (const std::string_view cue : kWordsOf<Cue>) {
    for (const char* language : {"en", "de", "fr", "es", "it", "nl", "pt", "ja", "sv"})
      EXPECT_FALSE(cue_words(cue, language).empty()) << cue << " " << language;
  }
}

TEST_F(Kind, AHelperIsAskedAndTheOwnerStays) {
  does("jo", Action::ack);
  const ActAnswer done =
      does("jo", Action::help, {{"person", "li"}, {"reason", "she speaks Italian"}});
  ASSERT_EQ(done.kind, ActAnswer::Kind::done);
  EXPECT_EQ(done.now_case->owner, "jo");
  EXPECT_EQ(done.now_case->helpers, std::vector<std::string>{"li"});
  EXPECT_NE(rows(it.id, "li").front().body.find("asks for your help"), std::string::npos);
  EXPECT_EQ(does("jo", Action::help, {{"person", "li"}}).now_case->helpers.size(), 1U);
  EXPECT_EQ(does("jo", Action::help, {{"person", "jo"}}).refusal->code, "owner_already");
}

TEST_F(Kind, ASnoozeKeepsTheCaseAndWantsAReasonAndAnEnd) {
  EXPECT_EQ(does("jo", Action::snooze, {{"for", "2h"}, {"reason", "x"}}).refusal->code,
            "not_acknowledged");
  does("jo", Action::ack);
  EXPECT_EQ(does("jo", Action::snooze, {{"for", "2h"}}).refusal->code, "reason_missing");
  EXPECT_EQ(does("jo", Action::snooze, {{"for", "25h"}, {"reason", "x"}}).refusal->code,
            "too_long");
  EXPECT_EQ(does("kim", Action::snooze, {{"for", "2h"}, {"reason", "x"}}).refusal->code,
            "not_yours");
  does("jo", Action::snooze, {{"for", "2h"}, {"reason", "the shop opens at nine"}});
  later(minutes{90});
  EXPECT_EQ(only_case().state, CaseState::acknowledged);
  later(minutes{31});
  EXPECT_EQ(only_case().state, CaseState::open) << "it comes back, one step up";
  EXPECT_EQ(waiting_pages(it.id, "kim"), 1U);
}

TEST_F(Kind, OneTapBecomesALabelThatTrainingReads) {
  const AckGrant grant{it.id, "jo", 0, clock.now() + hours{1}, 1, LinkPurpose::not_worth};
  const std::string link = sign_ack(grant, key);
  EXPECT_EQ(ask("POST", "/ack/" + link, "token=" + link).status, 200);
  EXPECT_EQ(only_case().state, CaseState::open) << "the case itself stays as it is";
  look([&](StoreReader& reader) {
    const auto record = reader.record("label", it.id + "/jo");
    ASSERT_TRUE(record);
    EXPECT_EQ(record->state, "not_worth_waking");
  });
  write([&](StoreWriter& writer) {
    TokenRecord token;
    token.id = "t", token.role = "manager", token.hash = to_hex(sha256("t"));
    token.created_at = clock.now();
    writer.put_token(token);
  });
  const WebResponse lines = ask("GET", "/api/v1/labels", "", {{"Authorization", "Bearer t"}});
  EXPECT_EQ(lines.status, 200) << lines.body;
  const auto row = parse_json(lines.body);
  ASSERT_TRUE(row) << lines.body;
  EXPECT_EQ(string_at(*row, "text"), kHazard);
  EXPECT_TRUE(flag_at(*row, "complaint"));
  EXPECT_FALSE(flag_at(*row, "urgent", true));
  const WebResponse load = ask("GET", "/api/v1/page-load", "", {{"Authorization", "Bearer t"}});
  EXPECT_EQ(load.status, 200);
}

TEST_F(Kind, ADismissalIsALabelUntilTheCaseComesBack) {
  const auto labels = [&] {
    std::vector<std::string> out;
    look([&](StoreReader& reader) {
      RecordQuery query;
      query.kind = "label";
      for (const Record& one : reader.records(query)) out.push_back(one.owner + " " + one.state);
    });
    return out;
  };
  does("jo", Action::dismiss, {{"reason", "not_a_complaint"}, {"note", "a film scene"}});
  EXPECT_TRUE(labels().empty()) << "a second person has to agree";
  does("kim", Action::dismiss, {{"reason", "not_a_complaint"}});
  EXPECT_EQ(labels(), (std::vector<std::string>{"kim dismissed"}));
  look([&](StoreReader& reader) {
    const auto body = parse_json(reader.record("label", it.id + "/kim")->body);
    EXPECT_EQ(string_at(*body, "complaint"), "no");
    EXPECT_EQ(string_at(*body, "urgent"), "no");
  });
  does("jo", Action::reopen, {{"reason", "it was none"}});
  EXPECT_EQ(labels(), (std::vector<std::string>{"kim withdrawn"}));
  does("kim", Action::teach, {{"urgent", "no"}});
  does("jo", Action::dismiss, {{"reason", "spam"}});
  does("kim", Action::dismiss, {{"reason", "spam"}});
  EXPECT_EQ(labels(), (std::vector<std::string>{"kim not_worth_waking"})) << "her own word stays";
}

TEST_F(Kind, ADuplicateTeachesNothing) {
  does("jo", Action::dismiss, {{"reason", "duplicate"}});
  does("kim", Action::dismiss, {{"reason", "duplicate"}});
  look([&](StoreReader& reader) {
    RecordQuery query;
    query.kind = "label";
    EXPECT_TRUE(reader.records(query).empty());
  });
}

TEST_F(Kind, ALegalHoldStopsCallBacksAndIsAManagersWord) {
  EXPECT_EQ(does("kim", Action::hold).refusal->code, "reason_missing");
  does("kim", Action::hold, {{"reason", "claim 12/26"}});
  EXPECT_EQ(only_case().hold, "claim 12/26");
  ASSERT_TRUE(held_back(only_case()));
  does("jo", Action::ack);
  does("jo", Action::answer, {{"text", "We look into it."}});
  does("jo", Action::feedback,
       {{"said", "a"},
        {"done", "b"},
        {"cause", "c"},
        {"department", "d"},
        {"product_change", "no"}});
  EXPECT_EQ(does("kim", Action::verify, {{"outcome", "satisfied"}}).refusal->code, "held");
  does("kim", Action::release, {{"reason", "settled"}});
  EXPECT_EQ(does("kim", Action::verify, {{"outcome", "satisfied"}}).kind, ActAnswer::Kind::done);
}

LedgerEntry entry(std::string kind, std::string case_id, const char* at, std::string data) {
  LedgerEntry it;
  it.kind = std::move(kind);
  it.case_id = std::move(case_id);
  it.at = *parse_rfc3339(at);
  it.data = std::move(data);
  return it;
}

TEST(PageLoads, CountPerPersonAndNightWhereTheyLive) {
  Person jo;
  jo.id = "jo", jo.zone = "Asia/Tokyo";
  const std::vector<Person> people{jo};
  PageLoads loads{people};
  loads.add(
      entry("escalated", "c1", "2026-03-02T14:00:00Z", R"({"told":"jo,kim"})"));  // 23:00 in Tokyo
  loads.add(
      entry("escalated", "c2", "2026-03-02T20:00:00Z", R"({"told":"jo"})"));  // 05:00, same night
  loads.add(entry("escalated", "c3", "2026-03-03T03:00:00Z", R"({"told":"jo"})"));  // noon
  loads.add(entry("taught", "c2", "2026-03-03T08:00:00Z", R"({"urgent":"no"})"));
  loads.add(entry("dismissed", "c3", "2026-03-03T08:00:00Z", R"({"reason":"duplicate"})"));
  const auto got = loads.result();
  ASSERT_EQ(got.size(), 2U);
  EXPECT_EQ(got[0].person, "jo");
  EXPECT_EQ(got[0].pages, 3);
  EXPECT_EQ(got[0].at_night, 2);
  EXPECT_EQ(got[0].nights, 1);
  EXPECT_EQ(got[0].most_in_a_night, 2);
  EXPECT_EQ(got[0].not_worth, 1);
  EXPECT_EQ(got[1].pages, 1);
  EXPECT_EQ(got[1].at_night, 0) << "14:00 in UTC";
}

TEST_F(Kind, WhatSaysThatWeAreDeafWaitsInNoBundle) {
  for (int i = 0; i < 5; ++i)
    posts("m" + std::to_string(i), kHazard, "customer" + std::to_string(i));
  std::string deaf, later_one;
  write([&](StoreWriter& writer) {
    Effects effects{writer, *rules, key, Chance{clock.now(), 7}};
    deaf = effects.open_blindness("push", "the password is wrong");
  });
  EXPECT_EQ(waiting_pages(deaf, "jo"), 1U);
}

TEST_F(Kind, ARepeatOfABundleIsNeedlessOnceEachOfItsCasesIsHad) {
  many_accounts_are_taken_over();
  later(minutes{2});
  const std::vector<OutboxRow> sent = rows("bundle/jo", "jo");
  ASSERT_FALSE(sent.empty());
  bool needless = true;
  const auto ask_again = [&](StoreReader& reader) {
    needless = page_is_needless(reader, sent.front());
  };
  look(ask_again);
  EXPECT_FALSE(needless) << "nobody has any of its cases";
  std::size_t told = 0;
  for (const Case& one : all_cases()) {
    if (sent.front().body.find("/cases/" + one.id) == std::string::npos &&
        sent.front().body.find(fmt::format("ase {}", one.number)) == std::string::npos)
      continue;
    look(ask_again);
    EXPECT_FALSE(needless) << "one of its cases is open";
    does("jo", Action::ack, {}, one.id);
    ++told;
  }
  ASSERT_GE(told, 1U);
  look(ask_again);
  EXPECT_TRUE(needless);
}

TEST_F(Kind, TheToldViewOfACaseHasTheBundleItCameIn) {
  many_accounts_are_taken_over();
  const std::vector<Case> all = all_cases();
  const auto last = std::ranges::max_element(all, {}, &Case::number);
  ASSERT_EQ(last->urgency, Urgency::page);
  EXPECT_EQ(ask("GET", "/api/v1/cases/" + last->id + "/told", "", token()).body.find("bundle"),
            std::string::npos)
      << "it waits";
  later(minutes{2});
  const WebResponse told = ask("GET", "/api/v1/cases/" + last->id + "/told", "", token());
  EXPECT_EQ(told.status, 200);
  EXPECT_NE(told.body.find(R"("kind":"bundle")"), std::string::npos) << told.body;
  EXPECT_NE(told.body.find(R"("person":"jo")"), std::string::npos);
  const WebResponse other = ask("GET", "/api/v1/cases/" + it.id + "/told", "", token());
  EXPECT_EQ(other.body.find(R"("kind":"bundle")"), std::string::npos) << "it was told by itself";
}

}  // namespace
}  // namespace earshot

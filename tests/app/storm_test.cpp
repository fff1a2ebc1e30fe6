// Storms and floods through the daemon's own intake, tick and effects: who is paged, what is
// grouped, and that every post is accounted for.
#include <fmt/format.h>

#include <set>

#include "../../src/app/audit.hpp"
#include "../../src/app/decide.hpp"
#include "../../src/app/rota.hpp"
#include "../../src/app/storms.hpp"
#include "house.hpp"

namespace earshot {
namespace {

constexpr const char* kDown[] = {
    "@Brightwave your app is down again and I cannot use what I paid for, I am so angry",
    "The Brightwave app is down again, I cannot log in, this is unacceptable",
    "@Brightwave another outage, the whole app is down again and I am fed up, what a disgrace",
    "I cannot switch on my lamp, your servers are down again @Brightwave, terrible service",
    "@Brightwave the server is down again, all I get is errors and your support ignores me",
    "Brightwave's servers are down again and your support does not answer, so disappointed",
    "@Brightwave the app still does not load, the server is down, I am fed up with your bad "
    "service",
    "My Brightwave lamps are useless because the app is down again, I want my money back"};

class StormTest : public House {
 protected:
  StormTest() : House(config_with_rooms()) {
    // Cases have been counted for a month, and there were none.
    write([&](StoreWriter& writer) {
      writer.put_meta("storms_since", to_rfc3339(clock.now() - hours{24 * 30}));
    });
  }
  static Config config_with_rooms() {
    Config it = house_config();
    it.route.receivers = std::vector<std::string>{"room"};
    it.watch.principals = {{"ceo", "M. Lind", "chief executive", {"brightwave_ceo"}, {}, {}, ""}};
    ReceiverConfig room;
    room.name = "room";
    room.type = "log";
    it.receivers.push_back(room);
    return it;
  }
  /// Customers with one cause, ten seconds apart.
  void outage(int from, int to) {
    for (int i = from; i < to; ++i) {
      clock.advance(seconds{10});
      posts(fmt::format("d{}", i), kDown[i % 8] + fmt::format(" ({} Elm Street {})", i, i * 37),
            fmt::format("customer{}", i));
    }
  }
  /// A batch as a source brings it.
  void batch(std::vector<Post> posts, const std::string& next) {
    Batch it;
    it.source = "push";
    it.next = next;
    it.posts = std::move(posts);
    loop.run(pipeline.accept(std::move(it)));
  }
  static Post post_of(std::string id, std::string author, std::string text) {
    Post post;
    post.id = std::move(id);
    post.author.id = post.author.handle = std::move(author);
    post.text = std::move(text);
    return post;
  }
  std::vector<Storm> storms() {
    std::vector<Storm> out;
    look([&](StoreReader& reader) {
      RecordQuery query;
      query.kind = kStorm;
      for (const Record& it : reader.records(query)) out.push_back(*storm_from_json(it.body));
    });
    return out;
  }
  Storm only_storm() {
    const auto all = storms();
    EXPECT_EQ(all.size(), 1U);
    return all.empty() ? Storm{} : all.front();
  }
  /// Pages to people that were queued and not cancelled.
  std::vector<OutboxRow> pages() {
    std::vector<OutboxRow> out;
    for (const Case& it : all_cases()) {
      for (OutboxRow& row : rows(it.id)) {
        if (row.lane == Lane::page && !row.person.empty() && row.state != OutboxState::cancelled)
          out.push_back(std::move(row));
      }
    }
    return out;
  }
  std::set<std::string> paged_cases() {
    std::set<std::string> out;
    for (const OutboxRow& row : pages()) out.insert(row.case_id);
    return out;
  }
  std::vector<Finding> audited() {
    std::vector<Finding> out;
    look([&](StoreReader& reader) { out = audit(reader, *rules, {}, clock.now()); });
    std::erase_if(out,
                  [](const Finding& it) { return !is_grave(it.kind); });  // nothing is sent here
    return out;
  }
  RotaAnswer door(std::string what, Arguments args) {
    RotaAnswer out;
    write([&](StoreWriter& writer) {
      const RotaCommand command{std::move(what), "kim", true, std::move(args)};
      out = earshot::change_rota(writer, *rules, key, Chance{clock.now(), dice.bits()}, command);
    });
    return out;
  }
};

TEST_F(StormTest, FiveAreFiveCases) {
  outage(0, 5);
  EXPECT_EQ(all_cases().size(), 5U);
  EXPECT_TRUE(storms().empty());
}

TEST_F(StormTest, TheSixthMakesItAStormAndOneCaseStandsForAll) {
  outage(0, 8);
  const Storm storm = only_storm();
  EXPECT_EQ(storm.cases, 8U);
  EXPECT_EQ(storm.count, 8U);
  EXPECT_NE(storm.why.find("6 customers within 10m"), std::string::npos) << storm.why;
  int grouped = 0;
  for (const Case& it : all_cases()) {
    EXPECT_EQ(it.storm, storm.id);
    grouped += it.grouped ? 1 : 0;
    EXPECT_EQ(it.grouped, it.id != storm.lead);
    if (!it.grouped) continue;
    EXPECT_EQ(waiting_pages(it.id, "jo"), 0U);
    look([&](StoreReader& reader) {
      for (const TimerRecord& timer : reader.timers_of(it.id)) EXPECT_NE(timer.kind, kEscalate);
    });
  }
  EXPECT_EQ(grouped, 7);
  EXPECT_TRUE(audited().empty()) << audited().front().text;
}

TEST_F(StormTest, ExplainSaysWithWhichStormAPostWouldGo) {
  outage(0, 7);
  Circumstances known;
  look([&](StoreReader& reader) { known = read_circumstances(reader, clock.now()); });
  ASSERT_EQ(known.storms.size(), 1U);
  Post post;
  post.text = kDown[3];
  const Verdict joined = decide(post, *rules, clock.now(), known);
  EXPECT_TRUE(joined.pages.empty());
  ASSERT_FALSE(joined.stopped_by.empty());
  EXPECT_NE(joined.stopped_by.front().find("belongs to the storm"), std::string::npos);
  EXPECT_EQ(joined.labels.at("storm"), std::vector<std::string>{known.storms.front().id});
  const Verdict calm = decide(post, *rules, clock.now());
  EXPECT_EQ(calm.decision.points + rules->config->triage.storm.add, joined.decision.points);
  post.text = std::string{kDown[3]} + " and my lamp caught fire, my hand is burnt";
  EXPECT_FALSE(decide(post, *rules, clock.now(), known).pages.empty()) << "a hazard stands alone";
}

TEST_F(StormTest, AHazardAndAWordToTheTopAreNeverGrouped) {
  outage(0, 8);
  posts("h", kHazard, "hazel");
  posts("t", "@brightwave_ceo your app is down, this is a disgrace", "tom");
  int alone = 0;
  for (const Case& it : all_cases()) {
    if (it.customer_handle != "hazel" && it.customer_handle != "tom") continue;
    ++alone;
    EXPECT_FALSE(it.grouped);
    EXPECT_EQ(it.urgency, Urgency::page);
    EXPECT_EQ(waiting_pages(it.id, "jo"), 1U) << it.excerpt;
  }
  EXPECT_EQ(alone, 2);
  EXPECT_EQ(only_storm().to_principal, 1U) << "counted, never grouped away";
}

TEST_F(StormTest, AGroupedCustomerInDangerIsToldAtOnce) {
  outage(0, 8);
  const Case before = [&] {
    for (const Case& it : all_cases())
      if (it.grouped) return it;
    return Case{};
  }();
  ASSERT_FALSE(before.id.empty());
  Post again = post_of("again", before.customer_handle, kHazard);
  again.conversation = before.conversation.substr(before.conversation.find('/') + 1);
  accept(again);
  const Case after = case_of_id(before.id);
  EXPECT_EQ(after.posts, 2U);
  EXPECT_FALSE(after.grouped);
  EXPECT_EQ(after.urgency, Urgency::page);
  EXPECT_EQ(waiting_pages(after.id, "jo"), 1U);
}

TEST_F(StormTest, WhenTheOneThatStandsForAllEndsTheNextIsToldAndNobodyIsForgotten) {
  outage(0, 8);
  std::set<std::string> stood;
  for (int i = 0; i < 8; ++i) {
    const Storm storm = only_storm();
    ASSERT_FALSE(storm.lead.empty());
    EXPECT_TRUE(stood.insert(storm.lead).second);
    EXPECT_FALSE(case_of_id(storm.lead).grouped);
    EXPECT_TRUE(audited().empty());
    does("jo", Action::ack, {}, storm.lead);
    does("jo", Action::dismiss, {{"reason", "duplicate"}}, storm.lead);
    if (!case_of_id(storm.lead).ended())  // a page wants a second person
      does("kim", Action::dismiss, {{"reason", "duplicate"}}, storm.lead);
    ASSERT_TRUE(case_of_id(storm.lead).ended());
    clock.advance(seconds{5});
  }
  EXPECT_EQ(stood.size(), 8U);
  EXPECT_TRUE(only_storm().lead.empty());
  posts("late", kDown[1] + std::string{" still, here in Ghent"}, "customer99");
  EXPECT_FALSE(only_storm().lead.empty()) << "the next one that comes stands for it";
  EXPECT_FALSE(case_of_id(only_storm().lead).grouped);
}

TEST_F(StormTest, TheOneThatStandsForAllIsMergedIntoTheNext) {
  outage(0, 8);
  for (int i = 0; i < 7; ++i) {
    const std::string lead = only_storm().lead;
    does("jo", Action::ack, {}, lead);
    // Of those that are left the most urgent, of those the oldest stands for the storm from then
    // on.
    Case next;
    for (const Case& it : all_cases()) {
      if (it.id == lead || it.ended()) continue;
      if (next.id.empty() || it.urgency > next.urgency ||
          (it.urgency == next.urgency && it.number < next.number))
        next = it;
    }
    const ActAnswer answer = does("jo", Action::merge, {{"into", next.id}}, lead);
    EXPECT_EQ(answer.kind, ActAnswer::Kind::done) << (answer.refusal ? answer.refusal->text : "");
    EXPECT_EQ(case_of_id(lead).state, CaseState::merged);
    EXPECT_EQ(only_storm().lead, next.id);
    EXPECT_GT(case_of_id(next.id).posts, next.posts);
    clock.advance(seconds{5});
  }
}

TEST_F(StormTest, ItCoolsDownEndsAndLeavesNothingBehind) {
  outage(0, 8);
  clock.advance(minutes{29});
  loop.run(tick.run_once());
  EXPECT_FALSE(only_storm().ended_at);
  clock.advance(minutes{45});
  for (int i = 0; i < 4; ++i) loop.run(tick.run_once());
  ASSERT_TRUE(only_storm().ended_at);
  for (const Finding& it : audited()) EXPECT_NE(it.kind, FindingKind::storm_left) << it.text;
  clock.advance(hours{2});
  for (int i = 0; i < 4; ++i) loop.run(tick.run_once());
  posts("later", kDown[0] + std::string{" in Leeds"}, "customer77");
  for (const Case& it : all_cases()) {
    if (it.customer_handle != "customer77") continue;
    EXPECT_TRUE(it.storm.empty());
  }
}

TEST_F(StormTest, PeopleRenameSplitAndEndIt) {
  outage(0, 8);
  const Storm storm = only_storm();
  EXPECT_TRUE(door("storm_rename", {{"id", storm.id}, {"name", "App down"}}).done);
  EXPECT_EQ(only_storm().name, "App down");
  std::string out;
  for (const Case& it : all_cases())
    if (it.grouped) out = it.id;
  const std::size_t told = rows(out, "jo").size();
  EXPECT_TRUE(door("storm_split", {{"id", storm.id}, {"cases", out}}).done);
  EXPECT_TRUE(case_of_id(out).storm.empty());
  EXPECT_GT(rows(out, "jo").size(), told) << "told by itself again";
  EXPECT_EQ(only_storm().cases, 7U);
  EXPECT_TRUE(door("storm_end", {{"id", storm.id}}).done);
  EXPECT_EQ(only_storm().ended_by, "kim");
  EXPECT_EQ(door("storm_end", {{"id", storm.id}}).code, "ended");
  EXPECT_FALSE(door("storm_end", {{"id", "s-none"}}).found);
}

TEST_F(StormTest, AStormThatBeginsAgainTakesOverTheCasesOfTheOneThatEnded) {
  outage(0, 7);
  const std::string first = only_storm().id;
  EXPECT_TRUE(door("storm_end", {{"id", first}}).done);
  // The one that stood for the first leaves it, and another of its cases is told: both are of the
  // second.
  outage(7, 8);
  ASSERT_EQ(storms().size(), 2U);
  std::size_t told = 0;
  for (const Case& it : all_cases()) {
    EXPECT_NE(it.storm, first) << it.id;
    told += it.grouped ? 0 : 1;
  }
  EXPECT_EQ(all_cases().size(), 8U);
  EXPECT_EQ(told, 1U);
}

TEST_F(StormTest, TwoOfOneCauseAreJoinedAndOneStandsForBoth) {
  outage(0, 8);
  std::vector<Post> copies;
  for (int i = 0; i < 8; ++i)
    copies.push_back(
        post_of(fmt::format("x{}", i), fmt::format("fan{}", i),
                "@Brightwave you charged me twice for one lamp, I want my money back"));
  batch(std::move(copies), "copies");
  auto both = storms();
  ASSERT_EQ(both.size(), 2U);
  const Storm outage_storm = both[0].cause.empty() ? both[1] : both[0];
  const Storm copied = both[0].cause.empty() ? both[0] : both[1];
  ASSERT_TRUE(door("storm_join", {{"id", copied.id}, {"into", outage_storm.id}}).done);
  int told = 0;
  for (const Case& it : all_cases()) {
    EXPECT_EQ(it.storm, outage_storm.id);
    told += it.grouped ? 0 : 1;
  }
  EXPECT_EQ(told, 1);
  EXPECT_TRUE(audited().empty()) << audited().front().text;
}

// ---- The flood row, a twentieth of it (tests/e2e/flood_test.py has it whole): posts of one
// author, copies of one post, a hazard amid them.

TEST_F(StormTest, AFloodIsThreePagesOneStormAndEveryPostIsCounted) {
  constexpr int kAuthor = 500;
  constexpr int kCopies = 2'500;
  constexpr int kBatch = 100;
  const std::string copied =
      "@Brightwave smoke came out of my lamp and nobody answers, share this so that they hear it";
  const Instant begin = clock.now();
  std::vector<Post> next;
  std::size_t sent = 0;
  const auto send = [&] {
    clock.advance(milliseconds{500});
    sent += next.size();
    batch(std::exchange(next, {}), fmt::format("after {}", sent));
  };
  for (int i = 0; i < kAuthor; ++i) {
    next.push_back(post_of(fmt::format("a{}", i), "loud",
                           fmt::format("{} number {} and {}", kDown[i % 8], i, i * 7919)));
    if (std::ssize(next) == kBatch) send();
  }
  for (int i = 0; i < kCopies; ++i) {
    next.push_back(post_of(fmt::format("c{}", i), fmt::format("fan{}", i), copied));
    if (i == kCopies / 2) next.push_back(post_of("hazard", "hazel", kHazard));
    if (std::ssize(next) >= kBatch) send();
  }
  if (!next.empty()) send();
  ASSERT_EQ(sent, static_cast<std::size_t>(kAuthor + kCopies + 1));
  EXPECT_LE(clock.now() - begin, minutes{2});

  std::set<std::string> paged = paged_cases();
  std::uint64_t posts_of_cases = 0;
  std::size_t longest = 0;
  bool hazard = false;
  for (const Case& it : all_cases()) {
    posts_of_cases += it.posts;
    longest = std::max(longest, to_json(it).size());
    if (it.customer_handle != "hazel") continue;
    hazard = true;
    const auto its = rows(it.id, "jo");
    ASSERT_FALSE(its.empty());
    EXPECT_EQ(its.front().lane, Lane::page);
    EXPECT_LE(its.front().not_before - it.opened_at, seconds{0}) << "queued in its own commit";
    paged.erase(it.id);
  }
  EXPECT_TRUE(hazard);
  EXPECT_LE(paged.size(), 3U);
  EXPECT_EQ(posts_of_cases, sent) << "each post is in a case, none is dropped";
  EXPECT_LT(longest, 6'000U) << "a case does not grow with its copies";
  const Storm storm = only_storm();
  EXPECT_EQ(storm.count, static_cast<std::uint64_t>(kCopies));
  EXPECT_TRUE(audited().empty()) << audited().front().text;
  std::uint64_t rate = 0;
  for (const auto& [at, n] : storm.rate) rate += n;
  EXPECT_EQ(rate, storm.count);
}

TEST_F(StormTest, AnOwnerHearsOnceThatTheirCustomerWritesAndWrites) {
  posts("p1", "@Brightwave you charged me twice for one lamp, I want my money back", "loud");
  const std::string id = only_case().id;
  does("jo", Action::ack, {}, id);
  const std::size_t before = rows(id, "jo").size();
  for (int i = 0; i < 500; ++i) {
    Post more = post_of(fmt::format("m{}", i), "loud", fmt::format("and again, number {}", i));
    more.conversation = "p1";
    accept(more);
  }
  EXPECT_EQ(rows(id, "jo").size() - before, 1U);
  clock.advance(minutes{11});
  loop.run(tick.run_once());
  const auto told = rows(id, "jo");
  EXPECT_EQ(told.size() - before, 2U);
  EXPECT_NE(told.back().body.find("499 more times"), std::string::npos) << told.back().body;
  clock.advance(minutes{11});
  loop.run(tick.run_once());
  EXPECT_EQ(rows(id, "jo").size() - before, 2U) << "nothing came since";
}

}  // namespace
}  // namespace earshot

// The digest through the store: every post in one bucket, all that was done by hand in the list,
// once for each period, and the same bytes again whatever happens after.

#include <fmt/format.h>
#include <algorithm>

#include "digest_house.hpp"

namespace earshot {
namespace {

constexpr const char* kBroken =
    "My Brightwave lamp is dark since Monday, broken, and nobody answers me, I am furious";
constexpr const char* kMoney =
    "Brightwave took my money twice and support does not answer, this is a scandal, refund me now";

class DigestTest : public DigestHouse {
 protected:
  std::string case_of(const std::string& post) {
    std::string out;
    look([&](StoreReader& reader) { out = reader.known("push", post)->case_id; });
    return out;
  }
  /// One post for each bucket but two for "rule" and "grouped".
  void a_day() {
    posts("1", kHazard);
    posts("2", kBroken, "bea");
    posts("3", kMoney, "carl");
    posts("4", "Lovely weather in Porto today", "dora");
    posts("5", "The Dimly lamp is dark since Monday, broken, and nobody at Dimly answers", "eve");
    posts("6", std::string{kBroken}, "fay");  // another customer's copy
    posts("7", "And still no answer from you @Brightwave, broken as before", "bea2");
    does("li", Action::dismiss, {{"reason", "not_a_complaint"}}, case_of("3"));
    does("kim", Action::dismiss, {{"reason", "not_a_complaint"}}, case_of("3"));
    solve(case_of("1"));
  }
  std::string whole(const std::string& path) {
    return ask("GET", path, "", {{"Authorization", "Bearer kim"}}).body;
  }
};

TEST_F(DigestTest, EveryPostIsInOneBucketAndTheSecondCountAgrees) {
  a_day();
  to_the_morning();
  ASSERT_EQ(kept().size(), 1U);
  EXPECT_EQ(kept().front().state, "closes");
  const Digest digest = last_digest();
  EXPECT_EQ(disagreements(digest), std::vector<std::string>{});
  EXPECT_EQ(digest.in, 7U);
  EXPECT_EQ(digest.of(DigestBucket::shown), 1U);
  EXPECT_EQ(digest.of(DigestBucket::person), 1U);
  EXPECT_GE(digest.of(DigestBucket::grouped), 1U);
  EXPECT_GE(digest.of(DigestBucket::rule), 2U);
  EXPECT_GE(digest.of(DigestBucket::open), 1U);
  ASSERT_TRUE(digest.recount);
  EXPECT_EQ(digest.recount->in, 7U);
  ASSERT_FALSE(digest.people.empty());
  EXPECT_EQ(digest.people.front().key, "kim, dismissed: not a complaint");
}

TEST_F(DigestTest, GoesOutOnceWhateverRestarts) {
  a_day();
  to_the_morning();
  ASSERT_EQ(digests_to("ceo").size(), 1U);
  EXPECT_EQ(digests_to("kim").size(), 1U);
  use(digest_config());  // a reload arms the timers anew
  for (int i = 0; i < 5; ++i) later(minutes{10});
  EXPECT_EQ(digests_to("ceo").size(), 1U);
  EXPECT_EQ(kept().size(), 1U);
  to_the_morning();
  EXPECT_EQ(digests_to("ceo").size(), 2U);
  const std::string mail = digests_to("ceo").front().body;
  EXPECT_NE(mail.find("multipart/alternative"), std::string::npos);
  EXPECT_NE(mail.find("7 posts came in"), std::string::npos);
}

TEST_F(DigestTest, AnOutageLeavesNoHole) {
  posts("1", kHazard);
  clock.advance(hours{24 * 3});  // nobody ticks
  posts("2", kMoney, "carl");
  for (int i = 0; i < 50; ++i) loop.run(tick.run_once());
  ASSERT_EQ(kept().size(), 1U);
  EXPECT_EQ(last_digest().in, 2U);
  posts("3", kBroken, "bea");
  to_the_morning();
  ASSERT_EQ(kept().size(), 2U);
  EXPECT_EQ(last_digest().in, 1U);
  EXPECT_EQ(disagreements(last_digest()), std::vector<std::string>{});
}

TEST_F(DigestTest, APastPeriodIsTheSameAgainByteForByte) {
  a_day();
  to_the_morning();
  const Record first = kept().front();
  const std::string json = digest_json(last_digest());
  EXPECT_EQ(to_hex(sha256(json)), kept_hash(first));
  const std::string from = "2020-01-01T00:00:00Z";
  const std::string to = to_rfc3339(last_digest().span.to);
  const std::string path = fmt::format("/api/v1/digest?from={}&to={}", from, to);
  const std::string before = whole(path);
  EXPECT_NE(before.find("\"came_in\":7"), std::string::npos) << before;
  // All that happens to those posts and cases afterwards.
  does("kim", Action::reopen, {{"reason", "It is dark again"}}, case_of("1"));
  does("li", Action::dismiss, {{"reason", "spam"}}, case_of("2"));
  does("kim", Action::dismiss, {{"reason", "spam"}}, case_of("2"));
  Batch gone;
  gone.source = "push", gone.next = "gone", gone.deleted = {"2", "4"};
  loop.run(pipeline.accept(std::move(gone)));
  posts("5", kMoney, "eve");  // an edit of the old post
  later(hours{5});
  EXPECT_EQ(whole(path), before);
  std::optional<Digest> again;
  look([&](StoreReader& reader) { again = sent_digest(reader, first.id); });
  ASSERT_TRUE(again);
  EXPECT_EQ(digest_json(*again), json);
  EXPECT_EQ(digest_html(*again, rules->config->digest.sections, "UTC"),
            digest_html(*again, rules->config->digest.sections, "UTC"));
  to_the_morning();
  EXPECT_EQ(disagreements(last_digest()), std::vector<std::string>{});
}

TEST_F(DigestTest, WhatASilenceKeepsQuietIsAPersonsAndIsListed) {
  silence("jo", "source = push", hours{48});
  posts("1", kMoney, "carl");
  to_the_morning();
  const Digest digest = last_digest();
  EXPECT_EQ(disagreements(digest), std::vector<std::string>{});
  EXPECT_EQ(digest.of(DigestBucket::person), 1U);
  ASSERT_EQ(digest.by_hand.size(), 1U);
  EXPECT_EQ(digest.by_hand.front().what, "silence_added");
  EXPECT_EQ(digest.by_hand.front().who, "jo");
  ASSERT_FALSE(digest.people.empty());
  EXPECT_EQ(digest.people.front().key, "silenced by jo: known");
}

TEST_F(DigestTest, ASuppressionThatIsMissingFromTheListIsFound) {
  a_day();
  to_the_morning();
  Digest digest = last_digest();
  ASSERT_FALSE(digest.by_hand.empty());
  ASSERT_TRUE(disagreements(digest).empty());
  const ByHand hidden = digest.by_hand.back();
  digest.by_hand.pop_back();  // somebody hides what they did
  EXPECT_FALSE(disagreements(digest).empty());
  digest.by_hand.push_back(hidden);
  EXPECT_TRUE(disagreements(digest).empty());
  for (std::size_t i = 0; i < digest.buckets.size(); ++i) {
    ++digest.buckets[i];
    EXPECT_FALSE(disagreements(digest).empty()) << i;
    --digest.buckets[i];
  }
}

TEST_F(DigestTest, ACaseThatIsHiddenBehindTheLedgersBackPages) {
  posts("1", kMoney, "carl");
  const std::string id = case_of("1");
  write([&](StoreWriter& writer) {
    auto record = *writer.case_by_id(id);
    Case it = load_case(record);
    it.state = CaseState::closed;
    record.state = "closed";
    record.ended = true;
    record.body = to_json(it);
    writer.put_case(record);
  });
  to_the_morning();
  ASSERT_EQ(kept().size(), 1U);
  EXPECT_EQ(kept().front().state, "differs");
  ASSERT_FALSE(digests_to("ceo").empty());
  EXPECT_NE(said(digests_to("ceo").front()).find("DOES NOT CLOSE"), std::string::npos);
  const auto all = all_cases();
  EXPECT_TRUE(std::ranges::any_of(
      all, [](const Case& it) { return it.kind == "self" && it.urgency == Urgency::page; }));
}

TEST_F(DigestTest, TheApiShowsBucketsItemsAndReports) {
  a_day();
  const std::string day = to_rfc3339(clock.now()).substr(0, 10);
  later(hours{24});
  const std::string digest = whole("/api/v1/digest/" + day);
  EXPECT_NE(digest.find("\"came_in\":7"), std::string::npos) << digest;
  EXPECT_NE(digest.find("\"closes\":true"), std::string::npos);
  for (const std::string_view bucket : kWordsOf<DigestBucket>) {
    const auto items =
        parse_json(whole(fmt::format("/api/v1/digest/{}/items?bucket={}", day, bucket)));
    const auto parsed = parse_json(digest);
    ASSERT_TRUE(items && parsed);
    std::int64_t n = -1;
    for (const JsonValue& it : find(*parsed, "buckets")->GetArray())
      if (string_at(it, "key") == bucket) n = *integer_at(it, "n");
    EXPECT_EQ(integer_at(*items, "total"), n) << bucket;  // each list has exactly its count
  }
  const std::string csv = whole("/api/v1/reports/by_hand?from=2020-01-01T00:00:00Z&format=csv");
  EXPECT_EQ(csv.find("entry,at,who,what,about,reason\r\n"), 0U) << csv;
  EXPECT_NE(whole("/api/v1/reports/first_answer").find("too few"), std::string::npos);
  EXPECT_EQ(ask("GET", "/api/v1/reports/nothing", "", {{"Authorization", "Bearer kim"}}).status,
            404);
  EXPECT_EQ(ask("GET", "/api/v1/digest/yesterday", "", {{"Authorization", "Bearer kim"}}).status,
            400);
}

TEST_F(DigestTest, AReportOfCasesCanBeAskedForSomeOfThem) {
  a_day();
  clock.advance(seconds{1});  // what happens now is not before now
  const auto n_of = [&](const std::string& path) {
    const auto report = parse_json(whole("/api/v1/reports/" + path));
    return report ? integer_at(*report, "n").value_or(-1) : -2;
  };
  const auto status = [&](const std::string& path) {
    return ask("GET", "/api/v1/reports/" + path, "", {{"Authorization", "Bearer kim"}}).status;
  };
  EXPECT_EQ(n_of("first_answer"), 1);
  EXPECT_EQ(n_of("first_answer?team=care"), 1);
  EXPECT_EQ(n_of("first_answer?team=shops"), 0);
  EXPECT_EQ(n_of("first_answer?source=push&language=en&team=care"), 1);
  EXPECT_EQ(n_of("first_answer?source=nowhere"), 0);
  EXPECT_EQ(status("first_answer?severity=dreadful"), 400);
  EXPECT_EQ(status("came_in?team=care"), 400);
  EXPECT_NE(whole("/api/v1/reports/top?team=care").find("\"team\":\"care\""), std::string::npos);
}

TEST_F(DigestTest, WhoComesToTheTopBecauseNobodyAnsweredIsNamed) {
  Post it;
  it.id = it.conversation = "1";
  it.channel = Channel::email;
  it.author.id = it.author.handle = "bea@example.org";
  it.text = kBroken;
  accept(it);
  later(hours{30});
  it.id = "2";
  it.text = std::string{"Dear M. Lind, "} + kBroken;
  accept(it);
  const Digest digest = [&] {
    Digest out;
    look([&](StoreReader& reader) {
      out = gather(reader, span_of(reader, "all", Instant{}, clock.now() + seconds{1}));
    });
    return out;
  }();
  ASSERT_EQ(digest.top_entries.size(), 1U);
  EXPECT_EQ(digest.top_entries[0].who, "ceo");
  EXPECT_NE(std::ranges::find(digest.top_entries[0].why, "late_first_answer"),
            digest.top_entries[0].why.end())
      << digest_json(digest);
}

}  // namespace
}  // namespace earshot

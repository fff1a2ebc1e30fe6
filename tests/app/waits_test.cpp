// The gauges of how long customers waited: the same figures as the digest, from what is new alone.
#include "../../src/app/waits.hpp"

#include <fmt/format.h>

#include "digest_house.hpp"

namespace earshot {
namespace {

constexpr std::array kMatters{
    "Smoke came out of my Brightwave lamp, the plug melted and my daughter burnt her hand",
    "Brightwave took my money twice and support does not answer, this is a scandal, refund me",
    "My Brightwave lamp is dark since Monday, broken, and nobody answers me, I am furious",
    "@Brightwave three weeks without my parcel and the hotline hangs up on me, what a disgrace",
    "@Brightwave your app is down again and I cannot use what I paid for, I am so angry"};

class WaitsTest : public DigestHouse {
 protected:
  void read_all(Waits& waits) {
    for (int i = 0; i < 100 && !waits.caught_up(); ++i)
      look([&](StoreReader& reader) { waits.read_on(reader, clock.now()); });
    look([&](StoreReader& reader) { waits.read_on(reader, clock.now()); });
    waits.show(waits.measure(clock.now()), gauges);
  }
  /// A customer writes, and has an answer after that long.
  std::string answered(int n, Duration after) {
    posts(fmt::format("p{}", n), kMatters[static_cast<std::size_t>(n)],
          fmt::format("customer{}", n));
    std::string id;
    look([&](StoreReader& reader) { id = reader.known("push", fmt::format("p{}", n))->case_id; });
    does("jo", Action::ack, {}, id);
    clock.advance(after);
    does("jo", Action::answer, {{"text", "We ring you."}}, id);
    return id;
  }
  std::vector<Measured> of_digest() {
    Digest out;
    look([&](StoreReader& reader) {
      out = gather(reader, span_of(reader, "all", Instant{}, clock.now() + seconds{1}));
    });
    return out.times;
  }
  Metrics gauges;
};

using Row = std::tuple<std::string, std::string, std::string, std::uint64_t, Duration, Duration>;
std::set<Row> table(const std::vector<Measured>& list) {
  std::set<Row> out;
  for (const Measured& it : list)
    out.emplace(it.what, it.by, it.group, it.spread.n, it.spread.half, it.spread.worst);
  return out;
}

TEST_F(WaitsTest, SaysWhatTheDigestSays) {
  Waits waits;
  read_all(waits);
  EXPECT_TRUE(waits.measure(clock.now()).empty());
  for (int i = 0; i < 3; ++i) answered(i, minutes{i + 1});
  solve(answered(3, minutes{9}));
  const std::string again = answered(4, minutes{2});
  does("jo", Action::feedback,
       {{"said", "A new lamp comes."},
        {"done", "Sent by courier."},
        {"cause", "driver"},
        {"department", "hardware"},
        {"product_change", "no"}},
       again);
  does("kim", Action::verify, {{"outcome", "not_satisfied"}, {"words", "Dark again"}}, again);
  clock.advance(minutes{7});
  does("jo", Action::ack, {}, again);
  does("jo", Action::answer, {{"text", "A technician comes."}}, again);
  read_all(waits);
  const auto list = waits.measure(clock.now());
  EXPECT_EQ(table(list), table(of_digest()));
  Waits later_on;  // a restart reads it all again
  read_all(later_on);
  EXPECT_EQ(table(later_on.measure(clock.now())), table(list));
  const std::string text = gauges.serialise();
  EXPECT_NE(text.find("earshot_waited_cases{by=\"all\",group=\"\",what=\"first_answer\"} 6"),
            std::string::npos)
      << text.substr(text.find("earshot_waited"), 2000);
  EXPECT_NE(text.find("by=\"all\",group=\"\",quantile=\"1\",what=\"first_answer\"} 540"),
            std::string::npos);
}

TEST_F(WaitsTest, WhatLeavesTheWindowLosesItsGauge) {
  Waits waits;
  answered(1, minutes{5});
  read_all(waits);
  EXPECT_NE(gauges.serialise().find("earshot_waited_seconds{"), std::string::npos);
  clock.advance(Waits::kWindow + hours{1});
  read_all(waits);
  EXPECT_EQ(gauges.serialise().find("earshot_waited_seconds{"), std::string::npos);
}

TEST_F(WaitsTest, AFloodOfNamesIsOneGroup) {
  Waits waits;
  answered(1, minutes{5});
  write([&](StoreWriter& writer) {
    Case it = load_case(*writer.case_by_number(1));
    for (int i = 0; i < 150; ++i) {
      it.id = fmt::format("x{}", i);
      it.language = i % 2 == 0 ? fmt::format("x-{}", i) : "\xFF\"\n";
      it.answered_at.reset();
      const Event opened{EventKind::opened, "triage", clock.now(), {{"case", to_json(it)}}};
      const Event answer{EventKind::answered, "jo", clock.now(), {{"text", "ok"}}};
      writer.append_ledger({0, clock.now(), "triage", "opened", it.id, to_json(opened), ""});
      writer.append_ledger({0, clock.now(), "jo", "answered", it.id, to_json(answer), ""});
    }
  });
  read_all(waits);
  std::size_t languages = 0;
  std::uint64_t others = 0;
  for (const Measured& it : waits.measure(clock.now())) {
    if (it.what != "first_answer" || it.by != "language") continue;
    ++languages;
    if (it.group == "other") others = it.spread.n;
  }
  EXPECT_LE(languages, Waits::kMostGroups + 1);
  EXPECT_EQ(others, 75U);
}

}  // namespace
}  // namespace earshot

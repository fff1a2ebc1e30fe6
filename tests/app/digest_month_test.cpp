// A month of posts with all that may happen to them: every morning both counts agree, and the
// digests together hold every post. EARSHOT_DIGEST_POSTS: how many (10,000 in the release part).
#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <random>

#include "digest_house.hpp"
#include "support/pace.hpp"

namespace earshot {
namespace {

constexpr const char* kNoise[] = {
    "Lovely weather in Porto today", "My new Brightwave lamp is wonderful, thank you",
    "Is the Brightwave shop in Lisbon open on Sunday?", "We are hiring engineers, come and join"};
constexpr const char* kRival = "The Dimly lamp broke after a week and nobody at Dimly answers";
constexpr const char* kMatters[] = {
    "My Brightwave lamp is dark since Monday, broken, and nobody answers me, I am furious",
    "Brightwave took my money twice and support does not answer, this is a scandal, refund me",
    "@Brightwave your app is down again and I cannot use what I paid for, I am so angry",
    "Smoke came out of my Brightwave lamp, the plug melted and my daughter burnt her hand",
    "@Brightwave three weeks without my parcel and support hangs up on me, what a disgrace"};

class Month : public DigestHouse {
 protected:
  Month() {
    write([&](StoreWriter& writer) {
      writer.put_meta("storms_since", to_rfc3339(clock.now() - hours{24 * 30}));
    });
  }
  std::size_t below(std::size_t n) {
    return std::uniform_int_distribution<std::size_t>{0, n - 1}(random);
  }
  bool chance(int percent) { return below(100) < static_cast<std::size_t>(percent); }

  Post post_of(std::size_t n) {
    Post post;
    post.id = fmt::format("p{}", n);
    post.author.followers = below(2'000'000) >> below(20);
    std::string author = fmt::format("a{}", chance(5) ? below(50) : 1000 + n);
    if (chance(70)) {
      post.text = kNoise[below(4)] + fmt::format(" {}", n);
    } else if (chance(15)) {
      post.text = kRival + fmt::format(" {}", n);
    } else {
      post.text = kMatters[below(5)];
      if (!chance(30)) post.text += fmt::format(" {} Elm Street {}", n, n * 37);
      if (chance(10)) post.text = "@brightwave_ceo " + post.text;
    }
    if (chance(3)) post.automatic = Automatic::bulk;
    post.author.id = post.author.handle = std::move(author);
    return post;
  }
  Batch batch_of(std::vector<Post> posts) {
    Batch out;
    out.source = "push";
    out.next = fmt::format("after {}", made);
    out.posts = std::move(posts);
    return out;
  }
  /// Edits and deletions of what was posted lately.
  void change(Batch& batch) {
    if (made == 0) return;
    const std::size_t old = made - 1 - below(std::min<std::size_t>(made, 300));
    if (chance(50)) {
      batch.deleted.push_back(fmt::format("p{}", old));
    } else {
      Post edit = post_of(old);
      edit.author.id = edit.author.handle = fmt::format("a{}", 1000 + old);
      batch.posts.push_back(std::move(edit));
    }
  }
  std::vector<Case> some_open() {
    std::vector<Case> out;
    look([&](StoreReader& reader) {
      CaseQuery query;
      query.limit = 40;
      query.counted = false;
      for (const CaseRecord& record : reader.cases(query).items) out.push_back(load_case(record));
    });
    return out;
  }
  /// What people do with a few of the cases.
  void work() {
    const std::vector<Case> open = some_open();
    for (std::size_t i = 0; i < open.size(); ++i) {
      const std::string& id = open[i].id;
      const std::size_t what = below(10);
      if (what < 4) {
        solve(id);
      } else if (what < 6) {
        does("li", Action::dismiss, {{"reason", "not_a_complaint"}}, id);
        does("kim", Action::dismiss, {{"reason", "not_a_complaint"}}, id);
      } else if (what == 6) {
        does("jo", Action::merge, {{"into", open[below(open.size())].id}}, id);
      } else if (what == 7) {
        does("jo", Action::ack, {}, id);
      } else if (what == 8) {
        does("jo", Action::teach, {{"complaint", "no"}}, id);
      }
    }
    if (chance(5)) silence("jo", "severity = serious", hours{2});
  }

  std::mt19937_64 random{20261126};
  std::size_t made = 0;
};

TEST_F(Month, EveryDigestClosesAndTogetherTheyHoldEveryPost) {
  const char* asked = std::getenv("EARSHOT_DIGEST_POSTS");
  const std::size_t wanted = asked != nullptr ? std::strtoull(asked, nullptr, 10)
                             : kSanitized     ? 600
                                              : 1500;
  const std::size_t hours_in_all = 30 * 24;
  for (std::size_t hour = 0; hour < hours_in_all; ++hour) {
    const std::size_t goal = wanted * (hour + 1) / hours_in_all;
    while (made < goal) {
      std::vector<Post> some;
      for (std::size_t i = 0; i < 50 && made < goal; ++i) some.push_back(post_of(made++));
      Batch batch = batch_of(std::move(some));
      if (chance(30)) change(batch);
      loop.run(pipeline.accept(std::move(batch)));
      later(seconds{20});
    }
    if (hour % 4 == 1) work();
    later(hours{1} - seconds{1});
    later(seconds{1});
  }
  to_the_morning();
  std::uint64_t in = 0;
  std::array<std::uint64_t, 5> buckets{};
  std::uint64_t by_hand = 0;
  for (const Record& record : kept()) {
    EXPECT_EQ(record.state, "closes") << record.body;
    std::optional<Digest> digest;
    look([&](StoreReader& reader) { digest = sent_digest(reader, record.id); });
    ASSERT_TRUE(digest);
    EXPECT_EQ(disagreements(*digest), std::vector<std::string>{}) << record.id;
    EXPECT_EQ(to_hex(sha256(digest_json(*digest))), kept_hash(record)) << record.id;
    in += digest->in;
    by_hand += digest->by_hand.size();
    for (std::size_t i = 0; i < buckets.size(); ++i) buckets[i] += digest->buckets[i];
  }
  EXPECT_EQ(in, made);
  EXPECT_GE(kept().size(), 29U);
  for (std::size_t i = 0; i < buckets.size(); ++i) EXPECT_GT(buckets[i], 0U) << i;
  EXPECT_GT(by_hand, 0U);
  if (const char* file = std::getenv("EARSHOT_DIGEST_HTML"))  // for a look at it
    std::ofstream{file} << digest_html(last_digest(), rules->config->digest.sections,
                                       "Europe/Berlin");
  std::printf(
      "figure: %zu posts in %zu digests, difference %lld; shown %llu grouped %llu rule "
      "%llu person %llu open %llu; by hand %llu\n",
      made, kept().size(), static_cast<long long>(in) - static_cast<long long>(made),
      static_cast<unsigned long long>(buckets[0]), static_cast<unsigned long long>(buckets[1]),
      static_cast<unsigned long long>(buckets[2]), static_cast<unsigned long long>(buckets[3]),
      static_cast<unsigned long long>(buckets[4]), static_cast<unsigned long long>(by_hand));
}

}  // namespace
}  // namespace earshot

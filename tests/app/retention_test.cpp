#include "../../src/app/retention.hpp"

#include "../../src/app/person.hpp"
#include "earshot/store/ledger.hpp"
#include "house.hpp"

namespace earshot {
namespace {

Config kept_for(Duration posts, Duration cases, Duration audit) {
  Config it = house_config();
  it.retention = {posts, cases, audit};
  return it;
}

class RetentionHouse : public House {
 protected:
  RetentionHouse() : House(kept_for(hours{24}, hours{72}, hours{240})) { later(seconds{1}); }

  std::string text_of(const std::string& native) {
    std::string out = "none";
    look([&](StoreReader& reader) {
      const auto known = reader.known("push", native);
      if (known) out = reader.post(known->seq)->post.text;
    });
    return out;
  }
  void close(const std::string& id) {
    does("jo", Action::ack, {}, id);
    does("jo", Action::dismiss, {{"reason", "spam"}}, id);
    does("kim", Action::dismiss, {{"reason", "spam"}}, id);
  }
  /// A day at a time, and enough ticks that every step is taken.
  void days(int n) {
    for (int day = 0; day < n; ++day) {
      later(hours{24});
      for (int i = 0; i < 4; ++i) later(seconds{2});
    }
  }
  std::optional<std::string> broken_ledger(std::int64_t& erased) {
    LedgerCheck check;
    std::optional<std::string> bad;
    look([&](StoreReader& reader) {
      LedgerQuery query;
      query.limit = 100'000;
      for (const LedgerEntry& it : reader.ledger(query)) {
        if (!bad) bad = check.next(it);
      }
    });
    erased = check.erased();
    return bad ? bad : check.finish();
  }
};

TEST_F(RetentionHouse, WordsGoFirstThenTheCaseThenWhatTheLedgerSays) {
  posts("p1", "Lovely weather in Porto today");
  posts("p2", kHazard, "ben");
  const std::string id = only_case().id;
  close(id);
  ASSERT_TRUE(case_of_id(id).ended());
  EXPECT_EQ(text_of("p1"), "Lovely weather in Porto today");
  days(2);
  EXPECT_EQ(text_of("p1"), "") << "known still, so that it is not read again";
  EXPECT_EQ(text_of("p2"), "");
  posts("p1", "Lovely weather in Porto today");
  EXPECT_EQ(text_of("p1"), "") << "the source shows it again";
  EXPECT_EQ(all_cases().size(), 1U);
  days(3);
  EXPECT_EQ(all_cases().size(), 0U);
  EXPECT_TRUE(rows(id).empty());
  std::int64_t erased = 0;
  EXPECT_FALSE(broken_ledger(erased));
  EXPECT_EQ(erased, 0);
  days(8);
  EXPECT_FALSE(broken_ledger(erased)) << *broken_ledger(erased);
  EXPECT_GT(erased, 0);
  look([&](StoreReader& reader) {
    LedgerQuery query;
    query.case_id = id;
    for (const LedgerEntry& it : reader.ledger(query)) {
      EXPECT_EQ(it.data, "{}");
      EXPECT_FALSE(it.kind.empty());
    }
  });
}

TEST_F(RetentionHouse, OpenCasesAndHoldsKeepTheirPosts) {
  posts("p1", kHazard, "ann");
  posts("p2", "My Brightwave lamp is dark since Monday, broken, and nobody answers", "bea");
  const auto all = all_cases();
  ASSERT_EQ(all.size(), 2U);
  const std::string held = all[0].customer_handle == "bea" ? all[0].id : all[1].id;
  const std::string open = all[0].id == held ? all[1].id : all[0].id;
  close(held);
  does("kim", Action::hold, {{"reason", "a court asks"}}, held);
  ASSERT_FALSE(case_of_id(held).hold.empty());
  days(6);
  EXPECT_NE(text_of("p1"), "");
  EXPECT_NE(text_of("p2"), "");
  EXPECT_EQ(all_cases().size(), 2U);
  does("kim", Action::release, {{"reason", "it is over"}}, held);
  close(open);
  days(5);
  EXPECT_EQ(text_of("p1"), "");
  EXPECT_EQ(text_of("p2"), "");
  EXPECT_EQ(all_cases().size(), 0U);
}

TEST_F(RetentionHouse, ZeroIsForEver) {
  use(kept_for(Duration{}, Duration{}, Duration{}));
  later(seconds{1});
  posts("p1", "Lovely weather in Porto today");
  days(400);
  EXPECT_EQ(text_of("p1"), "Lovely weather in Porto today");
}

}  // namespace
}  // namespace earshot

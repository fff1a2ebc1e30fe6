// Gates through the doors: random commands by the API, one by one and in bulk, and by the tick; the
// ledger alone gives every case as it stands.
#include <fmt/format.h>

#include <random>

#include "house.hpp"

namespace earshot {
namespace {

class Doors : public House {
 protected:
  void token(const std::string& person) {
    write([&](StoreWriter& writer) {
      TokenRecord it;
      it.id = person, it.role = "admin", it.person = person, it.hash = to_hex(sha256(person));
      it.created_at = clock.now();
      writer.put_token(it);
    });
  }
  WebResponse post(const std::string& who, const std::string& path, const std::string& body) {
    return ask("POST", path, body, {{"Authorization", "Bearer " + who}});
  }
  Case folded(const std::string& id) {
    Case out;
    look([&](StoreReader& reader) {
      LedgerQuery query;
      query.case_id = id;
      query.limit = 10'000;
      for (const LedgerEntry& entry : reader.ledger(query)) {
        const auto event = event_from_json(entry.kind, entry.who, entry.at, entry.data);
        if (event) out = fold(std::move(out), *event);
      }
    });
    return out;
  }
  void check(const std::string& id) {
    const Case it = case_of_id(id);
    Case again = folded(id);
    again.version = it.version;
    ASSERT_EQ(to_json(again), to_json(it)) << "the ledger does not give the case";
    const bool owned = it.state == CaseState::acknowledged || it.state == CaseState::answered ||
                       it.state == CaseState::verifying;
    ASSERT_TRUE(!owned || !it.owner.empty());
    ASSERT_TRUE(it.state != CaseState::open || it.owner.empty());
    ASSERT_TRUE(it.state != CaseState::closed || (it.feedback && !it.outcome.empty()));
  }
};

constexpr std::array kWays{"ack",   "answer",   "feedback", "verify", "close",
                           "note",  "dismiss",  "reopen",   "assign", "take_over",
                           "grant", "undo_ack", "raise",    "wait",   "call_to"};

std::string body_of(std::mt19937& dice) {
  const std::array people{"jo", "kim", "bo"};
  return fmt::format(
      R"({{"text":"x{}","said":"We rang.","done":"Replaced {}.","cause":"battery","department":"hw",)"
      R"("product_change":"no","outcome":"{}","words":"No.","reason":"{}","person":"{}",)"
      R"("urgency":"page","kind":"refund","amount":"5 EUR"}})",
      dice() % 3, dice() % 9, kWordsOf<CallOutcome>[dice() % 3],
      dice() % 2 == 0 ? "spam" : "it must be", people[dice() % 3]);
}

TEST_F(Doors, RandomCommandsByApiBulkAndTickKeepWhatIsPromised) {
  std::mt19937 random{11};
  const std::array people{"jo", "kim", "bo"};
  for (const char* person : people) token(person);
  std::uint64_t commands = 0;
  std::uint64_t closed = 0;
  constexpr int kSequences = 60;
  for (int sequence = 0; sequence < kSequences; ++sequence) {
    clock.advance(hours{72});
    const std::string author = fmt::format("author{}", sequence);
    posts(fmt::format("p{}", sequence),
          fmt::format("{} number {}{}{}", kHazard, sequence, sequence, sequence), author);
    std::string id;
    for (const Case& it : all_cases()) {
      if (it.customer_handle == author) id = it.id;
    }
    if (id.empty()) continue;  // joined to another as a copy
    for (int i = 0; i < 25; ++i) {
      const std::string who = people[random() % 3];
      const Case now_case = case_of_id(id);
      std::string way = kWays[random() % kWays.size()];
      if (random() % 2 == 0)
        way = now_case.state == CaseState::open        ? "ack"
              : now_case.state == CaseState::verifying ? "verify"
              : now_case.state == CaseState::answered  ? "feedback"
              : now_case.state == CaseState::closed    ? "note"
                                                       : "answer";
      if (random() % 6 == 0) {
        later(minutes{random() % 300});
      } else if (random() % 6 == 0) {
        const WebResponse many = post(
            who, "/api/v1/cases/bulk",
            fmt::format(R"({{"action":"{}","ids":["{}","nobody"],"args":{}}})",
                        std::array{"ack", "dismiss", "close"}[random() % 3], id, body_of(random)));
        ASSERT_EQ(many.status, 200) << many.body;
        ASSERT_NE(many.body.find("There is no such case"), std::string::npos) << many.body;
      } else {
        const WebResponse one = post(who, "/api/v1/cases/" + id + "/" + way, body_of(random));
        ASSERT_TRUE(one.status == 200 || one.status >= 400) << one.status;
        ASSERT_LT(one.status, 500) << one.body;
        ASSERT_TRUE(one.status == 200 || one.body.find("\"text\":\"") != std::string::npos);
      }
      ++commands;
      check(id);
      if (HasFatalFailure()) return;
    }
    closed += case_of_id(id).state == CaseState::closed ? 1U : 0U;
  }
  EXPECT_GT(closed, 5U) << "the sequences must get that far";
  fmt::print("figure: {} sequences of 25 commands through the API, {} commands, {} ended closed\n",
             kSequences, commands, closed);
}

}  // namespace
}  // namespace earshot

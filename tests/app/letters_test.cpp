// Letters through the store: drawn when the period ends, the same again from pool and seed, done,
// swapped, late.
#include <algorithm>

#include "../../src/app/letters.hpp"

#include "question_house.hpp"

namespace earshot {
namespace {

Config letter_config() {
  Config it = question_config();
  it.letters.readers = {{"ceo", 2}};
  it.letters.period = LetterPeriod::daily;
  return it;
}

class LetterHouse : public QuestionHouse {
 protected:
  LetterHouse() : QuestionHouse(letter_config()) { later(seconds{1}); }

  void a_day() {
    posts("1", kHazard);
    posts("2", "My Brightwave lamp is dark since Monday, broken, and nobody answers", "bea");
    posts("3", "Brightwave took my money twice and does not answer, this is a scandal", "carl");
    posts("4", "Lovely weather in Porto today", "dora");
    later(hours{24});
  }
  std::vector<LetterTask> tasks() {
    std::vector<LetterTask> out;
    look([&](StoreReader& reader) {
      RecordQuery query;
      query.kind = kLetter;
      for (const Record& record : reader.records(query))
        out.push_back(*letter_from_json(record.body));
    });
    std::ranges::sort(out, {}, &LetterTask::place);
    return out;
  }
  LetterLot lot() {
    std::optional<LetterLot> out;
    look([&](StoreReader& reader) {
      RecordQuery query;
      query.kind = kLetterLot;
      const auto all = reader.records(query);
      if (!all.empty()) out = *lot_from_json(all.front().body);
    });
    return out.value_or(LetterLot{});
  }
  DeskAnswer does_letter(const std::string& who, const std::string& what, Arguments args) {
    DeskCommand command;
    command.what = what, command.who = who, command.args = std::move(args);
    DeskAnswer out;
    write([&](StoreWriter& writer) {
      Effects effects{writer, *rules, key, Chance{clock.now(), dice.bits()}};
      out = change_letter(writer, *rules, effects, command);
    });
    return out;
  }
  std::size_t mails_to(const std::string& person, const std::string& words) {
    std::size_t n = 0;
    for (const OutboxRow& row : sent())
      n += row.person == person && row.body.find(words) != std::string::npos ? 1U : 0U;
    return n;
  }
};

TEST_F(LetterHouse, AreDrawnWhenThePeriodEndsAndAnybodyDrawsTheSame) {
  a_day();
  const LetterLot drawn = lot();
  ASSERT_GE(drawn.pool.size(), 2U);
  EXPECT_FALSE(drawn.seed.empty());
  const auto again = draw_letters(drawn.pool, drawn.strata, drawn.seed, "ceo", drawn.period, 2);
  const auto given = tasks();
  ASSERT_EQ(given.size(), 2U);
  for (std::size_t i = 0; i < given.size(); ++i) {
    EXPECT_EQ(given[i].item, again[i]);
    EXPECT_EQ(given[i].to, "ceo");
  }
  EXPECT_EQ(mails_to("ceo", "A letter, picked by lot"), 2U);
  EXPECT_EQ(ledger_of("letter_drawn").size(), 2U);
  ASSERT_EQ(ledger_of("letters_lot").size(), 1U);
  EXPECT_NE(ledger_of("letters_lot")[0].data.find(drawn.seed), std::string::npos);
  const auto read_again = lot_from_json(to_json(drawn));
  ASSERT_TRUE(read_again);
  EXPECT_EQ(read_again->pool, drawn.pool);
  later(hours{24});
  EXPECT_EQ(ledger_of("letters_lot").size(), 2U) << "the next day is a lot of its own";
}

TEST_F(LetterHouse, AreDoneSwappedAndLate) {
  a_day();
  const auto given = tasks();
  ASSERT_EQ(given.size(), 2U);
  EXPECT_EQ(does_letter("jo", "done", {{"id", given[0].id}}).code, "not_yours");
  EXPECT_EQ(does_letter("ceo", "done", {{"id", given[0].id}}).code, "way_missing");
  EXPECT_EQ(does_letter("ceo", "done",
                        {{"id", given[0].id}, {"way", "called"}, {"outcome", "She is well."}})
                .code,
            "learnt_missing");
  EXPECT_TRUE(does_letter("ceo", "done",
                          {{"id", given[0].id},
                           {"way", "called"},
                           {"outcome", "She is well."},
                           {"learnt", "The hotline hangs up after ten minutes."}})
                  .done);
  EXPECT_EQ(does_letter("ceo", "swap", {{"id", given[1].id}}).code, "reason_missing");
  EXPECT_TRUE(does_letter("ceo", "swap", {{"id", given[1].id}, {"reason", "I know her."}}).done);
  const auto now_there = tasks();
  const LetterLot drawn = lot();
  if (drawn.pool.size() > 2) {
    ASSERT_EQ(now_there.size(), 3U);
    EXPECT_EQ(now_there[2].item,
              draw_letters(drawn.pool, drawn.strata, drawn.seed, "ceo", drawn.period, 3)[2]);
    EXPECT_EQ(does_letter("ceo", "swap", {{"id", now_there[2].id}, {"reason", "Another"}}).code,
              "no_swaps");
    later(hours{72});
    EXPECT_EQ(ledger_of("letter_late").size(), 1U);
    EXPECT_EQ(mails_to("ceo", "Reminder: a letter"), 1U);
  }
}

}  // namespace
}  // namespace earshot

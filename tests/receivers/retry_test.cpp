#include "earshot/receivers/retry.hpp"

#include <gtest/gtest.h>

namespace earshot {
namespace {

const Instant kNow = *parse_rfc3339("2026-11-23T17:25:00Z");

OutboxRow row(Lane lane, int attempts) {
  OutboxRow it;
  it.lane = lane;
  it.attempts = attempts;
  it.state = OutboxState::started;
  return it;
}

struct Row {
  const char* name;
  Lane lane;
  int attempts;
  int repeats;
  DeliveryOutcome outcome;
  bool honours;
  OutboxState want;
  std::optional<Duration> wait;  ///< with unit 0.5
  bool trouble;
};

class Retry : public testing::TestWithParam<Row> {};
TEST_P(Retry, Follows) {
  const Row& in = GetParam();
  OutboxRow before = row(in.lane, in.attempts);
  before.possible_repeats = in.repeats;
  const AfterAttempt got = after_attempt(before, {in.outcome, "why", {}}, in.honours, kNow, 0.5);
  EXPECT_EQ(to_word(got.row.state), to_word(in.want));
  EXPECT_EQ(got.trouble, in.trouble);
  if (in.wait) {
    EXPECT_EQ(got.row.not_before, kNow + *in.wait);
  }
}
INSTANTIATE_TEST_SUITE_P(
    Table, Retry,
    testing::Values(
        Row{"accepted", Lane::page, 1, 0, DeliveryOutcome::ok, true, OutboxState::ok, {}, false},
        Row{"a_page_comes_again_after_five_seconds", Lane::page, 1, 0, DeliveryOutcome::again, true,
            OutboxState::pending, seconds{5}, false},
        Row{"a_page_never_stops", Lane::page, 500, 0, DeliveryOutcome::again, true,
            OutboxState::pending, seconds{60}, false},
        Row{"a_notice_waits_two_hours_at_the_fourth", Lane::notice, 4, 0, DeliveryOutcome::again,
            true, OutboxState::pending, hours{2}, false},
        Row{"a_notice_ends_after_its_schedule",
            Lane::notice,
            10,
            0,
            DeliveryOutcome::again,
            true,
            OutboxState::dead,
            {},
            true},
        Row{"uncertain_is_sent_again_at_once_where_keys_are_honoured", Lane::page, 1, 0,
            DeliveryOutcome::uncertain, true, OutboxState::uncertain, Duration{0}, false},
        Row{"uncertain_waits_half_a_minute_elsewhere", Lane::notice, 1, 0,
            DeliveryOutcome::uncertain, false, OutboxState::uncertain, seconds{30}, false},
        Row{"uncertain_twice_ends_elsewhere",
            Lane::notice,
            2,
            1,
            DeliveryOutcome::uncertain,
            false,
            OutboxState::dead,
            {},
            true},
        Row{"refused_tells_at_once_and_tries_thrice", Lane::page, 1, 0, DeliveryOutcome::refused,
            true, OutboxState::pending, minutes{1}, true},
        Row{"refused_a_second_time_is_known", Lane::page, 2, 0, DeliveryOutcome::refused, true,
            OutboxState::pending, minutes{5}, false},
        Row{"refused_four_times_is_dead_and_kept",
            Lane::page,
            4,
            0,
            DeliveryOutcome::refused,
            true,
            OutboxState::dead,
            {},
            true},
        Row{"gone_is_dead",
            Lane::notice,
            1,
            0,
            DeliveryOutcome::gone,
            true,
            OutboxState::dead,
            {},
            true}),
    [](const auto& param) { return param.param.name; });

TEST(Retry, RetryAfterIsHonouredWithinBounds) {
  const Delivery busy{DeliveryOutcome::again, "429", seconds{40}};
  EXPECT_EQ(after_attempt(row(Lane::notice, 1), busy, true, kNow, 0.5).row.not_before,
            kNow + seconds{40});
  const Delivery absurd{DeliveryOutcome::again, "429", hours{20}};
  const AfterAttempt page = after_attempt(row(Lane::page, 1), absurd, true, kNow, 0.5);
  EXPECT_EQ(page.row.not_before, kNow + seconds{60});
  EXPECT_TRUE(page.trouble) << "the next channel speaks meanwhile";
  EXPECT_EQ(after_attempt(row(Lane::notice, 1), absurd, true, kNow, 0.5).row.not_before,
            kNow + hours{1});
}

TEST(Breaker, OpensAfterFiveFailuresAndProbes) {
  Breaker breaker;
  for (int i = 0; i < 4; ++i) breaker.failed(kNow);
  EXPECT_TRUE(breaker.allows(kNow));
  breaker.failed(kNow);
  EXPECT_FALSE(breaker.allows(kNow + seconds{29}));
  EXPECT_TRUE(breaker.allows(kNow + seconds{30}));
  breaker.succeeded();
  EXPECT_TRUE(breaker.allows(kNow));
}

}  // namespace
}  // namespace earshot

#include "earshot/receivers/bucket.hpp"

#include <gtest/gtest.h>

namespace earshot {
namespace {

const Instant kNow = *parse_rfc3339("2026-03-09T12:00:00Z");

int take_all(Bucket& bucket, Lane lane, Instant now) {
  int n = 0;
  while (bucket.room(lane, now) > 0) bucket.take(now), ++n;
  return n;
}

TEST(Bucket, WithoutARateNothingIsLimited) {
  Bucket bucket;
  EXPECT_EQ(bucket.room(Lane::notice, kNow), Bucket::kNoLimit);
  EXPECT_EQ(bucket.next(Lane::page, kNow), kNow);
}

TEST(Bucket, NoticesLeaveTheReserveToPages) {
  Bucket bucket{{60, 10, 4}};
  EXPECT_EQ(take_all(bucket, Lane::notice, kNow), 6);
  EXPECT_EQ(bucket.room(Lane::page, kNow), 4);
  EXPECT_EQ(take_all(bucket, Lane::page, kNow), 4);
  EXPECT_GE(bucket.next(Lane::page, kNow), kNow + seconds{1});
  EXPECT_LE(bucket.next(Lane::page, kNow), kNow + seconds{1} + milliseconds{2});
  EXPECT_GE(bucket.next(Lane::notice, kNow), kNow + seconds{5});
  EXPECT_EQ(bucket.room(Lane::page, bucket.next(Lane::page, kNow)), 1);
}

TEST(Bucket, NeverGivesMoreThanTheRateOverAnHourAndTheBurst) {
  Bucket bucket{{90, 15, 5}};
  int sent = 0;
  for (Instant now = kNow; now < kNow + hours{1}; now += milliseconds{370})
    sent += take_all(bucket, Lane::page, now);
  EXPECT_LE(sent, 90 * 60 + 15);
  EXPECT_GE(sent, 90 * 60 - 2);
}

TEST(Bucket, AClockThatIsSetBackGivesAndTakesNothing) {
  Bucket bucket{{60, 2, 0}};
  take_all(bucket, Lane::page, kNow);
  EXPECT_EQ(bucket.room(Lane::page, kNow - hours{1}), 0);
  EXPECT_EQ(bucket.room(Lane::page, kNow - hours{1} + seconds{1}), 1);
}

}  // namespace
}  // namespace earshot

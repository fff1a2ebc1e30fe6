#include "earshot/store/nothing_due.hpp"

#include <gtest/gtest.h>

namespace earshot {
namespace {

TEST(NothingDue, HoldsWhileNobodyCommitsAndNothingFallsDue) {
  const Instant now = from_unix(1'700'000'000);
  NothingDue quiet;
  EXPECT_FALSE(quiet.holds(0, now)) << "nothing was read yet";
  quiet.note(7, now + seconds{30});
  EXPECT_TRUE(quiet.holds(7, now));
  EXPECT_TRUE(quiet.holds(7, now - hours{1})) << "a clock that was set back makes nothing due";
  EXPECT_TRUE(quiet.holds(7, now + seconds{29}));
  EXPECT_FALSE(quiet.holds(7, now + seconds{30}));
  EXPECT_FALSE(quiet.holds(8, now));
  quiet.note(8, std::nullopt);
  EXPECT_TRUE(quiet.holds(8, now + hours{24 * 365}));
}

}  // namespace
}  // namespace earshot

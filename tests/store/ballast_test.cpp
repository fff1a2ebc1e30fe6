#include "earshot/store/ballast.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace earshot {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kFull = 64 * kMiB;

struct Row {
  const char* name;
  std::uint64_t free;  ///< MiB
  std::uint64_t held;  ///< MiB
  bool tight;
  bool given_up;
  BallastStep want;
};

class Room : public testing::TestWithParam<Row> {};

TEST_P(Room, IsJudged) {
  const Row& row = GetParam();
  const BallastStep got =
      judge_room({row.free * kMiB, row.held * kMiB, row.tight}, kFull, row.given_up);
  EXPECT_EQ(got.give_up, row.want.give_up);
  EXPECT_EQ(got.make, row.want.make);
  EXPECT_EQ(got.tight, row.want.tight);
}

INSTANTIATE_TEST_SUITE_P(
    Ballast, Room,
    testing::Values(
        Row{"well", 500, 64, false, false, {false, false, false}},
        Row{"at_a_quarter_it_is_well", 16, 64, false, false, {false, false, false}},
        Row{"below_a_quarter_nothing_is_taken_in", 15, 64, false, false, {false, false, true}},
        Row{"below_a_half_it_stays_so", 31, 64, true, false, {false, false, true}},
        Row{"at_a_half_it_is_well_again", 32, 64, true, false, {false, false, false}},
        Row{"below_a_sixteenth_it_is_given_up", 3, 64, true, false, {true, false, true}},
        Row{"given_up_it_stays_tight", 95, 0, true, true, {false, false, true}},
        Row{"given_up_before_this_start_too", 95, 0, false, true, {false, false, true}},
        Row{"made_anew_where_half_of_it_is_left", 96, 0, true, true, {false, true, false}},
        Row{"made_at_the_first_start", 96, 0, false, false, {false, true, false}},
        Row{"a_first_start_on_a_small_rest_runs", 95, 0, false, false, {false, false, false}},
        Row{"and_is_tight_as_others_are", 15, 0, false, false, {false, false, true}},
        Row{"a_part_of_one_is_made_whole", 96, 20, false, false, {false, true, false}},
        Row{"what_is_given_up_has_room_left", 100, 64, true, true, {false, false, false}}),
    [](const auto& row) { return row.param.name; });

struct Held : testing::Test {
  Held() {
    std::string name = (fs::temp_directory_path() / "earshot-ballast-XXXXXX").string();
    folder = ::mkdtemp(name.data());
    database = folder + "/earshot.db";
    file = database + "-ballast";
  }
  ~Held() override { fs::remove_all(folder); }
  std::string folder, database, file;
};

TEST_F(Held, IsMadeGivenUpAndMadeAnew) {
  const auto ballast = make_ballast(database, 2 * kMiB);
  EXPECT_FALSE(fs::exists(file));
  EXPECT_EQ(ballast->look().held, 2 * kMiB);
  EXPECT_EQ(fs::status(file).permissions() & fs::perms::all,
            fs::perms::owner_read | fs::perms::owner_write);
  ballast->give_up();
  EXPECT_EQ(fs::file_size(file), 0U);
  const DiskRoom room = ballast->look();  // this disk has room
  EXPECT_EQ(room.held, 2 * kMiB);
  EXPECT_FALSE(room.tight);
  EXPECT_GT(room.free, 2 * kMiB);
}

TEST_F(Held, AFolderThatCannotBeWrittenToIsNoReasonToHoldBack) {
  const auto ballast = make_ballast(folder + "/none/earshot.db", 2 * kMiB);
  const DiskRoom room = ballast->look();
  EXPECT_EQ(room.held, 0U);
  EXPECT_FALSE(room.tight);
}

TEST_F(Held, NothingIsHeldBackForADatabaseInMemoryOrWhereToldSo) {
  EXPECT_EQ(make_ballast(":memory:", 64 * kMiB), nullptr);
  EXPECT_EQ(make_ballast(database, 0), nullptr);
}

}  // namespace
}  // namespace earshot

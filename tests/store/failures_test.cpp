#include "earshot/store/failures.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace earshot {
namespace {

const Instant kNow = *parse_rfc3339("2026-11-27T12:00:00Z");

StoreFailure at(Duration before) {
  return {kNow - before, "disk I/O error"};
}

TEST(Failures, TwoWithinTenMinutesAreTooMany) {
  using All = std::vector<StoreFailure>;
  EXPECT_FALSE(failed_too_often(All{}, kNow));
  EXPECT_FALSE(failed_too_often(All{at(seconds{1})}, kNow));
  EXPECT_TRUE(failed_too_often(All{at(minutes{9}), at(seconds{1})}, kNow));
  EXPECT_TRUE(failed_too_often(All{at(minutes{10}), at(minutes{10})}, kNow));
  EXPECT_FALSE(failed_too_often(All{at(minutes{11}), at(seconds{1})}, kNow));
  // The clock was set back meanwhile.
  EXPECT_TRUE(failed_too_often(All{at(minutes{-5}), at(minutes{-6})}, kNow));
  EXPECT_FALSE(failed_too_often(All{at(minutes{-15}), at(minutes{-16})}, kNow));
}

TEST(Failures, LieInMemoryWhereThereIsAFolderForIt) {
  EXPECT_EQ(failures_file("/var/lib/earshot/earshot.db", "/run/earshot"),
            "/run/earshot/store-failures");
  EXPECT_EQ(failures_file("/var/lib/earshot/earshot.db", ""),
            "/var/lib/earshot/earshot.db-failures");
  EXPECT_EQ(failures_file(":memory:", "/run/earshot"), "");
}

class FailuresFile : public testing::Test {
 protected:
  FailuresFile() {
    std::string name = (std::filesystem::temp_directory_path() / "earshot-fail-XXXXXX").string();
    folder = ::mkdtemp(name.data());
    file = folder + "/failures";
  }
  ~FailuresFile() override { std::filesystem::remove_all(folder); }
  std::string folder, file;
};

TEST_F(FailuresFile, KeepsTheLastTen) {
  EXPECT_TRUE(read_failures(file).empty());
  for (int i = 0; i < 12; ++i) note_failure(file, kNow + minutes{i}, "disk\nfull of\x1b[31m red");
  const std::vector<StoreFailure> all = read_failures(file);
  ASSERT_EQ(all.size(), 10U);
  EXPECT_EQ(all.front().at, kNow + minutes{2});
  EXPECT_EQ(all.back().at, kNow + minutes{11});
  EXPECT_EQ(all.back().why.find('\n'), std::string::npos);
  EXPECT_EQ(all.back().why.find('\x1b'), std::string::npos);
  forget_failures(file);
  EXPECT_TRUE(read_failures(file).empty());
}

TEST_F(FailuresFile, LeavesOutWhatIsNoLine) {
  std::ofstream{file}
      << "nonsense\n\n2026-11-27T12:00:00Z\n2026-11-27T12:01:00Z disk I/O error\n99";
  const std::vector<StoreFailure> all = read_failures(file);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].why, "");
  EXPECT_EQ(all[1].why, "disk I/O error");
}

TEST_F(FailuresFile, WhereItCannotBeWrittenNothingHappens) {
  note_failure(folder + "/none/failures", kNow, "disk I/O error");
  note_failure("", kNow, "disk I/O error");
  EXPECT_TRUE(read_failures(folder + "/none/failures").empty());
}

}  // namespace
}  // namespace earshot

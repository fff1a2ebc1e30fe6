/// Files larger than anything sensible: refused by name, without having been read whole.

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "../../src/cli/command.hpp"

namespace earshot::cli {
namespace {

constexpr std::size_t kMany = std::size_t{9} << 20U;

class Scratch {
 public:
  explicit Scratch(const std::string& bytes)
      : path_(testing::TempDir() + "earshot-limits-" + std::to_string(::getpid())) {
    std::ofstream{path_, std::ios::binary} << bytes;
  }
  ~Scratch() { std::filesystem::remove(path_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct Printed {
  int code = 0;
  std::string out;
  std::string warnings;
};

Printed print_for(const std::vector<std::string>& words) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Printed printed;
  printed.code = run(words);
  printed.out = testing::internal::GetCapturedStdout();
  printed.warnings = testing::internal::GetCapturedStderr();
  return printed;
}

TEST(Limits, OfAFileNoMoreIsReadThanWasAskedFor) {
  const Scratch file{std::string(kMany, '<')};
  EXPECT_EQ(read_start(file.path(), 100'000).size(), 100'000U);
  EXPECT_EQ(read_start(file.path(), 2 * kMany).size(), kMany);
  EXPECT_THROW(read_file(file.path(), kMany - 1), std::exception);
  EXPECT_EQ(read_file(file.path(), kMany).size(), kMany);
}

TEST(Limits, AFeedOrPageThatIsTooLargeIsRefusedByName) {
  const Scratch file{std::string(kMany, '[')};
  for (const char* format : {"feed", "mastodon", "x"}) {
    const Printed printed = print_for({"parse", "--format", format, file.path()});
    EXPECT_EQ(printed.code, 1) << format;
    EXPECT_NE(printed.warnings.find("larger than 8"), std::string::npos) << printed.warnings;
  }
}

TEST(Limits, ALineThatIsTooLongIsSaidInItsPlaceAndTheNextIsRead) {
  const Scratch file{"{\"text\":\"" + std::string(kMany, 'a') + "\"}\n{\"text\":\"#kettle\"}"};
  const Printed printed = print_for({"text", file.path()});
  EXPECT_EQ(printed.code, 1);
  EXPECT_EQ(printed.out,
            "{\"error\":\"the line is longer than 8388608 bytes\",\"line\":1}\n"
            "{\"mentions\":[],\"hashtags\":[\"kettle\"],\"cashtags\":[],\"links\":[]}\n");
}

}  // namespace
}  // namespace earshot::cli

/// Files larger than anything sensible: refused by name, without having been read whole.

#include <gtest/gtest.h>

#include "../../src/cli/command.hpp"
#include "kit.hpp"

namespace earshot::cli {
namespace {

constexpr std::size_t kMany = std::size_t{9} << 20U;

TEST(Limits, OfAFileNoMoreIsReadThanWasAskedFor) {
  const Scratch file{"long", std::string(kMany, '<')};
  EXPECT_EQ(read_start(file.path(), 100'000).size(), 100'000U);
  EXPECT_EQ(read_start(file.path(), 2 * kMany).size(), kMany);
  EXPECT_THROW(read_file(file.path(), kMany - 1), std::exception);
  EXPECT_EQ(read_file(file.path(), kMany).size(), kMany);
}

TEST(Limits, AFeedOrPageThatIsTooLargeIsRefusedByName) {
  const Scratch file{"long", std::string(kMany, '[')};
  for (const char* format : {"feed", "mastodon", "x"}) {
    const Said said = run_words({"parse", "--format", format, file.path()});
    EXPECT_EQ(said.code, 1) << format;
    EXPECT_NE(said.warnings.find("larger than 8"), std::string::npos) << said.warnings;
  }
}

TEST(Limits, ALineThatIsTooLongIsSaidInItsPlaceAndTheNextIsRead) {
  const Scratch file{"long",
                     "{\"text\":\"" + std::string(kMany, 'a') + "\"}\n{\"text\":\"#kettle\"}"};
  const Said said = run_words({"text", file.path()});
  EXPECT_EQ(said.code, 1);
  EXPECT_EQ(said.out,
            "{\"error\":\"the line is longer than 8388608 bytes\",\"line\":1}\n"
            "{\"mentions\":[],\"hashtags\":[\"kettle\"],\"cashtags\":[],\"links\":[]}\n");
}

}  // namespace
}  // namespace earshot::cli

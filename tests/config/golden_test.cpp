#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "earshot/config/load.hpp"
#include "support/tree.hpp"

namespace earshot {
namespace {

namespace fs = std::filesystem;

const fs::path kGolden = fs::path{source_tree()} / "tests/golden/config";

std::string bytes_of(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const auto& entry : fs::directory_iterator{kGolden}) {
    all.push_back(entry.path().filename().string());
  }
  std::sort(all.begin(), all.end());
  return all;
}

Loaded load_text(const std::string& text) {
  const std::vector<ConfigText> texts{{"input.yaml", text}};
  return parse_config(texts, ".");
}

/// Every folder of tests/golden/config holds one mistake (or a few that must be told together).
class ConfigMistake : public testing::TestWithParam<std::string> {};

TEST_P(ConfigMistake, IsToldWithItsPlaceAndAHint) {
  const fs::path folder = kGolden / GetParam();
  const Loaded loaded = load_text(bytes_of(folder / "input.yaml"));
  const std::string got = render(loaded.diagnostics);
  EXPECT_FALSE(loaded.config.has_value());
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream{folder / "want.txt", std::ios::binary} << got;
    return;
  }
  EXPECT_EQ(got, bytes_of(folder / "want.txt"));
}

INSTANTIATE_TEST_SUITE_P(Golden, ConfigMistake, testing::ValuesIn(names()),
                         [](const auto& row) { return row.param; });

TEST(ConfigMistakes, AreManyAndNoneLeaksASecret) {
  std::set<std::string> problems;
  for (const std::string& name : names()) {
    const Loaded loaded = load_text(bytes_of(kGolden / name / "input.yaml"));
    for (const Diagnostic& diagnostic : loaded.diagnostics) problems.insert(diagnostic.problem);
    const std::string told = render(loaded.diagnostics);
    for (const char* secret : {"hunter2", "abcdef", "B0/secret", "webhookb2/abc"}) {
      EXPECT_EQ(told.find(secret), std::string::npos) << name;
    }
  }
  EXPECT_GE(problems.size(), 60U);
}

}  // namespace
}  // namespace earshot

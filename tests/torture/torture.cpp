#include "torture.hpp"
#include "support/tree.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <new>
#include <optional>

#include "allocations.hpp"

namespace earshot {
namespace {

constexpr std::uint64_t kShallow = 40;
constexpr std::size_t kSmall = 4096;

/// nullopt: it threw bad_alloc.
std::optional<std::string> run_to(std::uint64_t n, Memory memory, std::string_view input,
                                  const Operation& operation) {
  Allocations::arm(n, memory);
  try {
    std::string got = operation(input);
    Allocations::disarm();
    return got;
  } catch (const std::bad_alloc&) {
    Allocations::disarm();
    return std::nullopt;
  }
}

void fail_at(std::uint64_t n, Memory memory, std::string_view input, const std::string& wanted,
             const Operation& operation, Losses losses) {
  const std::int64_t before = Allocations::live();
  {
    const auto got = run_to(n, memory, input, operation);
    if (got && *got != wanted && *got != kRefused)
      ADD_FAILURE() << "allocation " << n
                    << " failed, and the result is neither whole nor refused: " << *got
                    << "\ninstead of " << wanted;
  }
  if (losses == Losses::none) {
    EXPECT_EQ(Allocations::live(), before) << "allocation " << n << " failed, and blocks are lost";
  }
  EXPECT_EQ(operation(input), wanted) << "after a failure of allocation " << n;
}

}  // namespace

std::vector<std::uint64_t> points(std::uint64_t all, std::uint64_t most) {
  const char* mode = std::getenv("EARSHOT_TORTURE");
  if (mode && std::string_view{mode} == "all") most = all;
  std::vector<std::uint64_t> out;
  most = std::min(most, all);
  for (std::uint64_t k = 0; k < most; ++k) out.push_back(1 + k * all / most);
  return out;
}

void torture(const std::vector<std::string>& inputs, const Operation& operation, Losses losses) {
  ASSERT_FALSE(inputs.empty());
  std::uint64_t tried = 0;
  for (const std::string& input : inputs) {
    static_cast<void>(operation(input));  // what is made once, at first use, is made now
    const std::string wanted = operation(input);
    static_cast<void>(run_to(0, Memory::once, input, operation));
    const std::uint64_t all = Allocations::count();
    const std::uint64_t share = std::max<std::uint64_t>(1, kShallow / inputs.size());
    for (const std::uint64_t n : points(all, share)) {
      fail_at(n, Memory::once, input, wanted, operation, losses);
      fail_at(n, Memory::gone, input, wanted, operation, losses);
      tried += 2;
      if (testing::Test::HasFailure()) FAIL() << "input: " << input.substr(0, 400);
    }
  }
  EXPECT_GT(tried, 0U);
  testing::Test::RecordProperty("points", std::to_string(tried));
}

std::vector<std::string> corpus(const std::string& name, std::size_t most) {
  std::vector<std::filesystem::path> files;
  const std::filesystem::path folder = source_tree() + "/tests/fuzz/corpus/" + name;
  for (const auto& entry : std::filesystem::directory_iterator{folder})
    if (entry.file_size() > 0 && entry.file_size() <= kSmall) files.push_back(entry.path());
  std::ranges::sort(files);
  std::vector<std::string> out;
  const std::size_t step = std::max<std::size_t>(1, files.size() / most);
  for (std::size_t i = 0; i < files.size() && out.size() < most; i += step) {
    std::ifstream in{files[i], std::ios::binary};
    out.emplace_back(std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{});
  }
  return out;
}

}  // namespace earshot

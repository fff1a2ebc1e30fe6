#include "earshot/store/failures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

constexpr std::size_t kKept = 10;
constexpr std::size_t kLongest = 500;  // bytes of a reason

}  // namespace

bool failed_too_often(std::span<const StoreFailure> failures, Instant now) {
  const auto near = [now](const StoreFailure& it) {
    return std::chrono::abs(now - it.at) <= kFailuresApart;
  };
  return std::ranges::count_if(failures, near) >= 2;
}

std::string failures_file(const std::string& database, const std::string& runtime) {
  if (database == ":memory:") return {};
  return runtime.empty() ? database + "-failures" : runtime + "/store-failures";
}

std::vector<StoreFailure> read_failures(const std::string& file) {
  std::vector<StoreFailure> out;
  std::ifstream in{file};
  for (std::string line; std::getline(in, line);) {
    const std::size_t blank = std::min(line.find(' '), line.size());
    const auto at = parse_rfc3339(line.substr(0, blank));
    if (at) out.push_back({*at, line.substr(std::min(blank + 1, line.size()))});
  }
  return out;
}

void note_failure(const std::string& file, Instant now, std::string_view why) {
  if (file.empty()) return;
  std::vector<StoreFailure> all = read_failures(file);
  all.push_back({now, printable(cut_utf8(why, kLongest))});
  std::ostringstream text;
  for (std::size_t i = all.size() - std::min(all.size(), kKept); i < all.size(); ++i)
    text << to_rfc3339(all[i].at) << ' ' << all[i].why << '\n';
  const std::string fresh = file + ".new";
  std::ofstream out{fresh};
  out << text.str();
  out.close();
  std::error_code failed;
  if (out) std::filesystem::rename(fresh, file, failed);
  if (!out || failed) std::filesystem::remove(fresh, failed);
}

void forget_failures(const std::string& file) {
  std::error_code none;
  if (!file.empty()) std::filesystem::remove(file, none);
}

}  // namespace earshot

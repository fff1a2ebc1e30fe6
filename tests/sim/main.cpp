// earshot-sim: a bad day, or many, in seconds.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <malloc.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "earshot/runtime/log.hpp"
#include "runs.hpp"
#include "seen.hpp"
#include "shrink.hpp"
#include "world.hpp"

namespace earshot::sim {
namespace {

using Moment = std::chrono::steady_clock::time_point;

struct Options {
  std::uint64_t first = 1;
  std::uint64_t last = 0;  ///< none
  double days = 1;
  unsigned jobs = 1;
  bool verbose = false;
  bool one = false;
  std::uint64_t twice = 0;
  std::string kept;
  bool shrink = false;
  std::set<std::string> without{};
  std::string lines;
  bool situations = false;
};

constexpr const char* kUsage =
    "earshot-sim: runs the daemon in virtual time against faults drawn by a seed.\n"
    "  --seed S          one seed, with its faults and counts\n"
    "  --seeds A-B       many, --jobs N at a time (default 1)\n"
    "  --days D          virtual days each (default 1; the last sixth is without faults)\n"
    "  --twice N         runs every Nth seed twice and compares the hashes\n"
    "  --kept FILE       the seeds of this file first: SEED DAYS WHAT IT FOUND, a line each\n"
    "  --without A,B     leaves faults of the seed out: kills, push.lost, feed1, …\n"
    "  --shrink          of --seed: fewer faults, one feed, less time while the same invariant "
    "breaks\n"
    "  --situations      fails where one of seen.cpp came up in no run\n"
    "  --lines FILE      what each run had and met, a line each, for tests/sim/picture\n"
    "  --verbose         the daemon's log on standard error\n";

bool parse(int argc, char** argv, Options& out) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--verbose") {
      out.verbose = true;
      continue;
    }
    if (word == "--shrink") {
      out.shrink = true;
      continue;
    }
    if (word == "--situations") {
      out.situations = true;
      continue;
    }
    if (i + 1 == argc) return false;
    const std::string value = argv[++i];
    if (word == "--seed") {
      out.first = out.last = std::stoull(value);
      out.one = true;
    } else if (word == "--seeds") {
      const std::size_t dash = value.find('-');
      if (dash == std::string::npos) return false;
      out.first = std::stoull(value);
      out.last = std::stoull(value.substr(dash + 1));
    } else if (word == "--days") {
      out.days = std::stod(value);
    } else if (word == "--jobs") {
      out.jobs = static_cast<unsigned>(std::stoul(value));
    } else if (word == "--twice") {
      out.twice = std::stoull(value);
    } else if (word == "--lines") {
      out.lines = value;
    } else if (word == "--kept") {
      out.kept = value;
    } else if (word == "--without") {
      std::istringstream names{value};
      for (std::string name; std::getline(names, name, ',');) {
        if (!is_fault(name)) return false;
        out.without.insert(name);
      }
    } else {
      return false;
    }
  }
  if (out.shrink && !out.one) return false;
  return out.last >= out.first || !out.kept.empty();
}

std::vector<Run> runs_of(const Options& options) {
  std::vector<Run> out;
  std::ifstream kept{options.kept};
  for (std::string line; std::getline(kept, line);) {
    std::istringstream words{line};
    if (Run run; words >> run.seed >> run.days) out.push_back(run);
  }
  for (std::uint64_t seed = options.first; seed <= options.last; ++seed) {
    out.push_back({seed, options.days, options.without});
    if (options.twice != 0 && seed % options.twice == 0)
      out.push_back({seed, options.days, options.without});
  }
  return out;
}

/// What all runs came to.
struct Tally {
  std::uint64_t passed = 0;
  std::uint64_t failed = 0;
  double longest = 0;
  std::map<Run, std::string> hashes{};
  std::map<std::string, std::uint64_t, std::less<>> marks{};
  std::ofstream lines{};

  void take(const Outcome& it, bool one) {
    const auto [known, fresh] = hashes.emplace(it.run, it.hash);
    const bool same = fresh || known->second == it.hash;
    (it.good && same ? passed : failed) += 1;
    longest = std::max(longest, it.seconds);
    std::istringstream said{it.said};
    for (std::string line; std::getline(said, line);)
      if (line.starts_with("mark ")) ++marks[line.substr(5)];
    write_line(it);
    if (!same)
      fmt::print("seed {}: I15: two runs differ: {}, {}\n", it.run.seed, known->second, it.hash);
    if (!it.good || one)
      fmt::print("seed {} {} in {:.1f} s\n{}", it.run.seed, it.good ? "passed" : "FAILED",
                 it.seconds, it.said);
    if (!it.good) fmt::print("again: {}\n", it.run.again());
    std::fflush(stdout);
  }

  /// SEED TAB passed|failed TAB FAULT,FAULT TAB MARK;MARK TAB what broke;…
  void write_line(const Outcome& it) {
    if (!lines.is_open()) return;
    std::string has, met;
    std::istringstream said{it.said};
    for (std::string line; std::getline(said, line);) {
      if (line.starts_with("has ")) has = line.substr(4);
      if (line.starts_with("mark ")) met += (met.empty() ? "" : ";") + line.substr(5);
    }
    lines << fmt::format("{}\t{}\t{}\t{}\t{}\n", it.run.seed, it.good ? "passed" : "failed", has,
                         met, fmt::join(broken(it), ";"));
  }

  /// The situations of seen.cpp that came up in no run.
  std::uint64_t print_never() const {
    std::uint64_t never = 0;
    for (const std::string_view name : situations()) {
      if (marks.contains(name)) continue;
      fmt::print("never: {}\n", name);
      ++never;
    }
    return never;
  }
};

int run_program(int argc, char** argv) {
  Options options;
  if (!parse(argc, argv, options)) {
    fmt::print(stderr, "{}", kUsage);
    return 64;
  }
  const std::string folder =
      (std::filesystem::temp_directory_path() / fmt::format("earshot-sim-{}", ::getpid())).string();
  std::filesystem::create_directories(folder);
  start_logging(options.verbose ? LogLevel::info : LogLevel::error, LogFormat::logfmt);
  const auto rules = house_rules(folder);
  if (options.shrink) {
    const int code = shrink({options.first, options.days, options.without}, options.jobs, rules);
    std::filesystem::remove_all(folder);
    return code;
  }
  const std::vector<Run> runs = runs_of(options);
  constexpr std::size_t kMany = 16;
  if (runs.size() >= kMany) read_editions(folder);
  Tally tally;
  if (!options.lines.empty()) tally.lines.open(options.lines);
  const Moment began = std::chrono::steady_clock::now();
  run_all(runs, options.jobs, options.verbose, rules,
          [&](const Outcome& it) { tally.take(it, options.one); });
  for (const auto& [name, n] : tally.marks) fmt::print("hit in {:4} runs: {}\n", n, name);
  const std::uint64_t never = options.situations ? tally.print_never() : 0;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  fmt::print("{} runs in {:.0f} s, the longest {:.1f} s\n", runs.size(), took.count(),
             tally.longest);
  fmt::print("{} passed, {} failed\n", tally.passed, tally.failed);
  std::filesystem::remove_all(folder);
  return tally.failed + never == 0 ? 0 : 1;
}

}  // namespace
}  // namespace earshot::sim

/// One thread, and nobody asks how much memory is in use.
int main(int argc, char** argv) {
  ::mallopt(M_TRIM_THRESHOLD, 1 << 30);
  ::mallopt(M_MMAP_THRESHOLD, 1 << 30);
  ::mallopt(M_TOP_PAD, 16 << 20);
  sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
  sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  return earshot::sim::run_program(argc, argv);
}

// earshot-sim: a bad day, or many, in seconds. Each run is a process of its own, so that an abort
// is one failure and not the end.
#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <compare>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "earshot/runtime/log.hpp"
#include "world.hpp"

namespace earshot::sim {
namespace {

using Moment = std::chrono::steady_clock::time_point;

struct Run {
  std::uint64_t seed = 0;
  double days = 1;
  auto operator<=>(const Run&) const = default;
};

struct Options {
  std::uint64_t first = 1;
  std::uint64_t last = 0;  ///< none
  double days = 1;
  unsigned jobs = 1;
  bool verbose = false;
  bool one = false;
  std::uint64_t twice = 0;
  std::string kept;
};

constexpr const char* kUsage =
    "earshot-sim: runs the daemon in virtual time against faults drawn by a seed.\n"
    "  --seed S          one seed, with its faults and counts\n"
    "  --seeds A-B       many, --jobs N at a time (default 1)\n"
    "  --days D          virtual days each (default 1; the last sixth is without faults)\n"
    "  --twice N         runs every Nth seed twice and compares the hashes\n"
    "  --kept FILE       the seeds of this file first: SEED DAYS WHAT IT FOUND, a line each\n"
    "  --verbose         the daemon's log on standard error\n";

/// What a child says, a line each: "hash H", "events N", "mark M", "count N NAME", "wrong TEXT".
void run_seed(const Run& run, const std::shared_ptr<const Rules>& rules, std::FILE* out) {
  const auto length = Duration{static_cast<std::int64_t>(run.days * 86'400'000.0)};
  auto world = std::make_unique<World>(run.seed, rules, length);
  try {
    world->run();
  } catch (const std::exception& error) {
    world->fail(error.what());
  }
  fmt::print(out, "hash {:016x}\nevents {}\nfaults {}\n", world->engine.hash(),
             world->engine.events(), describe(world->faults));
  for (const std::string& it : world->marks) fmt::print(out, "mark {}\n", it);
  for (const auto& [name, n] : world->counts) fmt::print(out, "count {} {}\n", n, name);
  for (std::string it : world->wrong) {
    std::ranges::replace(it, '\n', ' ');
    fmt::print(out, "wrong {}\n", it);
  }
  fmt::print(out, "end\n");
  std::fflush(out);
  [[maybe_unused]] World* kept = world.release();
}

struct Child {
  Run run;
  pid_t pid = -1;
  int pipe = -1;
  Moment began;
  std::string said{};
};

struct Outcome {
  Run run;
  bool good = false;
  std::string hash;
  double seconds = 0;
  std::string said;
};

Child begin(const Run& run, bool verbose, const std::shared_ptr<const Rules>& rules) {
  std::array<int, 2> ends{-1, -1};
  if (::pipe(ends.data()) != 0) std::abort();
  std::fflush(stdout);
  const Moment now = std::chrono::steady_clock::now();
  const Child child{run, ::fork(), ends[0], now};
  if (child.pid == 0) {
    ::close(ends[0]);
    if (!verbose && std::freopen("/dev/null", "w", stderr) == nullptr) std::abort();
    run_seed(run, rules, ::fdopen(ends[1], "w"));
    std::_Exit(0);
  }
  ::close(ends[1]);
  return child;
}

Outcome end(Child& child) {
  int status = 0;
  ::waitpid(child.pid, &status, 0);
  ::close(child.pipe);
  Outcome out;
  out.run = child.run;
  out.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - child.began).count();
  out.said = child.said;
  if (const std::size_t at = out.said.find("hash "); at != std::string::npos)
    out.hash = out.said.substr(at + 5, 16);
  const bool whole = out.said.ends_with("end\n");
  if (!whole) out.said += fmt::format("wrong the process ended with status {}\n", status);
  out.good = whole && out.said.find("\nwrong ") == std::string::npos;
  return out;
}

/// Runs all of them, `jobs` at a time, and hands each outcome to `take` as it comes.
template <class Take>
void run_all(const std::vector<Run>& runs, const Options& options,
             const std::shared_ptr<const Rules>& rules, Take take) {
  std::vector<Child> running;
  std::size_t next = 0;
  while (next < runs.size() || !running.empty()) {
    while (running.size() < options.jobs && next < runs.size())
      running.push_back(begin(runs[next++], options.verbose, rules));
    std::vector<pollfd> wait;
    for (const Child& it : running) wait.push_back({it.pipe, POLLIN, 0});
    ::poll(wait.data(), wait.size(), -1);
    for (std::size_t i = wait.size(); i-- > 0;) {
      if (wait[i].revents == 0) continue;
      std::array<char, 4096> bytes{};
      const ssize_t got = ::read(running[i].pipe, bytes.data(), bytes.size());
      if (got > 0) {
        running[i].said.append(bytes.data(), static_cast<std::size_t>(got));
        continue;
      }
      const Outcome outcome = end(running[i]);
      running.erase(running.begin() + static_cast<std::ptrdiff_t>(i));
      take(outcome);
    }
  }
}

bool parse(int argc, char** argv, Options& out) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--verbose") {
      out.verbose = true;
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
    } else if (word == "--kept") {
      out.kept = value;
    } else {
      return false;
    }
  }
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
    out.push_back({seed, options.days});
    if (options.twice != 0 && seed % options.twice == 0) out.push_back({seed, options.days});
  }
  return out;
}

/// What all runs came to.
struct Tally {
  std::uint64_t passed = 0;
  std::uint64_t failed = 0;
  double longest = 0;
  std::map<Run, std::string> hashes{};
  std::map<std::string, std::uint64_t> marks{};

  void take(const Outcome& it, bool one) {
    const auto [known, fresh] = hashes.emplace(it.run, it.hash);
    const bool same = fresh || known->second == it.hash;
    (it.good && same ? passed : failed) += 1;
    longest = std::max(longest, it.seconds);
    std::istringstream lines{it.said};
    for (std::string line; std::getline(lines, line);)
      if (line.starts_with("mark ")) ++marks[line.substr(5)];
    if (!same)
      fmt::print("seed {}: I15: two runs differ: {}, {}\n", it.run.seed, known->second, it.hash);
    if (!it.good || one)
      fmt::print("seed {} {} in {:.1f} s\n{}", it.run.seed, it.good ? "passed" : "FAILED",
                 it.seconds, it.said);
    if (!it.good)
      fmt::print("again: earshot-sim --seed {} --days {:g}\n", it.run.seed, it.run.days);
    std::fflush(stdout);
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
  const std::vector<Run> runs = runs_of(options);
  Tally tally;
  const Moment began = std::chrono::steady_clock::now();
  run_all(runs, options, rules, [&](const Outcome& it) { tally.take(it, options.one); });
  for (const auto& [name, n] : tally.marks) fmt::print("hit in {:4} runs: {}\n", n, name);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  fmt::print("{} runs in {:.0f} s, the longest {:.1f} s\n", runs.size(), took.count(),
             tally.longest);
  fmt::print("{} passed, {} failed\n", tally.passed, tally.failed);
  std::filesystem::remove_all(folder);
  return tally.failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace earshot::sim

int main(int argc, char** argv) {
  return earshot::sim::run_program(argc, argv);
}

#include "runs.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "arena.hpp"
#include "world.hpp"

namespace earshot::sim {
namespace {

using Moment = std::chrono::steady_clock::time_point;

/// What a child says, a line each: "has FAULT,FAULT", "hash H", "events N", "mark M", "count N
/// NAME", "wrong TEXT".
void run_seed(const Run& run, const std::shared_ptr<const Rules>& rules, std::FILE* out) {
  const auto length = Duration{static_cast<std::int64_t>(run.days * 86'400'000.0)};
  auto world = std::make_unique<World>(run.seed, rules, length, run.without);
  fmt::print(out, "has {}\n", fmt::join(faults_of(world->faults), ","));
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

Child begin(const Run& run, bool verbose, const std::shared_ptr<const Rules>& rules) {
  std::array<int, 2> ends{-1, -1};
  if (::pipe(ends.data()) != 0) std::abort();
  std::fflush(stdout);
  const Moment now = std::chrono::steady_clock::now();
  const Child child{run, ::fork(), ends[0], now};
  if (child.pid == 0) {
    ::close(ends[0]);
    fresh_memory();
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

}  // namespace

std::string Run::again() const {
  std::string out = fmt::format("earshot-sim --seed {} --days {:g}", seed, days);
  if (!without.empty()) out += fmt::format(" --without {}", fmt::join(without, ","));
  return out;
}

std::set<std::string> broken(const Outcome& outcome) {
  std::set<std::string> out;
  std::istringstream lines{outcome.said};
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("wrong ")) continue;
    const std::size_t at = line.find("Z: ");
    const std::string text = at == std::string::npos ? line.substr(6) : line.substr(at + 3);
    out.insert(text.substr(0, std::min({text.find(':'), text.size(), std::size_t{30}})));
  }
  return out;
}

void run_all(const std::vector<Run>& runs, unsigned jobs, bool verbose,
             const std::shared_ptr<const Rules>& rules,
             const std::function<void(const Outcome&)>& take) {
  std::vector<Child> running;
  std::size_t next = 0;
  while (next < runs.size() || !running.empty()) {
    while (running.size() < jobs && next < runs.size())
      running.push_back(begin(runs[next++], verbose, rules));
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

}  // namespace earshot::sim

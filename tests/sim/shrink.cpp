#include "shrink.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <sstream>

#include "world.hpp"

namespace earshot::sim {
namespace {

constexpr double kLeastDays = 0.02;  // half an hour: a post, a page, a step

class Shrinker {
 public:
  Shrinker(unsigned jobs, const std::shared_ptr<const Rules>& rules)
      : jobs_(std::max(jobs, 1U)), rules_(rules) {}

  /// "" where it passes.
  std::string first_broken(const Run& run) {
    std::string out;
    run_all({run}, 1, false, rules_, [&](const Outcome& it) {
      if (const auto names = broken(it); !names.empty()) out = *names.begin();
      first_ = it.said;
    });
    return out;
  }
  void look_for(std::string invariant) { invariant_ = std::move(invariant); }
  const std::string& said() const { return first_; }
  std::size_t tries() const { return tries_; }

  /// The first of these that still breaks it; `jobs` are tried at a time.
  bool take_first(Run& run, const std::vector<Run>& smaller) {
    for (std::size_t at = 0; at < smaller.size(); at += jobs_) {
      const std::size_t end = std::min(at + jobs_, smaller.size());
      const std::vector<Run> some{smaller.begin() + static_cast<std::ptrdiff_t>(at),
                                  smaller.begin() + static_cast<std::ptrdiff_t>(end)};
      std::vector<Run> good;
      run_all(some, jobs_, false, rules_, [&](const Outcome& it) {
        if (broken(it).contains(invariant_)) good.push_back(it.run);
      });
      tries_ += some.size();
      for (const Run& it : some) {  // in their order, not in that of their ends
        if (std::ranges::find(good, it) == good.end()) continue;
        run = it;
        return true;
      }
    }
    return false;
  }

 private:
  unsigned jobs_;
  std::shared_ptr<const Rules> rules_;
  std::string invariant_;
  std::string first_;
  std::size_t tries_ = 0;
};

std::vector<std::string> left_of(const Run& run) {
  std::vector<std::string> out;
  for (const std::string& name : faults_of(draw_faults(Random{run.seed}.branch("faults"))))
    if (!run.without.contains(name)) out.push_back(name);
  return out;
}

/// One run for each piece of so many names that is left out.
std::vector<Run> without_pieces(const Run& run, std::size_t size) {
  const std::vector<std::string> names = left_of(run);
  std::vector<Run> out;
  for (std::size_t at = 0; at < names.size(); at += size) {
    Run one = run;
    for (std::size_t i = at; i < std::min(at + size, names.size()); ++i)
      one.without.insert(names[i]);
    out.push_back(std::move(one));
  }
  return out;
}

void leave_out_faults(Shrinker& shrinker, Run& run) {
  std::size_t size = std::max<std::size_t>(1, left_of(run).size());
  for (;;) {
    while (!left_of(run).empty() && shrinker.take_first(run, without_pieces(run, size))) {
    }
    if (size == 1) return;
    size = (size + 1) / 2;
  }
}

void cut_time(Shrinker& shrinker, Run& run) {
  for (const double part : {0.5, 0.75, 0.9}) {
    for (;;) {
      Run shorter = run;
      shorter.days = run.days * part;
      if (shorter.days < kLeastDays || !shrinker.take_first(run, {shorter})) break;
    }
  }
}

}  // namespace

int shrink(Run run, unsigned jobs, const std::shared_ptr<const Rules>& rules) {
  Shrinker shrinker{jobs, rules};
  const std::string invariant = shrinker.first_broken(run);
  if (invariant.empty()) {
    fmt::print("seed {} passes\n", run.seed);
    return 1;
  }
  shrinker.look_for(invariant);
  fmt::print("seed {} breaks {} with {:g} days and {} faults\n", run.seed, invariant, run.days,
             left_of(run).size());
  // Shorter first: every later try is cheaper.
  cut_time(shrinker, run);
  leave_out_faults(shrinker, run);
  cut_time(shrinker, run);
  shrinker.first_broken(run);
  std::istringstream lines{shrinker.said()};
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("wrong ")) fmt::print("{}\n", line);
  fmt::print("{} tries; needs {:g} days and: {}\n", shrinker.tries(), run.days,
             left_of(run).empty() ? "no fault" : fmt::format("{}", fmt::join(left_of(run), ", ")));
  fmt::print("again: {}\n", run.again());
  return 0;
}

}  // namespace earshot::sim

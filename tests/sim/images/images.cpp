// The store against a disk that fails at every point in turn: power lost at each sync, with what
// was not synced applied, dropped, torn or each of it on its own; an I/O error at a write or a
// sync; no room from a write on. After each, the file opens, its integrity is whole, what was
// answered is there, and every other transaction is there whole or not at all (P1, P4, P18–P20). So
// with a migration (P21).
#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "../disk.hpp"
#include "migration.hpp"
#include "run.hpp"

namespace earshot::sim {
namespace {

enum class Fault { power, write_error, sync_error, full };

struct Case {
  Fault fault = Fault::power;
  std::uint64_t at = 0;  ///< sync or write
  Disk::Fate fate = Disk::Fate::mixed;
  std::uint64_t seed = 1;
};

std::string named(const Case& it) {
  constexpr std::array kFaults{"power lost at sync", "write error at write", "I/O error at sync",
                               "no room from write"};
  constexpr std::array kFates{"mixed", "applied", "dropped", "torn"};
  return fmt::format("seed {}: {} {} ({})", it.seed, kFaults[static_cast<std::size_t>(it.fault)],
                     it.at, kFates[static_cast<std::size_t>(it.fate)]);
}

/// What went wrong; "" where all holds.
std::string broken(const Case& it, std::size_t transactions, bool careless = false) {
  Disk disk{Random{it.seed}.branch("disk").branch(named(it))};
  switch (it.fault) {
    case Fault::power:
      disk.lose_power_at(it.at);
      break;
    case Fault::write_error:
      disk.fail_write_at = it.at;
      break;
    case Fault::sync_error:
      disk.fail_sync_at = it.at;
      break;
    case Fault::full:
      disk.full_at = it.at;
      break;
  }
  Run run{disk, it.seed, transactions};
  run.careless = careless;
  const std::size_t answered = run.go(0);
  if (it.fault == Fault::power || it.fault == Fault::sync_error)
    disk.power_cut(it.fate);
  else
    disk.process_died();
  disk.full = false;
  disk.full_at = disk.fail_write_at = disk.fail_sync_at = 0;
  Run again{disk, it.seed, transactions};
  std::size_t there = 0;
  const std::string wrong = again.check(answered, there);
  if (!wrong.empty()) return wrong;
  if (again.go(there) != transactions) return "what followed could not be written";
  return again.check(transactions, there);
}

int run_all(std::uint64_t seeds, std::size_t transactions) {
  std::uint64_t images = 0;
  std::uint64_t failed = 0;
  const auto take = [&](const std::string& name, const std::string& wrong) {
    ++images;
    if (wrong.empty()) return;
    ++failed;
    fmt::print("FAIL {}: {}\n", name, wrong);
  };
  const auto look = [&](const Case& it) { take(named(it), broken(it, transactions)); };
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    Disk disk{Random{seed}};
    if (Run{disk, seed, transactions}.go(0) != transactions) {
      fmt::print("FAIL seed {}: a disk without faults\n", seed);
      return 1;
    }
    const std::uint64_t syncs = disk.syncs();
    const std::uint64_t writes = disk.writes();
    for (std::uint64_t at = 1; at <= syncs; ++at) {
      for (const auto fate :
           {Disk::Fate::mixed, Disk::Fate::apply, Disk::Fate::drop, Disk::Fate::tear})
        look({Fault::power, at, fate, seed});
      if (at % 4 == 0) look({Fault::sync_error, at, Disk::Fate::mixed, seed});
    }
    const std::uint64_t step = std::max<std::uint64_t>(1, writes / 90);
    for (std::uint64_t at = 1; at <= writes; at += step) {
      look({Fault::write_error, at, Disk::Fate::mixed, seed});
      look({Fault::full, at, Disk::Fate::mixed, seed});
    }
    migration_images(seed, take);
    fmt::print("seed {}: {} syncs, {} writes, {} images so far\n", seed, syncs, writes, images);
    std::fflush(stdout);
  }
  // The proof that this can fail: a store that answers before the log is synced must be caught.
  std::size_t caught = 0;
  for (std::uint64_t at = 2; at <= 12; ++at)
    caught += broken({Fault::power, at, Disk::Fate::drop, 1}, transactions, true).empty() ? 0 : 1;
  ++images;
  if (caught == 0) {
    ++failed;
    fmt::print("FAIL a store that does not sync its log was not caught\n");
  } else {
    fmt::print("a store that does not sync its log: caught at {} of 11 syncs\n", caught);
  }
  fmt::print("{} passed, {} failed\n", images - failed, failed);
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace earshot::sim

/// earshot-images [SEEDS [TRANSACTIONS]]
int main(int count, char** words) {
  const std::uint64_t seeds = count > 1 ? std::strtoull(words[1], nullptr, 10) : 1;
  const std::size_t transactions = count > 2 ? std::strtoull(words[2], nullptr, 10) : 90;
  return earshot::sim::run_all(seeds, transactions);
}

#pragma once

/// A run of the product's SQLite store over a disk of the simulator: so many transactions, each of
/// everything that a batch writes, a few of them in one commit.

#include <cstddef>
#include <cstdint>
#include <string>

#include "../disk.hpp"

namespace earshot {
class StoreReader;
class StoreWriter;
}  // namespace earshot

namespace earshot::sim {

class Run {
 public:
  Run(Disk& disk, std::uint64_t seed, std::size_t transactions)
      : disk_(disk), seed_(seed), transactions_(transactions) {}

  bool careless = false;  ///< commits without a sync of the log: what must be found

  /// Writes the transactions from `first` on. Returns up to which they were answered: it ends with
  /// the first that was not.
  std::size_t go(std::size_t first);
  /// Opens the file and looks. `answered`: that many must be there; `there`: that many are. ""
  /// where all holds.
  std::string check(std::size_t answered, std::size_t& there);

 private:
  void write(StoreWriter& writer, std::size_t number) const;
  std::string look(StoreReader& reader, std::size_t number, bool& whole) const;
  Disk& disk_;
  std::uint64_t seed_;
  std::size_t transactions_;
};

}  // namespace earshot::sim

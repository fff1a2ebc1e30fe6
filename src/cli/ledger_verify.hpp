#pragma once

/// `earshot ledger verify`: the whole chain by several threads, then every case against the fold of
/// its own events.

#include <cstdint>
#include <optional>
#include <string>

namespace earshot::cli {

struct Verified {
  std::int64_t entries = 0;
  std::int64_t erased = 0;  ///< entries whose words were erased
  std::string head;
  std::optional<std::int64_t> wrong_entry{};
  std::string problem;  ///< "" where all is well
  std::int64_t cases = 0;
  std::string wrong_case;  ///< id of the first case that is not what its events say
};

/// `states`: the cases too. `threads`: parts of the chain that are walked at once.
Verified verify_ledger(const std::string& path, bool states, unsigned threads);

}  // namespace earshot::cli

#pragma once

/// Memory that runs out where a test wants it: this program's operator new, SQLite's and pugixml's
/// allocators count on the thread that asked for it, and the n-th call fails. Other threads and
/// other libraries are left alone.

#include <cstdint>

namespace earshot {

/// What follows a failed call: the next one works, or none does until `disarm`.
enum class Memory { once, gone };

class Allocations {
 public:
  /// Counts calls from here on; the `n`-th fails. 0: none does.
  static void arm(std::uint64_t n, Memory memory = Memory::once);
  static void disarm();
  /// Calls since arm().
  static std::uint64_t count();
  /// Blocks that operator new gave on this thread and nobody gave back.
  static std::int64_t live();
  /// Asks for one call more: true where it must fail.
  static bool fails();
};

/// Lets SQLite and pugixml ask, too. Before either is used.
void torture_libraries();

}  // namespace earshot

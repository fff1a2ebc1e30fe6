#pragma once

/// What a process gives up for good (Linux): the reader of strangers' bytes everything but its own
/// memory and the connection it has; the daemon writing anywhere but where it must.

#include <cstdint>
#include <string>
#include <vector>

#include "earshot/core/result.hpp"

namespace earshot {

struct Confinement {
  std::uint64_t memory = std::uint64_t{1} << 30U;  ///< bytes of address space; 0: as it was
};

/// What was done of it.
struct Confined {
  bool filter = false;  ///< seccomp; never in a build with sanitizers, which need more calls
  int landlock = 0;     ///< version of the kernel's; 0: it has none, or lets nobody use it
};

/// No new privileges, small limits, no file to be named (Landlock), then a list of system calls:
/// reading and writing what is open, memory without executable pages, clocks, the end. Opening a
/// file for reading is refused with EACCES, because libc looks for conversions of charsets by
/// itself; any other call kills with SIGSYS. An Error: the process must not go on.
Result<Confined> confine(const Confinement& how);

/// The version of the kernel's Landlock, 0 where there is none.
int landlock_version();

/// From now on this process and all it starts create, change and remove files only below these
/// paths (folders or files that exist; others are left out). Returns the version used, 0: the
/// kernel has none and nothing is forbidden. Call before there is a second thread.
Result<int> write_only_below(const std::vector<std::string>& paths);

}  // namespace earshot

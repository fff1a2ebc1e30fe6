#pragma once

/// One run of another program: arguments as they stand, no shell, bytes on its standard input, a
/// time limit. What it prints is thrown away.

#include <string>
#include <vector>

#include "earshot/core/instant.hpp"
#include "earshot/core/result.hpp"
#include "earshot/runtime/task.hpp"

namespace earshot {

struct ChildProgram {
  std::vector<std::string>
      arguments;  ///< the first is the program, found by PATH where it has no "/"
  std::vector<std::string> environment;  ///< "NAME=value": all that it gets
  std::string input;
  Duration timeout = seconds{15};
};

/// The exit code. Errors: permanent where the program cannot be started; transient and uncertain
/// where it was ended by a signal or by the time limit (then its whole process group is killed).
/// Cancellation kills it too and waits for its end.
Task<Result<int>> run_child(Executor executor, ChildProgram program);

}  // namespace earshot

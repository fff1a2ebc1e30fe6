#pragma once

#include <cstdlib>

/// What must hold of any input: where it does not, the fuzzer has found something.
inline void check(bool good) {
  if (!good) std::abort();
}

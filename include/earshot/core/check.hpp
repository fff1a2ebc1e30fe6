#pragma once

/// EARSHOT_CHECK states what must hold. A violation is a mistake of ours: it prints the condition
/// and aborts; systemd starts the daemon again and the state is in the store. Asserts stay on in
/// release builds.

#include <cstdio>
#include <cstdlib>

#define EARSHOT_CHECK(condition)                                                                 \
  do {                                                                                           \
    if (!(condition)) {                                                                          \
      std::fprintf(stderr, "%s:%d: EARSHOT_CHECK failed: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                              \
    }                                                                                            \
  } while (false)

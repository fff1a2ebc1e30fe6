#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "earshot/sources/reader.hpp"

namespace earshot {

struct Reader::Lane {
  Lane(Executor where, CompanionOptions options, std::string suffix)
      : executor(std::move(where)), companion(std::move(options)), stage(std::move(suffix)) {}
  Executor executor;         ///< one thread: documents wait in its queue
  Companion companion;       ///< spoken to on that thread alone
  std::uint64_t begins = 0;  ///< that were noted
  std::string stage;         ///< of the poison guard's places: one thing at a time is read at each
};

}  // namespace earshot

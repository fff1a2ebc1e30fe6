#pragma once

/// What every source file gives to the registry.

#include <memory>

#include "earshot/config/config.hpp"
#include "earshot/sources/source.hpp"

namespace earshot {

#define SOURCE(word, summary) \
  std::unique_ptr<Source> make_##word(const SourceConfig& config, const SourceTools& tools);
#include "sources.def"
#undef SOURCE

}  // namespace earshot

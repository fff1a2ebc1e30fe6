#pragma once

/// Makes sources from their configuration; sources.def lists the types.

#include <memory>

#include "earshot/config/config.hpp"
#include "earshot/sources/source.hpp"

namespace earshot {

/// An Error says which secret cannot be read, or that no source has this type. `push` has no source
/// of its own: it makes nullptr.
Result<std::unique_ptr<Source>> make_source(const SourceConfig& config, const SourceTools& tools);

}  // namespace earshot

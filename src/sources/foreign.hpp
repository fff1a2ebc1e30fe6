#pragma once

/// Reads a stranger's document under the poison guard (P16), in the reader's process or in this
/// one. The same posts come out.

#include <string>

#include "earshot/sources/source.hpp"
#include "parse/reading.hpp"

namespace earshot {

enum class Guarded { yes, no };

/// What killed three times comes back unread among the bad ones. A transient Error where the reader
/// died over it or cannot be begun; else those of the parser. `order`'s bytes outlive this; a
/// cancelled caller waits for the end of the reading. `guarded` is no where somebody who asked
/// marks by themselves.
Task<Result<Reading>> read_foreign(const SourceTools* tools, std::string source, ReadOrder order,
                                   Guarded guarded = Guarded::yes);

/// The same, where the caller knows what comes out of this kind.
template <class T>
Task<Result<T>> read_as(const SourceTools* tools, std::string source, ReadOrder order,
                        Guarded guarded = Guarded::yes) {
  Result<Reading> read = co_await read_foreign(tools, std::move(source), std::move(order), guarded);
  if (!read) co_return read.error();
  co_return std::move(std::get<T>(*read));
}

}  // namespace earshot

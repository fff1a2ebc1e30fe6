#pragma once

/// The second count of a digest: from the stored posts, the rows of cases and the raw bytes of the
/// ledger. It shares no code with the room that makes the digest, so that a mistake there shows.

#include "earshot/digest/digest.hpp"
#include "earshot/store/store.hpp"

namespace earshot {

/// Posts after `after`, as they stand now, and what was done by hand in the entries first+1 … last.
/// `upto` is set to the last post counted.
Recount recount(StoreReader& reader, std::int64_t after, std::int64_t first, std::int64_t last,
                std::int64_t& upto);
/// The last post that was seen before this instant; 0 where there is none.
std::int64_t post_before(StoreReader& reader, Instant at);

}  // namespace earshot

#pragma once

/// The keys of signed links: made once, kept in the store, renewed by age. While they rotate two
/// are valid: the fresh one signs, the one before it still opens what it signed.

#include <string>
#include <vector>

#include "earshot/store/store.hpp"
#include "earshot/web/ack_link.hpp"

namespace earshot {

/// The keys now, newest first. Makes the first, and a new one where the newest is older than
/// `rotate`; an older one is dropped once nothing it signed can be alive (`life` after its
/// successor came). `fresh`: 32 secret bytes, used where a key is made.
std::vector<AckKey> keep_keys(StoreWriter& writer, const std::string& fresh, Instant now,
                              Duration rotate, Duration life);
/// Those that are there, newest first; nothing is made.
std::vector<AckKey> held_keys(StoreReader& reader);

}  // namespace earshot

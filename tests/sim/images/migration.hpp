#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace earshot::sim {

/// A migration whose power is lost at each of its syncs, with each fate of what was not synced: it
/// is whole or not done, the next start ends it, and what was said to be done is (P21). Calls
/// `take` with the name of each image and what is wrong with it, "" where nothing is.
void migration_images(std::uint64_t seed,
                      const std::function<void(const std::string&, const std::string&)>& take);

}  // namespace earshot::sim

#pragma once

/// What every post goes through before it is judged: bounds, defaults of its source, what was asked
/// to be kept. Pure.

#include <vector>

#include "earshot/classify/watch.hpp"
#include "earshot/config/config.hpp"
#include "earshot/core/post.hpp"

namespace earshot {

inline constexpr std::size_t kTextLimit = std::size_t{256} << 10U;  // P14

/// Cleans and bounds the post and fills what its source's configuration knows. A post without an id
/// gets one of its content.
void normalise(Post& post, const SourceConfig* source);

/// False where the source keeps only posts that name one of `match` (company, products, principals,
/// rivals) and this names none.
bool matches(const Post& post, const std::vector<std::string>& match, const Watch& watch);

}  // namespace earshot

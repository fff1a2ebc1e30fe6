#pragma once

/// The body of POST /api/v1/posts: one post, an array, or JSON Lines. Pure.

#include <string_view>
#include <vector>

#include "earshot/core/post.hpp"
#include "earshot/core/result.hpp"
#include "earshot/web/backend.hpp"

namespace earshot {

struct PostsBody {
  std::vector<Post> posts;
  std::vector<RejectedPost>
      rejected;  ///< lines that are no posts: they go to quarantine, the others go on
};

/// An Error where the body as a whole is unusable (too large, an array that is not JSON).
Result<PostsBody> parse_posts(std::string_view body);

}  // namespace earshot

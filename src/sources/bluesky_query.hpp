#pragma once

/// Search operators of Bluesky, applied on our side too: servers differ in which they obey (the
/// reference AppView obeys none). Pure.

#include <string>
#include <string_view>
#include <vector>

#include "earshot/core/post.hpp"

namespace earshot {

/// `from:` `-from:` `mentions:` `lang:` `domain:` `since:` `until:` and `#tag` of a query. Plain
/// words are the server's business.
class BlueskyQuery {
 public:
  explicit BlueskyQuery(std::string_view query);
  bool admits(const Post& post) const;

 private:
  struct Term {
    std::string name;
    std::string value;
  };
  std::vector<Term> terms_;
};

}  // namespace earshot

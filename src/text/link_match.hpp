#pragma once

/// Finding a link around a dot of a plain text, by twitter-text's rules. Pure; linear over a whole
/// text.

#include <cstddef>
#include <string_view>
#include <vector>

namespace earshot {

struct LinkSpan {
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct LinkMatch {
  std::vector<LinkSpan>
      links;  ///< Usually none or one; two where a bare host mixes scripts ("a.comあb.com").
  std::size_t next = 0;  ///< Where reading goes on; beyond the dot.
};

/// `dot` is the place of a '.', `floor` the end of what was understood before it: nothing begins
/// before that.
LinkMatch match_link(std::string_view text, std::size_t dot, std::size_t floor);

/// True for a top-level domain of the public suffix list; any case.
bool is_top_level_domain(std::string_view label);

}  // namespace earshot

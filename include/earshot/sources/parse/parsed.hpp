#pragma once

/// What a parser of foreign bytes returns: the posts it could read and what it had to forgive.
/// Pure; one function per format.

#include <string>
#include <string_view>
#include <vector>

#include "earshot/core/post.hpp"
#include "earshot/core/result.hpp"

namespace earshot {

/// An item that could not be read: kept whole in quarantine, never dropped (P16).
struct BadItem {
  std::string id;   ///< Native id where it could be read; else empty.
  std::string raw;  ///< The item's bytes, or as much as the format allows to cut out.
  std::string reason;
};

struct Parsed {
  std::vector<Post>
      posts;  ///< In the order of the document. `source` is empty: the caller knows it.
  std::vector<BadItem> bad;
  std::vector<std::string> warnings;  ///< One sentence each, with a place where there is one.
};

/// Why an item was not read at all.
inline constexpr std::string_view kPoison = "Earshot died several times while it read this";

/// Is told of each item before it is read, so that an item that kills the process is known by the
/// next one (P16).
class ItemWatch {
 public:
  virtual ~ItemWatch() = default;
  /// False: leave it unread and put it among the bad ones, with kPoison as the reason.
  virtual bool may_read(std::string_view raw) = 0;
};

}  // namespace earshot

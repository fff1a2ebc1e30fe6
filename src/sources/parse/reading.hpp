#pragma once

/// One door to the parsers of what sources hand out: an order (which format, what was said about
/// it, the bytes) -> what was read. The same here and in the reader's process. Pure.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "earshot/core/result.hpp"
#include "earshot/core/words.hpp"
#include "earshot/sources/parse/parsed.hpp"
#include "earshot/sources/parse/social.hpp"
#include "feed.hpp"

namespace earshot {

EARSHOT_ENUM(ReadKind, feed, mail, mastodon, bluesky, bluesky_profiles);

struct ReadOrder {
  ReadKind kind = ReadKind::feed;
  std::string_view bytes{};              ///< outlive the reading
  std::string base_url{};                ///< feeds: where they came from
  std::string content_type{};            ///< feeds: the header
  std::vector<std::string> own_lists{};  ///< mails: List-Ids of shared mailboxes of ours
};

/// `did -> followers`
using Followers = std::vector<std::pair<std::string, std::uint64_t>>;
/// In the order of ReadKind.
using Reading = std::variant<ParsedFeed, Parsed, MastodonPage, BlueskyPage, Followers>;

/// Mails and profiles have no items that are read one by one.
constexpr bool has_items(ReadKind kind) {
  return kind != ReadKind::mail && kind != ReadKind::bluesky_profiles;
}

/// Errors are those of the parser. `watch` is asked before each item, where there are some.
Result<Reading> read_order(const ReadOrder& order, ItemWatch* watch = nullptr);

/// A reading in which nothing was read but this.
Reading only_bad(ReadKind kind, BadItem item);

/// Loads the conversions of the charsets people use, so that no file is opened for one later. Of
/// others, nothing but their ASCII is read once the process may open no file.
void load_charsets();

}  // namespace earshot

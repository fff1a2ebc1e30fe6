#pragma once

/// Parsers of the answers of social platforms: the bytes of one response body -> posts, and what
/// paging needs to go on. Pure.
///
/// An item that cannot be read becomes a BadItem with its JSON and the rest goes on; a body that is
/// no such answer (HTML, an error document, another shape) is a permanent Error that says so in the
/// platform's own words. Budgets are those of parse_json. Text is valid UTF-8 of at most 256 KiB;
/// mentions, tags and links are the platform's own lists first, then what the text has beside.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/core/result.hpp"
#include "earshot/sources/parse/parsed.hpp"

namespace earshot {

/// Mastodon's client API (also GoToSocial, Akkoma, Pleroma): notifications, a timeline, one status,
/// search v2, a context. https://docs.joinmastodon.org/entities/Status/
struct MastodonPage {
  struct Item {
    std::string
        id;  ///< the notification's own id, else the status's: what pages are asked for by. Opaque.
    std::string edited;               ///< when the status was last edited, as written
    std::optional<std::size_t> post;  ///< place in parsed.posts; nothing where the item gave none
  };
  Parsed parsed;
  std::vector<Item> items;  ///< Everything in the order of the page.
};
/// Only notifications that bring somebody's words become posts: mention, status, update, quote. A
/// boost gives the boosted status. `direct` and followers-only posts are not public. The content
/// warning leads the text, descriptions of media follow it.
/// `watch` is asked before each item.
Result<MastodonPage> parse_mastodon(std::string_view body, ItemWatch* watch = nullptr);

/// AT Protocol, app.bsky: listNotifications, searchPosts, getPosts, getPostThread, getAuthorFeed.
/// https://docs.bsky.app/docs/api/
struct BlueskyPage {
  struct Item {
    std::string uri;
    std::string cid;  ///< changes when the record does
    std::string did;  ///< of the author
  };
  Parsed parsed;
  std::vector<Item> items;  ///< Every notification or post of the page, likes and follows included.
  std::string cursor;       ///< "" where there is none.
};
Result<BlueskyPage> parse_bluesky(std::string_view body, ItemWatch* watch = nullptr);
/// `did -> followers` of getProfiles.
Result<std::vector<std::pair<std::string, std::uint64_t>>> parse_bluesky_profiles(
    std::string_view body);

/// X API v2: search, mentions and lookups, with the old (tweet) and the new (post) names. A 200
/// with "errors" beside "data" gives warnings. https://docs.x.com/x-api/
struct XPage {
  Parsed parsed;
  std::string next_token;
  std::string newest_id;  ///< of this page, as the platform says
};
Result<XPage> parse_x(std::string_view body);

/// Reddit: a listing, or a thread (an array of listings, replies nested). Works with and without
/// raw_json=1.
struct RedditPage {
  Parsed parsed;
  std::string after;               ///< fullname, "" at the end
  std::vector<std::string> names;  ///< fullnames in the order of the page
};
Result<RedditPage> parse_reddit(std::string_view body);

}  // namespace earshot

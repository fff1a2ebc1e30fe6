#pragma once

/// The two readers behind parse_feed. Pure.

#include "feed.hpp"

namespace earshot {

inline constexpr std::size_t kFeedItems =
    5'000;  ///< posts of one document; more would outgrow the memory budget

/// `text` is UTF-8 without control characters.
Result<ParsedFeed> parse_xml_feed(const std::string& text, std::string_view base_url,
                                  ItemWatch* watch);
Result<ParsedFeed> parse_json_feed(std::string_view text, std::string_view base_url,
                                   ItemWatch* watch);

}  // namespace earshot

#include "feed.hpp"

#include <fmt/format.h>

#include "earshot/core/utf8.hpp"
#include "feed_encoding.hpp"
#include "feed_kinds.hpp"

namespace earshot {
namespace {

constexpr std::size_t kBytes = 8U << 20U;  // P14

}  // namespace

Result<ParsedFeed> parse_feed(const FeedInput& input) {
  if (input.body.size() > kBytes)
    return permanent(fmt::format("the feed is larger than {} MiB", kBytes >> 20U));
  std::vector<std::string> warnings;
  Result<std::string> text = feed_to_utf8(input.body, input.content_type, warnings);
  if (!text) return text.error();
  const std::string_view content = trim(*text);
  if (content.empty()) return permanent("the document is empty");
  Result<ParsedFeed> feed = content.front() == '{' || content.front() == '['
                                ? parse_json_feed(content, input.base_url, input.watch)
                                : parse_xml_feed(*text, input.base_url, input.watch);
  if (!feed) return feed.error();
  feed->warnings.insert(feed->warnings.begin(), warnings.begin(), warnings.end());
  return feed;
}

}  // namespace earshot

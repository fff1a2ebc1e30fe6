#pragma once

/// Pieces that XML and JSON feeds share: text constructs, authors, identity. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "earshot/core/post.hpp"

namespace earshot {

/// The marks of a CDATA section, where they came escaped.
inline constexpr std::string_view kCdataOpen = "<![CDATA[";
inline constexpr std::string_view kCdataClose = "]]>";

enum class TextKind {
  plain,
  html,
  guess
};  ///< guess: plain unless it plainly is HTML (RSS titles)

struct FeedText {
  std::string text;
  std::vector<std::string> links;  ///< absolute targets of HTML links
  bool truncated = false;
};

/// Foreign text -> plain text. Line ends of plain text stay.
FeedText feed_text(std::string_view value, TextKind kind, const std::string& base_url);

/// True where text has an end tag, a tag with attributes or a slash ("<br/>"), or an entity, and
/// nothing that HTML does not know: such a "plain" title was escaped twice.
bool looks_like_html(std::string_view text);

/// "mail@host (Name)", "Name <mail@host>", "Name (mail@host)", "mail@host", "Name".
Author author_of(std::string_view text);
Author author_of(std::string name, std::string uri, std::string mail);

/// Absolute where `base` allows, trimmed; "" for what nobody should click on (javascript:, data:,
/// vbscript:).
std::string feed_url(std::string_view base, std::string_view reference);

/// Last step of every post: an id where the feed gave none, the limit of 256 KiB, mentions, tags
/// and links of the text.
void finish_post(Post& post, std::vector<std::string> html_links, std::string_view raw_date);

}  // namespace earshot

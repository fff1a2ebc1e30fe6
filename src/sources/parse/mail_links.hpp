#pragma once

/// Which links of a mail's markup are the sender's own. Pure.

#include <string>
#include <vector>

#include "earshot/text/html.hpp"

namespace earshot {

/// The links in the new words: those of quotes that only their words give away ("On … wrote:"
/// without a block), of signatures and of forwarded originals are somebody else's. Of the text
/// `most_bytes` are looked through.
std::vector<std::string> own_links(const HtmlText& html, std::size_t most_bytes);

}  // namespace earshot

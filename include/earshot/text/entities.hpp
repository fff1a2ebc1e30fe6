#pragma once

/// Mentions, hashtags, cashtags and links in plain text. Pure.

#include <string>
#include <string_view>
#include <vector>

namespace earshot {

struct Entities {
  std::vector<std::string>
      mentions;  ///< Without "@"; `user@host` for federated names. In order, without repeats.
  std::vector<std::string> hashtags;  ///< Without "#".
  std::vector<std::string> cashtags;  ///< Without "$".
  std::vector<std::string>
      links;  ///< As written; a bare domain is a link only with a known top-level domain.
};

/// Follows the published rules of the platforms (twitter-text's extractor; Mastodon's and Bluesky's
/// handles with hosts): an "@" inside a word or an e-mail address is no mention, "#1" is no
/// hashtag, "$20" is no cashtag, a link's tail punctuation and unbalanced brackets are not part of
/// it, and what lies inside a link is nothing else.
Entities extract_entities(std::string_view text);

}  // namespace earshot

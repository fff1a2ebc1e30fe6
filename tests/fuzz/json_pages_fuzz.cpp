// The JSON answers of the social platforms: the first byte chooses the parser, the rest is the
// body.
#include <cstdint>
#include <cstdlib>

#include "earshot/core/utf8.hpp"
#include "earshot/sources/parse/social.hpp"

namespace {
template <class Page>
void check(const earshot::Result<Page>& page) {
  if (!page) return;
  for (const earshot::Post& post : page->parsed.posts) {
    if (post.id.empty() || !earshot::is_utf8(post.text) || !earshot::is_utf8(post.url))
      std::abort();
    for (const auto* list : {&post.mentions, &post.hashtags, &post.cashtags, &post.links}) {
      for (const std::string& word : *list) {
        if (word.empty() || !earshot::is_utf8(word)) std::abort();
      }
    }
  }
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view body{reinterpret_cast<const char*>(data) + 1, size - 1};
  switch (data[0] % 4) {
    case 0:
      check(earshot::parse_mastodon(body));
      break;
    case 1:
      check(earshot::parse_bluesky(body));
      break;
    case 2:
      check(earshot::parse_x(body));
      break;
    default:
      check(earshot::parse_reddit(body));
      break;
  }
  return 0;
}

// Any bytes -> a feed or an error; every post of a feed has an id and valid UTF-8.
#include <cstdint>
#include <cstdlib>

#include "../../src/sources/parse/feed.hpp"
#include "../../src/sources/parse/feed_dates.hpp"
#include "earshot/core/utf8.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body{reinterpret_cast<const char*>(data), size};
  static_cast<void>(earshot::parse_feed_date(body.substr(0, 100)));
  const auto feed = earshot::parse_feed({.body = body, .base_url = "https://f.example/x"});
  if (!feed) return 0;
  for (const earshot::Post& post : feed->posts) {
    if (post.id.empty() || !earshot::is_utf8(post.title) || !earshot::is_utf8(post.text) ||
        !earshot::is_utf8(post.author.name))
      std::abort();
  }
  return 0;
}

// How fast a feed becomes posts: bench/feed_parse [ITEMS]. Prints one JSON line; items are like
// those of a press feed (about 1 KB).
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>

#include "../src/sources/parse/feed.hpp"

int main(int count, char** words) {
  const int items = count > 1 ? std::atoi(words[1]) : 1100;
  std::string feed =
      "<rss version=\"2.0\" "
      "xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel><title>Press</title>";
  for (int i = 0; i < items; ++i) {
    feed += fmt::format(
        "<item><title>Kettle {0} &amp; friends</title><link>https://press.example/{0}</link><guid "
        "isPermaLink=\"false\">p-{0}</guid>"
        "<pubDate>Mon, 23 Nov 2026 08:00:00 GMT</pubDate><dc:creator>Ann "
        "{0}</dc:creator><description><![CDATA[<p>",
        i);
    for (int k = 0; k < 10; ++k)
      feed += "The lamp of @brightwave flickers &amp; nobody <b>answers</b> since Monday. ";
    feed += "</p><a href=\"/more\">more</a>]]></description></item>";
  }
  feed += "</channel></rss>";
  const int rounds = 20;
  std::size_t posts = 0;
  const auto begin = std::chrono::steady_clock::now();
  for (int r = 0; r < rounds; ++r) {
    const auto parsed =
        earshot::parse_feed({.body = feed, .base_url = "https://press.example/rss"});
    posts += parsed ? parsed->posts.size() : 0;
  }
  const double s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  fmt::print(
      "{{\"bytes\":{},\"items\":{},\"items_per_second\":{:.0f},\"microseconds_per_item\":{:.1f}}}"
      "\n",
      feed.size(), items, static_cast<double>(posts) / s, s * 1e6 / static_cast<double>(posts));
}

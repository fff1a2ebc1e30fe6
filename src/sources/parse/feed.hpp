#pragma once

/// RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0, JSON Feed 1.0 and 1.1 -> posts. Input: the bytes of an
/// answer and what the transport said about them. Output: posts in the order of the document, what
/// the feed says about itself, and what had to be forgiven. Pure. Budgets (RELIABILITY P14): 8 MiB,
/// 200,000 elements counted before a tree is built, no DTD but simple entities.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/sources/parse/parsed.hpp"

namespace earshot {

EARSHOT_ENUM(FeedKind, rss, rdf, atom, json);

struct FeedInput {
  std::string_view body;
  std::string_view
      base_url{};  ///< Where the document came from; relative links are resolved against it.
  std::string_view content_type{};  ///< The Content-Type header; its charset outranks the
                                    ///< document's own declaration.
  ItemWatch* watch = nullptr;       ///< asked before each item
};

/// Times at which a publisher asks not to be read (RSS 2.0 skipHours and skipDays, UTC) and how
/// often it changes.
struct FeedRhythm {
  std::optional<Duration> ttl{};  ///< RSS `ttl`.
  std::optional<Duration>
      update{};  ///< RSS 1.0 syndication module: updatePeriod divided by updateFrequency.
  std::uint32_t skip_hours = 0;  ///< Bit h: hour h, 0 to 23.
  std::uint32_t skip_days = 0;   ///< Bit d: day d, 0 is Sunday.
};

struct ParsedFeed : Parsed {
  FeedKind kind = FeedKind::rss;
  std::string title;
  std::string home;      ///< The site the feed belongs to.
  std::string next_url;  ///< The next page (JSON Feed `next_url`, RFC 5005 `rel=next`); absolute;
                         ///< "" where there is none.
  FeedRhythm rhythm;
};

/// Reads a feed. Malformed documents give what can be recovered, with warnings; a cut last item
/// goes to `bad`. An Error (permanent) means that this is no feed: empty, an HTML page, garbage, or
/// over a budget.
Result<ParsedFeed> parse_feed(const FeedInput& input);

}  // namespace earshot

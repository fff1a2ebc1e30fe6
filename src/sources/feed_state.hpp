#pragma once

/// What a feed source remembers between polls; it commits with the posts. Pure.

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "earshot/core/post.hpp"

namespace earshot {

/// An item as far as "is it new?" needs it.
struct SeenItem {
  std::uint64_t id = 0;    ///< of the native id
  std::uint64_t text = 0;  ///< of title and text: another value under the same id is an edit
  std::uint64_t place =
      0;  ///< of link and title: finds an item again whose guid changed; 0 where one is missing
};
SeenItem seen_of(const Post& post);

struct FeedState {
  std::string configured;  ///< the URL these facts belong to; another one in the configuration
                           ///< starts over, items excepted
  std::string url;         ///< where the feed moved to for good; "" where it did not
  std::string moving_to;   ///< where the last permanent redirects led …
  int moves = 0;           ///< … and how often in a row
  std::string validated;   ///< the URL whose answer gave the validators
  std::string etag;
  std::string modified;
  std::vector<SeenItem> seen;  ///< the document's items, then older ones

  std::string to_text() const;
  /// "" and what cannot be read give an empty state.
  static FeedState from_text(std::string_view text);
};

/// Tells new and edited items from known ones, and gathers what is to be remembered.
class SeenSet {
 public:
  explicit SeenSet(const std::vector<SeenItem>& before);
  enum class Verdict { fresh, edited, known };
  /// Also remembers the item.
  Verdict judge(const Post& post);
  /// This document's items first, then older ones: as many again, and 200 at least.
  std::vector<SeenItem> remember(bool whole_document) const;

 private:
  static std::uint64_t exact(const SeenItem& item);
  const std::vector<SeenItem>& before_;
  std::unordered_set<std::uint64_t> ids_;                    ///< before this document
  std::unordered_set<std::uint64_t> exact_;                  ///< id and text
  std::unordered_map<std::uint64_t, std::uint64_t> places_;  ///< link and title -> text
  std::unordered_set<std::uint64_t> now_;                    ///< id and text, of this document
  std::unordered_set<std::uint64_t> now_ids_;
  std::vector<SeenItem> items_;
};

}  // namespace earshot

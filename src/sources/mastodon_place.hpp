#pragma once

/// What is remembered of one timeline of a Mastodon server between two polls.

#include <cstdint>
#include <string>
#include <vector>

#include "earshot/core/instant.hpp"
#include "earshot/core/json.hpp"
#include "poll_parts.hpp"

namespace earshot {

/// Servers file posts under ids that tell when they were written, and may learn of one minutes
/// later: it then lies below what was read already. So the last stretch is read again from an
/// anchor: an id that was the newest twelve minutes ago or more, as far as it was polled then. In
/// the first minutes that is the oldest of what the first poll read, or "": it read all there was.
struct MastodonPlace {
  struct Anchor {
    std::string id;
    std::int64_t at = 0;  ///< when it was the newest one, Unix ms
  };
  static constexpr std::size_t kRemember = 400;
  static constexpr std::size_t kAnchors = 7;
  static constexpr Duration kSpacing = std::chrono::minutes{2};

  bool started = false;
  std::string newest;   ///< id of the newest item read
  std::string forward;  ///< where reading forward was left, because a poll reads so many pages only
  SeenKeys ids{kRemember};
  SeenKeys versions{kRemember};  ///< id and time of the last edit
  std::vector<std::string> top;  ///< statuses on the newest page, the newest first
  std::vector<Anchor> anchors;   ///< the oldest first, kSpacing apart or more

  /// The last stretch was not read again for kSpacing. A clock that was set makes it due sooner.
  bool due(Instant now) const;
  /// Where it begins; "" at the beginning of the timeline, or where nothing was read yet.
  std::string overlap() const { return anchors.empty() ? "" : anchors.front().id; }
  void drop_anchor(Instant now);
};

/// The newest page of a timeline as the last poll read it.
struct MastodonTop {
  std::uint64_t body = 0;        ///< hash of its bytes
  std::vector<std::string> ids;  ///< of its items, the newest first

  /// The same bytes again, at the place where that poll ended, say nothing new: the page need not
  /// be read. Not so where reading had stopped on the way, or where the last stretch is due that
  /// begins below this page.
  bool says_nothing_new(std::uint64_t now_body, const MastodonPlace& place, Instant now) const;
};

MastodonPlace read_mastodon_place(const JsonValue& state);
void write_mastodon_place(JsonWriter& out, const MastodonPlace& place);

}  // namespace earshot

#include "mastodon_place.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace earshot {

bool MastodonPlace::due(Instant now) const {
  if (anchors.empty()) return true;
  return std::abs(to_unix_ms(now) - anchors.back().at) >=
         std::chrono::duration_cast<std::chrono::milliseconds>(kSpacing).count();
}

void MastodonPlace::drop_anchor(Instant now) {
  if (newest.empty()) return;
  if (anchors.size() == kAnchors) anchors.erase(anchors.begin());
  anchors.push_back({newest, to_unix_ms(now)});
}

bool MastodonTop::says_nothing_new(std::uint64_t now_body, const MastodonPlace& place,
                                   Instant now) const {
  if (now_body != body || !place.started || !place.forward.empty()) return false;
  if (!place.due(now)) return true;
  const std::string overlap = place.overlap();
  return !overlap.empty() && std::ranges::find(ids, overlap) != ids.end();
}

MastodonPlace read_mastodon_place(const JsonValue& state) {
  MastodonPlace place;
  place.started = flag_at(state, "started");
  place.newest = string_at(state, "newest");
  place.forward = string_at(state, "forward");
  place.ids.read(state, "ids");
  place.versions.read(state, "versions");
  place.top = strings_at(state, "top");
  for (const std::string& text : strings_at(state, "anchors")) {  // "MILLISECONDS ID"
    MastodonPlace::Anchor anchor;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), anchor.at);
    const auto digits = static_cast<std::size_t>(end - text.data());
    if (error != std::errc{} || digits + 1 > text.size()) continue;
    anchor.id = text.substr(digits + 1);
    place.anchors.push_back(std::move(anchor));
  }
  return place;
}

void write_mastodon_place(JsonWriter& out, const MastodonPlace& place) {
  std::vector<std::string> anchors;
  for (const MastodonPlace::Anchor& anchor : place.anchors)
    anchors.push_back(std::to_string(anchor.at) + " " + anchor.id);
  out.object();
  out.field("started", place.started);
  out.field("newest", place.newest);
  if (!place.forward.empty()) out.field("forward", place.forward);
  place.ids.write(out, "ids");
  place.versions.write(out, "versions");
  out.field("top", place.top);
  out.field("anchors", anchors);
  out.end();
}

}  // namespace earshot

#include "feed_state.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "earshot/core/ids.hpp"
#include "earshot/core/json.hpp"

namespace earshot {
namespace {

constexpr std::size_t kOlder = 200;
constexpr std::size_t kItemBytes = 24;

void pack(std::string& out, std::uint64_t value) {
  for (int shift = 0; shift < 64; shift += 8)
    out += static_cast<char>(static_cast<unsigned char>(value >> shift));
}

std::uint64_t unpack(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 8; i-- > 0;) value = value << 8U | static_cast<unsigned char>(bytes[i]);
  return value;
}

}  // namespace

SeenItem seen_of(const Post& post) {
  SeenItem item;
  item.id = hash64(post.id);
  item.text = hash64(post.title + "\n" + post.text);
  if (!post.url.empty() && !post.title.empty()) item.place = hash64(post.url + "\n" + post.title);
  return item;
}

std::string FeedState::to_text() const {
  std::string items;
  items.reserve(seen.size() * kItemBytes);
  for (const SeenItem& item : seen) {
    pack(items, item.id);
    pack(items, item.text);
    pack(items, item.place);
  }
  JsonWriter out;
  out.object();
  out.field("v", 1);
  out.field("for", configured);
  if (!url.empty()) out.field("url", url);
  if (moves > 0) {
    out.field("moving_to", moving_to);
    out.field("moves", moves);
  }
  if (!etag.empty() || !modified.empty()) {
    out.field("validated", validated);
    out.field("etag", etag);
    out.field("modified", modified);
  }
  out.field("seen", base64url(items));
  out.end();
  return out.take();
}

FeedState FeedState::from_text(std::string_view text) {
  FeedState state;
  const auto document = parse_json(text);
  if (text.empty() || !document) return state;
  state.configured = string_at(*document, "for");
  state.url = string_at(*document, "url");
  state.moving_to = string_at(*document, "moving_to");
  state.moves = static_cast<int>(integer_at(*document, "moves").value_or(0));
  state.validated = string_at(*document, "validated");
  state.etag = string_at(*document, "etag");
  state.modified = string_at(*document, "modified");
  const std::string items = from_base64url(string_at(*document, "seen")).value_or("");
  for (std::size_t at = 0; at + kItemBytes <= items.size(); at += kItemBytes) {
    const std::string_view bytes{items.data() + at, kItemBytes};
    state.seen.push_back({unpack(bytes), unpack(bytes.substr(8)), unpack(bytes.substr(16))});
  }
  return state;
}

SeenSet::SeenSet(const std::vector<SeenItem>& before) : before_(before) {
  for (const SeenItem& item : before) {
    ids_.insert(item.id);
    exact_.insert(exact(item));
    if (item.place != 0) places_.emplace(item.place, item.text);
  }
}

std::uint64_t SeenSet::exact(const SeenItem& item) {
  return item.id * 0x9E3779B97F4A7C15U ^ item.text;
}

SeenSet::Verdict SeenSet::judge(const Post& post) {
  const SeenItem item = seen_of(post);
  const bool again = !now_.insert(exact(item)).second;
  if (again) return Verdict::known;
  items_.push_back(item);
  const bool twice = !now_ids_.insert(item.id).second;  // one id for two texts: both are news once
  if (exact_.contains(exact(item))) return Verdict::known;
  if (twice || ids_.contains(item.id)) return Verdict::edited;
  // A CMS that moved gives old items new guids: the same words at the same place are no news.
  if (item.place != 0) {
    const auto place = places_.find(item.place);
    if (place != places_.end() && place->second == item.text) return Verdict::known;
  }
  return Verdict::fresh;
}

std::vector<SeenItem> SeenSet::remember(bool whole_document) const {
  std::vector<SeenItem> all = items_;
  const std::size_t most = whole_document ? items_.size() + std::max(items_.size(), kOlder)
                                          : items_.size() + std::max(before_.size(), kOlder);
  for (const SeenItem& item : before_) {
    if (all.size() >= most) break;
    if (!now_ids_.contains(item.id)) all.push_back(item);
  }
  return all;
}

}  // namespace earshot

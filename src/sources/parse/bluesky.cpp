#include <fmt/format.h>

#include <algorithm>

#include "earshot/core/utf8.hpp"
#include "earshot/sources/parse/social.hpp"
#include "post_parts.hpp"

namespace earshot {

namespace {
constexpr std::string_view kPostType = "app.bsky.feed.post";

std::optional<std::uint64_t> count_at(const JsonValue& object, std::string_view key) {
  const auto value = integer_at(object, key);
  return value && *value >= 0 ? std::optional{static_cast<std::uint64_t>(*value)} : std::nullopt;
}

/// "at://did/app.bsky.feed.post/RKEY" -> "RKEY"
std::string_view record_key(std::string_view uri) {
  return uri.substr(uri.rfind('/') + 1);
}

std::string page_of(const Author& author, std::string_view uri) {
  const bool known = !author.handle.empty() && author.handle != "handle.invalid";
  return fmt::format("https://bsky.app/profile/{}/post/{}", known ? author.handle : author.id,
                     record_key(uri));
}

struct Facet {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string_view words;  ///< the part of the text; empty where the offsets are wrong
};

/// Offsets are UTF-8 bytes and come from the author's client: they may lie anywhere.
Facet read_span(const JsonValue& facet, std::string_view text) {
  const JsonValue* index = object_at(facet, "index");
  if (index == nullptr) return {};
  const auto begin = count_at(*index, "byteStart");
  const auto end = count_at(*index, "byteEnd");
  if (!begin || !end || *begin >= *end || *end > text.size()) return {};
  const std::string_view words = text.substr(*begin, *end - *begin);
  if (!is_utf8(words)) return {};
  return {*begin, *end, words};
}

void read_feature(const JsonValue& feature, const Facet& facet, Post& post) {
  const std::string_view type = string_at(feature, "$type");
  if (type.ends_with("#mention")) {
    const bool named = facet.words.size() > 1 && facet.words.front() == '@';
    add_once(post.mentions, named ? std::string{facet.words.substr(1)} : clean_at(feature, "did"));
  } else if (type.ends_with("#link")) {
    add_once(post.links, clean_at(feature, "uri"));
  } else if (type.ends_with("#tag")) {
    add_once(post.hashtags, clean_at(feature, "tag"));
  }
}

/// Reads the facets and returns the text without the words they cover: a link is often shown cut
/// short.
std::string read_facets(const JsonValue& record, std::string_view text, Post& post) {
  std::string rest{text};
  const JsonValue* facets = array_at(record, "facets");
  if (facets == nullptr) return rest;
  for (const JsonValue& facet : facets->GetArray()) {
    const Facet span = read_span(facet, text);
    const JsonValue* features = array_at(facet, "features");
    if (features == nullptr) continue;
    for (const JsonValue& feature : features->GetArray()) read_feature(feature, span, post);
    if (!features->Empty())
      std::fill(rest.begin() + static_cast<std::ptrdiff_t>(span.begin),
                rest.begin() + static_cast<std::ptrdiff_t>(span.end), ' ');
  }
  return rest;
}

/// Descriptions of pictures and films are the author's words; a link card gives a link.
void read_embed(const JsonValue& embed, Post& post, std::string& extra) {
  if (const JsonValue* images = array_at(embed, "images")) {
    for (const JsonValue& image : images->GetArray()) add_paragraph(extra, clean_at(image, "alt"));
  }
  add_paragraph(extra, clean_at(embed, "alt"));
  if (const JsonValue* card = object_at(embed, "external"))
    add_once(post.links, clean_at(*card, "uri"));
  if (const JsonValue* media = object_at(embed, "media"))
    read_embed(*media, post, extra);  // record with media: one level, JSON is bounded
}

/// The address of a post names its author, should the view not.
std::string did_of(std::string_view uri) {
  if (!uri.starts_with("at://did:")) return {};
  uri.remove_prefix(5);
  return std::string{uri.substr(0, uri.find('/'))};
}

void read_author(const JsonValue& view, Post& post) {
  if (const JsonValue* author = object_at(view, "author")) {
    post.author.id = clean_at(*author, "did");
    post.author.name = clean_at(*author, "displayName");
    post.author.handle = clean_at(*author, "handle");
    post.author.followers = count_at(*author, "followersCount");
  }
  if (post.author.id.empty()) post.author.id = did_of(post.id);
}

Result<Post> read_post(const JsonValue& view) {
  Post post;
  post.id = clean_at(view, "uri");
  if (post.id.empty()) return permanent("a post has no uri");
  const JsonValue* record = object_at(view, "record");
  if (record == nullptr) return permanent("a post has no record");
  const JsonValue* words = find(*record, "text");
  if (words == nullptr || !words->IsString()) return permanent("a post's record has no text");

  read_author(view, post);
  post.url = page_of(post.author, post.id);
  post.created_at = parse_rfc3339(string_at(*record, "createdAt"));
  if (!post.created_at)  // the author's client wrote nonsense; the server's own time is near
    post.created_at = parse_rfc3339(string_at(view, "indexedAt"));
  if (const auto languages = strings_at(*record, "langs"); !languages.empty())
    post.language = clean_utf8(languages.front());
  if (const JsonValue* reply = object_at(*record, "reply")) {
    if (const JsonValue* parent = object_at(*reply, "parent"))
      post.in_reply_to = clean_at(*parent, "uri");
    if (const JsonValue* root = object_at(*reply, "root"))
      post.conversation = clean_at(*root, "uri");
  }

  const std::string_view text{words->GetString(), words->GetStringLength()};
  std::string readable = read_facets(*record, text, post);
  for (std::string& tag : strings_at(*record, "tags")) add_once(post.hashtags, clean_utf8(tag));
  std::string extra;
  if (const JsonValue* embed = object_at(*record, "embed")) read_embed(*embed, post, extra);
  std::string whole = clean_utf8(text);
  if (!extra.empty()) whole += (whole.empty() ? "" : "\n") + extra;
  readable += '\n' + extra;
  finish_text(post, std::move(whole), readable);
  return post;
}

/// A notification or a postView; likes, follows and the like are counted but give no post.
void add_view(const JsonValue& view, BlueskyPage& page, ItemWatch* watch) {
  if (!view.IsObject()) {
    page.parsed.bad.push_back(bad_item(view, {}, "an item is no object"));
    return;
  }
  const JsonValue* author = object_at(view, "author");
  page.items.push_back({clean_at(view, "uri"), clean_at(view, "cid"),
                        author != nullptr ? clean_at(*author, "did") : std::string{}});
  if (set_aside(view, clean_at(view, "uri"), watch, page.parsed.bad)) return;
  if (const JsonValue* record = object_at(view, "record")) {
    const std::string_view type = string_at(*record, "$type");
    if (!type.empty() && type != kPostType) return;
  }
  if (auto post = read_post(view)) {
    page.parsed.posts.push_back(std::move(*post));
  } else {
    page.parsed.bad.push_back(bad_item(view, clean_at(view, "uri"), post.error().message));
  }
}

/// Parents (the oldest first), the post, its replies in reading order. A stack instead of
/// recursion.
void add_thread(const JsonValue& thread, BlueskyPage& page, ItemWatch* watch) {
  std::vector<const JsonValue*> parents;
  for (const JsonValue* up = object_at(thread, "parent"); up != nullptr;
       up = object_at(*up, "parent"))
    parents.push_back(up);
  std::reverse(parents.begin(), parents.end());
  for (const JsonValue* up : parents) {
    if (const JsonValue* post = object_at(*up, "post")) add_view(*post, page, watch);
  }
  std::vector<const JsonValue*> open{&thread};
  while (!open.empty()) {
    const JsonValue* node = open.back();
    open.pop_back();
    if (const JsonValue* post = object_at(*node, "post"))
      add_view(*post, page, watch);  // notFoundPost and blockedPost have none
    const JsonValue* replies = array_at(*node, "replies");
    if (replies == nullptr) continue;
    for (rapidjson::SizeType i = replies->Size(); i > 0; --i) open.push_back(&(*replies)[i - 1]);
  }
}

/// A list of postViews or notifications without the object around it, or one of them.
bool add_bare(const JsonValue& document, BlueskyPage& page, ItemWatch* watch) {
  if (document.IsArray()) {
    for (const JsonValue& item : document.GetArray()) {
      const JsonValue* post = object_at(item, "post");
      add_view(post != nullptr ? *post : item, page, watch);
    }
    return true;
  }
  if (object_at(document, "record") != nullptr) return add_view(document, page, watch), true;
  if (const JsonValue* post = object_at(document, "post"))
    return add_view(*post, page, watch), true;
  return false;
}

Result<JsonDocument> read_document(std::string_view body, bool list_allowed = false) {
  auto document = parse_body(body);
  if (!document) return document;
  if (list_allowed && document->IsArray()) return document;
  if (!document->IsObject()) return permanent("no object of the AT Protocol");
  if (const std::string_view error = string_at(*document, "error"); !error.empty()) {
    return permanent(fmt::format("the server says: {}: {}", printable(cut_utf8(error, 100)),
                                 printable(cut_utf8(string_at(*document, "message"), 200))));
  }
  return document;
}
}  // namespace

Result<BlueskyPage> parse_bluesky(std::string_view body, ItemWatch* watch) {
  auto document = read_document(body, true);
  if (!document) return document.error();
  BlueskyPage page;
  page.cursor = clean_at(*document, "cursor");
  if (const JsonValue* list = array_at(*document, "notifications")) {
    for (const JsonValue& item : list->GetArray()) add_view(item, page, watch);
  } else if (const JsonValue* posts = array_at(*document, "posts")) {
    for (const JsonValue& item : posts->GetArray()) add_view(item, page, watch);
  } else if (const JsonValue* feed = array_at(*document, "feed")) {
    for (const JsonValue& item : feed->GetArray()) {
      const JsonValue* post = object_at(item, "post");
      add_view(post != nullptr ? *post : item, page, watch);
    }
  } else if (const JsonValue* thread = object_at(*document, "thread")) {
    add_thread(*thread, page, watch);
  } else if (!add_bare(*document, page, watch)) {
    return permanent("no notifications, posts, feed or thread of the AT Protocol");
  }
  return page;
}

Result<std::vector<std::pair<std::string, std::uint64_t>>> parse_bluesky_profiles(
    std::string_view body) {
  auto document = read_document(body);
  if (!document) return document.error();
  const JsonValue* profiles = array_at(*document, "profiles");
  if (profiles == nullptr) return permanent("no profiles of the AT Protocol");
  std::vector<std::pair<std::string, std::uint64_t>> found;
  for (const JsonValue& profile : profiles->GetArray()) {
    std::string did = clean_at(profile, "did");
    const auto followers = count_at(profile, "followersCount");
    if (!did.empty() && followers) found.emplace_back(std::move(did), *followers);
  }
  return found;
}

}  // namespace earshot

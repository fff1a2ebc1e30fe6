#include <fmt/format.h>

#include <cmath>

#include "earshot/core/utf8.hpp"
#include "earshot/sources/parse/social.hpp"
#include "post_parts.hpp"

namespace earshot {

namespace {
constexpr std::string_view kSite = "https://www.reddit.com";

bool is_gone(std::string_view text) {
  return text == "[deleted]" || text == "[removed]" || text == "[ Removed by Reddit ]";
}

/// Seconds since 1970, with a fraction; `edited` is false where it never happened.
std::optional<Instant> instant_at(const JsonValue& data, std::string_view key) {
  const auto value = number_at(data, key);
  if (!value || !std::isfinite(*value) || std::abs(*value) > 1e11) return std::nullopt;
  return from_unix_ms(static_cast<std::int64_t>(std::llround(*value * 1000)));
}

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

/// "u/name" and "/u/name": how people are mentioned there.
void read_mentions(std::string_view text, std::vector<std::string>& into) {
  for (std::size_t at = text.find("u/"); at != std::string_view::npos;
       at = text.find("u/", at + 2)) {
    std::size_t start = at;
    if (start > 0 && text[start - 1] == '/') --start;
    if (start > 0 &&
        (is_name_char(text[start - 1]) || text[start - 1] == '/' || text[start - 1] == '.'))
      continue;
    std::size_t end = at + 2;
    while (end < text.size() && is_name_char(text[end])) ++end;
    if (const std::size_t length = end - at - 2; length >= 3 && length <= 20)
      add_once(into, std::string{text.substr(at + 2, length)});
  }
}

std::string absolute(std::string_view path) {
  if (path.empty()) return {};
  return path.front() == '/' ? std::string{kSite} + std::string{path} : std::string{path};
}

std::string page_of(const JsonValue& data) {
  std::string url = absolute(clean_at(data, "permalink"));
  return url.empty() ? absolute(clean_at(data, "context")) : url;
}

void read_author(const JsonValue& data, Author& author) {
  author.handle = clean_at(data, "author");
  if (author.handle == "[deleted]") author.handle.clear();
  author.id = clean_at(data, "author_fullname");
  if (author.id.empty()) author.id = author.handle;
  author.name = author.handle;
}

Result<Post> read_thing(const JsonValue& thing) {
  const JsonValue* data = object_at(thing, "data");
  if (data == nullptr) return permanent("a thing has no data");
  const std::string kind = clean_at(thing, "kind");
  Post post;
  post.id = clean_at(*data, "name");
  if (const std::string id = clean_at(*data, "id"); post.id.empty() && !id.empty())
    post.id = kind + "_" + id;
  if (post.id.empty()) return permanent("a thing has no name");
  const bool is_link = kind == "t3";
  const JsonValue* words = find(*data, is_link ? "selftext" : "body");
  if (!is_link && (words == nullptr || !words->IsString()))
    return permanent("a comment has no body");

  read_author(*data, post.author);
  post.url = page_of(*data);
  post.title = unescape_markup(clean_at(*data, is_link ? "title" : "subject"));
  if (kind == "t1")
    post.title.clear();  // mentions in the inbox call every comment "username mention"
  post.created_at = instant_at(*data, "created_utc");
  post.updated_at = instant_at(*data, "edited");
  post.is_public = kind != "t4";
  if (!is_link) {
    post.in_reply_to = clean_at(*data, "parent_id");
    post.conversation = clean_at(*data, "link_id");
  } else if (!flag_at(*data, "is_self")) {
    if (std::string link = absolute(unescape_markup(clean_at(*data, "url")));
        link.find("://") != std::string::npos)
      add_once(post.links, std::move(link));
  }

  std::string text = unescape_markup(clean_at(*data, is_link ? "selftext" : "body"));
  const std::string_view removed = string_at(*data, "removed_by_category");
  const bool orphan = string_at(*data, "author") == "[deleted]" && trim(text).empty();
  post.deleted = is_gone(trim(text)) || !removed.empty() || orphan;
  if (is_gone(trim(text))) text.clear();
  read_mentions(text, post.mentions);
  const std::string readable = post.title + "\n" + text;
  finish_text(post, std::move(text), readable);
  return post;
}

/// Things in reading order: a comment, then its replies. A stack instead of recursion.
/// `lone`: a thing without a listing around it.
void add_listing(const JsonValue& listing, RedditPage& page, bool lone = false) {
  std::vector<const JsonValue*> open;
  const auto push_children = [&](const JsonValue& list) {
    const JsonValue* data = object_at(list, "data");
    const JsonValue* children = data != nullptr ? array_at(*data, "children") : nullptr;
    if (children == nullptr) return;
    for (rapidjson::SizeType i = children->Size(); i > 0; --i) open.push_back(&(*children)[i - 1]);
  };
  if (lone)
    open.push_back(&listing);
  else
    push_children(listing);
  while (!open.empty()) {
    const JsonValue& thing = *open.back();
    open.pop_back();
    const std::string_view kind = string_at(thing, "kind");
    if (thing.IsObject() && !kind.empty() && kind != "t1" && kind != "t3" && kind != "t4")
      continue;  // "more", subreddits, accounts
    const JsonValue* data = object_at(thing, "data");
    std::string name = data != nullptr ? clean_at(*data, "name") : std::string{};
    page.names.push_back(name);
    if (auto post = read_thing(thing)) {
      page.parsed.posts.push_back(std::move(*post));
    } else {
      page.parsed.bad.push_back(bad_item(thing, std::move(name), post.error().message));
    }
    if (const JsonValue* replies = data != nullptr ? object_at(*data, "replies") : nullptr)
      push_children(*replies);
  }
}

bool is_thing(const JsonValue& value) {
  const std::string_view kind = string_at(value, "kind");
  return (kind == "t1" || kind == "t3" || kind == "t4") && object_at(value, "data") != nullptr;
}

bool is_listing(const JsonValue& value) {
  return value.IsObject() && string_at(value, "kind") == "Listing" &&
         object_at(value, "data") != nullptr;
}
}  // namespace

Result<RedditPage> parse_reddit(std::string_view body) {
  auto document = parse_body(body);
  if (!document) return document.error();
  RedditPage page;
  if (is_listing(*document)) {
    add_listing(*document, page);
    page.after = clean_at(*object_at(*document, "data"), "after");
    return page;
  }
  if (document->IsArray() && !document->Empty() && is_listing((*document)[0])) {
    for (const JsonValue& listing : document->GetArray()) add_listing(listing, page);
    return page;
  }
  if (is_thing(*document)) {
    add_listing(*document, page, true);
    return page;
  }
  if (document->IsArray() && !document->Empty() && is_thing((*document)[0])) {
    for (const JsonValue& thing : document->GetArray()) add_listing(thing, page, true);
    return page;
  }
  if (document->IsObject() && find(*document, "error") != nullptr) {
    const std::string_view reason = string_at(*document, "reason").empty()
                                        ? string_at(*document, "message")
                                        : string_at(*document, "reason");
    return permanent(fmt::format("the server says: {} {}", id_at(*document, "error"),
                                 printable(cut_utf8(reason, 200))));
  }
  return permanent("no listing or thread of Reddit");
}

}  // namespace earshot

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "earshot/core/json.hpp"
#include "earshot/core/utf8.hpp"
#include "feed_dates.hpp"
#include "feed_kinds.hpp"
#include "feed_text.hpp"
#include "json_salvage.hpp"
#include "json_tidy.hpp"

namespace earshot {
namespace {

std::string clean_at(const JsonValue& object, std::string_view key) {
  return clean_utf8(trim(string_at(object, key)));
}

constexpr std::size_t kRaw = std::size_t{64} << 10U;  ///< kept of a document that ends early

/// A string, or the number that careless writers put there.
std::string word_at(const JsonValue& object, std::string_view key) {
  const JsonValue* value = find(object, key);
  if (value == nullptr) return {};
  if (value->IsInt64()) return std::to_string(value->GetInt64());
  if (value->IsUint64()) return std::to_string(value->GetUint64());
  if (value->IsDouble()) return fmt::format("{}", value->GetDouble());
  return clean_at(object, key);
}

/// The first of `authors` (1.1), else `author` (1.0), which may be a bare string.
Author author_at(const JsonValue& object) {
  const JsonValue* one = nullptr;
  if (const JsonValue* list = find(object, "authors");
      list != nullptr && list->IsArray() && !list->Empty())
    one = &(*list)[0];
  if (one == nullptr) one = find(object, "author");
  if (one == nullptr) return {};
  if (one->IsString()) return author_of(clean_utf8({one->GetString(), one->GetStringLength()}));
  if (!one->IsObject()) return {};
  return author_of(clean_at(*one, "name"), clean_at(*one, "url"), clean_at(*one, "email"));
}

std::optional<Instant> date_at(const JsonValue& object, std::string_view key) {
  const std::string word = word_at(object, key);
  return word.empty() ? std::nullopt : parse_feed_date(word);
}

void add_attachments(const JsonValue& item, Post& post) {
  const JsonValue* list = find(item, "attachments");
  if (list == nullptr || !list->IsArray()) return;
  for (const JsonValue& file : list->GetArray()) {
    const std::string url = clean_at(file, "url");
    if (url.empty()) continue;
    Attachment attachment;
    attachment.name = clean_at(file, "title");
    if (attachment.name.empty()) attachment.name = url.substr(url.rfind('/') + 1);
    attachment.type = clean_at(file, "mime_type");
    if (const auto bytes = integer_at(file, "size_in_bytes"); bytes && *bytes > 0)
      attachment.bytes = static_cast<std::uint64_t>(*bytes);
    post.attachments.push_back(std::move(attachment));
  }
}

Post item_post(const JsonValue& item, const std::string& base) {
  Post post;
  post.id = word_at(item, "id");
  post.url = feed_url(base, clean_at(item, "url"));
  if (post.url.empty()) post.url = feed_url(base, clean_at(item, "external_url"));
  if (post.url.empty() && (post.id.starts_with("http://") || post.id.starts_with("https://")))
    post.url = post.id;
  post.title = feed_text(clean_at(item, "title"), TextKind::plain, base).text;
  const std::string& item_base = base.empty() ? post.url : base;
  FeedText html = feed_text(clean_at(item, "content_html"), TextKind::html, item_base);
  FeedText plain = feed_text(clean_at(item, "content_text"), TextKind::plain, item_base);
  post.text = std::move(plain.text.size() * 2 > html.text.size() || html.text.empty() ? plain.text
                                                                                      : html.text);
  if (post.text.empty())
    post.text = feed_text(clean_at(item, "summary"), TextKind::plain, item_base).text;
  post.truncated = html.truncated;
  post.created_at = date_at(item, "date_published");
  post.updated_at = date_at(item, "date_modified");
  if (!post.created_at) post.created_at = post.updated_at;
  post.author = author_at(item);
  post.language = clean_at(item, "language");
  add_attachments(item, post);
  const std::string date = word_at(item, "date_published");
  finish_post(post, std::move(html.links), date);
  return post;
}

/// What had to be done to a document before it could be read.
struct Mended {
  std::vector<std::string> warnings;
  std::vector<std::string> lost;  ///< broken items
  bool cut = false;               ///< it ends inside an item
};

std::size_t item_count(const Result<JsonDocument>& document) {
  const JsonValue* items = document && document->IsObject() ? find(*document, "items") : nullptr;
  return items != nullptr && items->IsArray() ? items->Size() : 0;
}

/// The document as it stands, else tidied, else its whole items. The error is the first one's.
Result<JsonDocument> read_document(std::string_view text, Mended& mended) {
  auto document = parse_json(text);
  if (document) return document;
  TidyJson tidy = tidy_json(text);
  auto tidied = parse_json(tidy.json);
  mended.warnings = std::move(tidy.warnings);
  mended.cut = tidy.cut;
  tidy.json = {};
  // A quote too many makes a whole document look as if it ended early.
  if (tidied && !(tidy.cut && trim(text).ends_with('}'))) return tidied;
  const bool whole = tidied.ok();
  const std::size_t count = item_count(tidied);
  tidied = permanent("");  // one tree at a time
  SalvagedJson salvaged = salvage_items(text);
  auto rest = parse_json(salvaged.json);
  if (rest && item_count(rest) > count) {
    mended = {.warnings = {}, .lost = std::move(salvaged.lost), .cut = false};
    return rest;
  }
  if (!whole) return document;
  rest = permanent("");
  return parse_json(tidy_json(text).json);
}

}  // namespace

Result<ParsedFeed> parse_json_feed(std::string_view text, std::string_view base_url,
                                   ItemWatch* watch) {
  Mended mended;
  auto document = read_document(text, mended);
  if (!document) return permanent("no JSON Feed: " + document.error().message);
  const JsonValue* items = find(*document, "items");
  if (!document->IsObject() || items == nullptr || !items->IsArray())
    return permanent("no JSON Feed: it has no list \"items\"");
  ParsedFeed feed;
  feed.kind = FeedKind::json;
  feed.warnings = std::move(mended.warnings);
  for (std::string& raw : mended.lost)
    feed.bad.push_back({.id = {}, .raw = std::move(raw), .reason = "not JSON"});
  if (mended.cut) {
    feed.bad.push_back({.id = {},
                        .raw = std::string{text.substr(text.size() - std::min(text.size(), kRaw))},
                        .reason = "the document ends inside an item"});
  }
  if (string_at(*document, "version").find("jsonfeed.org") == std::string_view::npos)
    feed.warnings.emplace_back("\"version\" does not name JSON Feed");
  feed.title = clean_at(*document, "title");
  std::string base{base_url};
  feed.home = feed_url(base, clean_at(*document, "home_page_url"));
  if (base.empty()) base = clean_at(*document, "feed_url");
  if (base.empty()) base = feed.home;
  feed.next_url = feed_url(base, clean_at(*document, "next_url"));
  const Author author = author_at(*document);
  const std::string language = clean_at(*document, "language");
  for (rapidjson::SizeType i = 0; i < items->Size(); ++i) {
    if (feed.posts.size() == kFeedItems) {
      feed.warnings.push_back(
          fmt::format("only the first {} of {} items were read", kFeedItems, items->Size()));
      break;
    }
    const JsonValue& item = (*items)[i];
    if (!item.IsObject()) {
      JsonWriter raw;
      raw.value(item);
      feed.bad.push_back(
          {.id = {}, .raw = raw.take(), .reason = fmt::format("items[{}] is no object", i)});
      continue;
    }
    if (watch != nullptr) {
      JsonWriter raw;
      raw.value(item);
      std::string text_of_item = raw.take();
      if (!watch->may_read(text_of_item)) {
        feed.bad.push_back({word_at(item, "id"), std::move(text_of_item), std::string{kPoison}});
        continue;
      }
    }
    Post post = item_post(item, base);
    if (post.id.starts_with("hash:") && post.title.empty() && post.text.empty()) continue;
    if (post.author.name.empty() && post.author.id.empty()) post.author = author;
    if (post.language.empty()) post.language = language;
    feed.posts.push_back(std::move(post));
  }
  return feed;
}

}  // namespace earshot

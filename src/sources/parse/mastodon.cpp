#include <fmt/format.h>

#include <algorithm>

#include "earshot/core/utf8.hpp"
#include "earshot/sources/parse/social.hpp"
#include "earshot/text/html.hpp"
#include "post_parts.hpp"

namespace earshot {

namespace {
using namespace std::string_view_literals;

/// The kinds that bring somebody's words. A favourite or boost of our post brings our own words
/// back.
bool brings_words(std::string_view type) {
  return type == "mention" || type == "status" || type == "update" || type == "quote";
}

/// The value of an attribute inside one tag, as written; "" where there is none.
std::string_view attribute(std::string_view tag, std::string_view name) {
  for (std::size_t at = tag.find(name); at != std::string_view::npos; at = tag.find(name, at + 1)) {
    const char previous = at > 0 ? tag[at - 1] : 'x';
    std::string_view rest = tag.substr(at + name.size());
    if ((previous != ' ' && previous != '\n' && previous != '\t') || !rest.starts_with('=') ||
        rest.size() < 2)
      continue;
    const char quote = rest[1];
    if (quote != '"' && quote != '\'') continue;
    rest.remove_prefix(2);
    return rest.substr(0, rest.find(quote));
  }
  return {};
}

bool has_word(std::string_view list, std::string_view word) {
  for (std::size_t at = list.find(word); at != std::string_view::npos;
       at = list.find(word, at + 1)) {
    const bool starts = at == 0 || list[at - 1] == ' ';
    const bool ends = at + word.size() == list.size() || list[at + word.size()] == ' ';
    if (starts && ends) return true;
  }
  return false;
}

/// Addresses behind @mentions and #tags of the HTML: they are no links of the author's.
std::vector<std::string> machine_links(std::string_view html) {
  std::vector<std::string> found;
  for (std::size_t at = html.find("<a "); at != std::string_view::npos && found.size() < 1000;
       at = html.find("<a ", at)) {
    std::string_view tag = html.substr(at, 4096);
    tag = tag.substr(0, tag.find('>'));
    at += tag.size();  // no byte is looked at twice, whatever never ends
    const std::string_view kind = attribute(tag, "class");
    if (has_word(kind, "mention") || has_word(kind, "hashtag") ||
        has_word(attribute(tag, "rel"), "tag")) {
      found.push_back(decode_entities(attribute(tag, "href")));
    }
  }
  return found;
}

void read_lists(const JsonValue& status, Post& post, std::vector<std::string>& machine) {
  if (const JsonValue* mentions = array_at(status, "mentions")) {
    for (const JsonValue& mention : mentions->GetArray()) {
      std::string acct = clean_at(mention, "acct");
      add_once(post.mentions, acct.empty() ? clean_at(mention, "username") : std::move(acct));
      machine.push_back(clean_at(mention, "url"));
    }
  }
  if (const JsonValue* tags = array_at(status, "tags")) {
    for (const JsonValue& tag : tags->GetArray()) {
      add_once(post.hashtags, clean_at(tag, "name"));
      machine.push_back(clean_at(tag, "url"));
    }
  }
}

void read_author(const JsonValue& account, Author& author) {
  author.id = id_at(account, "id");
  author.name = clean_at(account, "display_name");
  author.handle = clean_at(account, "acct");
  if (author.handle.empty()) author.handle = clean_at(account, "username");
  if (const auto followers = integer_at(account, "followers_count"); followers && *followers >= 0) {
    author.followers = static_cast<std::uint64_t>(*followers);
  }
}

Result<Post> read_status(const JsonValue& status) {
  if (!status.IsObject()) return permanent("a status is no object");
  Post post;
  post.id = id_at(status, "id");
  if (post.id.empty()) return permanent("a status has no id");
  const JsonValue* content = find(status, "content");
  if (content == nullptr || !content->IsString()) return permanent("a status has no content");

  // Words without an author are words still; the author is unknown then.
  if (const JsonValue* account = object_at(status, "account")) read_author(*account, post.author);
  post.url = clean_at(status, "url");
  if (post.url.empty()) post.url = clean_at(status, "uri");
  post.created_at = parse_rfc3339(string_at(status, "created_at"));
  post.updated_at = parse_rfc3339(string_at(status, "edited_at"));
  post.language = clean_at(status, "language");
  post.in_reply_to = id_at(status, "in_reply_to_id");
  const std::string_view visibility = string_at(status, "visibility");
  post.is_public = visibility.empty() || visibility == "public" || visibility == "unlisted";

  std::vector<std::string> machine;
  read_lists(status, post, machine);
  const std::string_view html{content->GetString(), content->GetStringLength()};
  HtmlText body = html_to_text(html, {.base_url = post.url});
  for (std::string& link : machine_links(html)) machine.push_back(std::move(link));
  std::sort(machine.begin(), machine.end());
  for (std::string& link : body.links) {
    if (!std::binary_search(machine.begin(), machine.end(), link))
      add_once(post.links, std::move(link));
  }

  std::string text;
  add_paragraph(text, clean_at(status, "spoiler_text"));
  add_paragraph(text, clean_utf8(body.text));
  const JsonValue* poll = object_at(status, "poll");
  if (const JsonValue* options = poll != nullptr ? array_at(*poll, "options") : nullptr) {
    for (const JsonValue& option : options->GetArray())
      add_paragraph(text, clean_at(option, "title"));
  }
  if (const JsonValue* media = array_at(status, "media_attachments")) {
    for (const JsonValue& file : media->GetArray())
      add_paragraph(text, clean_at(file, "description"));
  }
  const std::string readable = text;
  finish_text(post, std::move(text), readable);
  post.truncated = post.truncated || body.truncated;
  return post;
}

void add_status(const JsonValue& item, MastodonPage& page) {
  const JsonValue* boosted = object_at(item, "reblog");
  const JsonValue& status = boosted != nullptr ? *boosted : item;
  if (auto post = read_status(status)) {
    page.items.back().edited = clean_at(status, "edited_at");
    page.items.back().post = page.parsed.posts.size();
    page.parsed.posts.push_back(std::move(*post));
  } else {
    page.parsed.bad.push_back(bad_item(item, id_at(item, "id"), post.error().message));
  }
}

void add_statuses(const JsonValue* list, MastodonPage& page, ItemWatch* watch) {
  if (list == nullptr) return;
  for (const JsonValue& item : list->GetArray()) {
    page.items.push_back({id_at(item, "id"), {}, {}});
    if (!set_aside(item, id_at(item, "id"), watch, page.parsed.bad)) add_status(item, page);
  }
}

/// A list holds notifications or statuses.
void add_item(const JsonValue& item, MastodonPage& page, ItemWatch* watch) {
  page.items.push_back({id_at(item, "id"), {}, {}});
  if (set_aside(item, id_at(item, "id"), watch, page.parsed.bad)) return;
  const bool notification =
      item.IsObject() && find(item, "type") != nullptr && find(item, "content") == nullptr;
  if (!notification) return add_status(item, page);
  if (!brings_words(string_at(item, "type"))) return;
  const JsonValue* status = find(item, "status");
  if (status == nullptr || status->IsNull()) {
    page.parsed.bad.push_back(bad_item(item, id_at(item, "id"), "a notification has no status"));
    return;
  }
  add_status(*status, page);
}
}  // namespace

Result<MastodonPage> parse_mastodon(std::string_view body, ItemWatch* watch) {
  auto document = parse_body(body);
  if (!document) return document.error();
  MastodonPage page;
  if (document->IsArray()) {
    for (const JsonValue& item : document->GetArray()) add_item(item, page, watch);
    return page;
  }
  if (!document->IsObject()) return permanent("neither a list nor an object of Mastodon's API");
  if (const JsonValue* error = find(*document, "error");
      error != nullptr && find(*document, "id") == nullptr) {
    return permanent(fmt::format("the server says: {}",
                                 printable(cut_utf8(string_at(*document, "error"), 200))));
  }
  if (find(*document, "content") != nullptr || object_at(*document, "status") != nullptr) {
    add_item(*document, page, watch);
    return page;
  }
  const JsonValue* statuses = array_at(*document, "statuses");
  const JsonValue* before = array_at(*document, "ancestors");
  const JsonValue* after = array_at(*document, "descendants");
  if (statuses == nullptr && before == nullptr && after == nullptr)
    return permanent("no status, search result or context of Mastodon's API");
  add_statuses(statuses, page, watch);
  add_statuses(before, page, watch);
  add_statuses(after, page, watch);
  return page;
}

}  // namespace earshot

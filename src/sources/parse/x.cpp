#include <fmt/format.h>

#include <unordered_map>

#include "earshot/core/utf8.hpp"
#include "earshot/sources/parse/social.hpp"
#include "post_parts.hpp"

namespace earshot {

namespace {
using ById = std::unordered_map<std::string, const JsonValue*>;

/// What stands beside the posts and is named by its id there.
struct Includes {
  ById users;
  ById media;
  ById polls;
};

/// The same member under its old or its new name.
const JsonValue* either(const JsonValue& object, std::string_view old_name,
                        std::string_view new_name) {
  const JsonValue* value = find(object, old_name);
  return value != nullptr && !value->IsNull() ? value : find(object, new_name);
}

/// Long posts have their full text, and its entities, in a note; "text" is cut there.
const JsonValue* note_of(const JsonValue& item) {
  const JsonValue* note = either(item, "note_tweet", "note_post");
  return note != nullptr && note->IsObject() && !string_at(*note, "text").empty() ? note : nullptr;
}

void read_author(const JsonValue& item, const Includes& includes, Author& author) {
  author.id = id_at(item, "author_id");
  const auto it = includes.users.find(author.id);
  if (it == includes.users.end()) return;  // protected or suspended: the id is all there is
  author.name = unescape_markup(clean_at(*it->second, "name"));
  author.handle = clean_at(*it->second, "username");
  if (const JsonValue* metrics = object_at(*it->second, "public_metrics")) {
    if (const auto followers = integer_at(*metrics, "followers_count");
        followers && *followers >= 0) {
      author.followers = static_cast<std::uint64_t>(*followers);
    }
  }
}

/// Words under `key` of the entities in list `kind`.
void read_words(const JsonValue& entities, std::string_view kind, std::string_view key,
                std::vector<std::string>& into) {
  const JsonValue* list = array_at(entities, kind);
  if (list == nullptr) return;
  for (const JsonValue& entity : list->GetArray()) add_once(into, clean_at(entity, key));
}

/// Links are shortened in the text; the list has what they stand for. `readable` loses the short
/// forms.
void read_links(const JsonValue& entities, Post& post, std::string& readable) {
  const JsonValue* list = array_at(entities, "urls");
  if (list == nullptr) return;
  for (const JsonValue& entity : list->GetArray()) {
    std::string shown = clean_at(entity, "url");
    std::string target = clean_at(entity, "expanded_url");
    if (target.empty()) target = clean_at(entity, "unwound_url");
    add_once(post.links, target.empty() ? shown : std::move(target));
    if (shown.size() < 8) continue;
    for (std::size_t at = readable.find(shown); at != std::string::npos;
         at = readable.find(shown, at + shown.size())) {
      readable.replace(at, shown.size(), shown.size(), ' ');
    }
  }
}

/// The choices of a poll and the descriptions of pictures are the author's words too.
std::string attached_words(const JsonValue& item, const Includes& includes) {
  std::string words;
  const JsonValue* attachments = object_at(item, "attachments");
  if (attachments == nullptr) return words;
  for (const std::string& id : strings_at(*attachments, "poll_ids")) {
    const auto it = includes.polls.find(id);
    const JsonValue* options =
        it != includes.polls.end() ? array_at(*it->second, "options") : nullptr;
    if (options == nullptr) continue;
    for (const JsonValue& option : options->GetArray())
      add_paragraph(words, clean_at(option, "label"));
  }
  for (const std::string& key : strings_at(*attachments, "media_keys")) {
    const auto it = includes.media.find(key);
    if (it != includes.media.end()) add_paragraph(words, clean_at(*it->second, "alt_text"));
  }
  return words;
}

void read_references(const JsonValue& item, Post& post) {
  const JsonValue* list = either(item, "referenced_tweets", "referenced_posts");
  if (list == nullptr || !list->IsArray()) return;
  for (const JsonValue& reference : list->GetArray()) {
    if (string_at(reference, "type") == "replied_to") post.in_reply_to = id_at(reference, "id");
  }
}

/// "und", "zxx" and X's own codes (qme, qst …) name no language.
std::string language_of(const JsonValue& item) {
  std::string language = clean_at(item, "lang");
  const bool none =
      language == "und" || language == "zxx" || (language.size() == 3 && language[0] == 'q');
  return none ? std::string{} : language;
}

Result<Post> read_post(const JsonValue& item, const Includes& includes) {
  if (!item.IsObject()) return permanent("an item is no object");
  Post post;
  post.id = id_at(item, "id");
  if (post.id.empty()) return permanent("a post has no id");
  const JsonValue* note = note_of(item);
  const JsonValue* words = find(note != nullptr ? *note : item, "text");
  if (words == nullptr || !words->IsString()) return permanent("a post has no text");
  read_author(item, includes, post.author);
  post.url = fmt::format("https://x.com/{}/status/{}",
                         post.author.handle.empty() ? "i" : post.author.handle, post.id);
  post.created_at = parse_rfc3339(string_at(item, "created_at"));
  post.language = language_of(item);
  post.conversation = id_at(item, "conversation_id");
  read_references(item, post);

  std::string text = unescape_markup(clean_utf8({words->GetString(), words->GetStringLength()}));
  const std::string more = attached_words(item, includes);
  if (!more.empty()) text += (text.empty() ? "" : "\n") + more;
  std::string readable = text;
  for (const JsonValue* source : {note, &item}) {
    const JsonValue* entities = source != nullptr ? object_at(*source, "entities") : nullptr;
    if (entities == nullptr) continue;
    read_words(*entities, "mentions", "username", post.mentions);
    read_words(*entities, "hashtags", "tag", post.hashtags);
    read_words(*entities, "cashtags", "tag", post.cashtags);
    read_links(*entities, post, readable);
  }
  finish_text(post, std::move(text), readable);
  return post;
}

std::string describe_error(const JsonValue& error) {
  std::string title = printable(cut_utf8(string_at(error, "title"), 100));
  const std::string_view detail =
      string_at(error, "detail").empty() ? string_at(error, "message") : string_at(error, "detail");
  if (!detail.empty()) title += (title.empty() ? "" : ": ") + printable(cut_utf8(detail, 200));
  return title.empty() ? "an unnamed problem" : title;
}

ById by_id(const JsonValue* includes, std::string_view kind, std::string_view key) {
  ById found;
  const JsonValue* list = includes != nullptr ? array_at(*includes, kind) : nullptr;
  if (list == nullptr) return found;
  for (const JsonValue& one : list->GetArray()) {
    if (std::string id = id_at(one, key); !id.empty()) found.emplace(std::move(id), &one);
  }
  return found;
}

Includes includes_of(const JsonValue& document) {
  const JsonValue* includes = object_at(document, "includes");
  return {by_id(includes, "users", "id"), by_id(includes, "media", "media_key"),
          by_id(includes, "polls", "id")};
}

void add_post(const JsonValue& item, const Includes& includes, XPage& page) {
  if (auto post = read_post(item, includes)) {
    page.parsed.posts.push_back(std::move(*post));
  } else {
    page.parsed.bad.push_back(bad_item(item, id_at(item, "id"), post.error().message));
  }
}
}  // namespace

Result<XPage> parse_x(std::string_view body) {
  auto document = parse_body(body);
  if (!document) return document.error();
  if (document->IsArray()) {  // the posts without the object around them
    XPage page;
    for (const JsonValue& item : document->GetArray()) add_post(item, {}, page);
    return page;
  }
  if (!document->IsObject()) return permanent("no object of the X API");
  if (find(*document, "id") != nullptr && find(*document, "text") != nullptr) {
    XPage page;
    add_post(*document, {}, page);
    return page;
  }
  const JsonValue* data = find(*document, "data");
  const JsonValue* meta = object_at(*document, "meta");
  const JsonValue* errors = array_at(*document, "errors");
  const bool has_data = data != nullptr && (data->IsArray() || data->IsObject());
  if (!has_data && meta == nullptr) {
    if (errors != nullptr && !errors->Empty())
      return permanent("the server says: " + describe_error((*errors)[0]));
    if (!string_at(*document, "title").empty())
      return permanent("the server says: " + describe_error(*document));
    return permanent("no data of the X API");
  }
  XPage page;
  const Includes includes = includes_of(*document);
  if (has_data && data->IsArray()) {
    for (const JsonValue& item : data->GetArray()) add_post(item, includes, page);
  } else if (has_data) {
    add_post(*data, includes, page);
  }
  if (errors != nullptr) {
    for (const JsonValue& error : errors->GetArray())
      page.parsed.warnings.push_back(describe_error(error));
  }
  if (meta != nullptr) {
    page.next_token = clean_at(*meta, "next_token");
    page.newest_id = id_at(*meta, "newest_id");
  }
  return page;
}

}  // namespace earshot

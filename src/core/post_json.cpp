#include "earshot/core/post_json.hpp"

#include <fmt/format.h>

#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

constexpr std::size_t kTextLimit = 256U << 10U;  // P14

void write_own_fields(JsonWriter& out, const Post& post) {
  out.text_or_null("source", post.source);
  out.field("channel", to_word(post.channel));
  out.field("public", post.is_public);
  out.field("addressed", post.addressed);
  out.text_or_null("quoted", post.quoted);
  out.key("attachments");
  out.array();
  for (const Attachment& file : post.attachments) {
    out.object();
    out.text_or_null("name", file.name);
    out.text_or_null("type", file.type);
    out.field("bytes", file.bytes);
    out.end();
  }
  out.end_array();
  if (post.truncated) out.field("truncated", true);
  if (post.deleted) out.field("deleted", true);
}

/// Reads members of one object and remembers the first one of a wrong type.
class Reader {
 public:
  explicit Reader(const JsonValue& object, std::string prefix = {})
      : object_(object), prefix_(std::move(prefix)) {}

  void text(std::string_view key, std::string& into) {
    const JsonValue* value = present(key);
    if (value == nullptr) return;
    if (!value->IsString()) return wrong(key, "a string");
    into = clean_utf8({value->GetString(), value->GetStringLength()});
  }
  /// An id may come as a number.
  void id(std::string_view key, std::string& into) {
    const JsonValue* value = present(key);
    if (value != nullptr && value->IsUint64())
      into = std::to_string(value->GetUint64());
    else
      text(key, into);
  }
  void list(std::string_view key, std::vector<std::string>& into) {
    const JsonValue* value = present(key);
    if (value == nullptr) return;
    if (!value->IsArray()) return wrong(key, "a list of strings");
    for (const JsonValue& item : value->GetArray()) {
      if (!item.IsString()) return wrong(key, "a list of strings");
      into.push_back(clean_utf8({item.GetString(), item.GetStringLength()}));
    }
  }
  void instant(std::string_view key, std::optional<Instant>& into) {
    std::string word;
    text(key, word);
    if (word.empty()) return;
    into = parse_rfc3339(word);
    if (!into) wrong(key, "an RFC 3339 date-time such as 2026-11-23T17:25:00Z");
  }
  void flag(std::string_view key, bool& into) {
    const JsonValue* value = present(key);
    if (value == nullptr) return;
    if (!value->IsBool()) return wrong(key, "true or false");
    into = value->GetBool();
  }
  void count(std::string_view key, std::optional<std::uint64_t>& into) {
    const JsonValue* value = present(key);
    if (value == nullptr) return;
    if (!value->IsUint64()) return wrong(key, "a whole number, zero or more");
    into = value->GetUint64();
  }
  const JsonValue* present(std::string_view key) const {
    const JsonValue* value = find(object_, key);
    return value == nullptr || value->IsNull() ? nullptr : value;
  }
  void wrong(std::string_view key, std::string_view wanted) {
    if (problem.empty()) problem = fmt::format("\"{}{}\" must be {}", prefix_, key, wanted);
  }

  std::string problem;

 private:
  const JsonValue& object_;
  std::string prefix_;
};

void read_author(Reader& in, Post& post) {
  const JsonValue* author = in.present("author");
  if (author == nullptr) return;
  if (author->IsString()) {  // a bare handle is convenient in replay files
    post.author.handle = clean_utf8({author->GetString(), author->GetStringLength()});
  } else if (author->IsObject()) {
    Reader fields{*author, "author."};
    fields.id("id", post.author.id);
    fields.text("name", post.author.name);
    fields.text("handle", post.author.handle);
    fields.count("followers", post.author.followers);
    if (in.problem.empty()) in.problem = fields.problem;
  } else {
    in.wrong("author", "an object {id,name,handle,followers}");
  }
  if (post.author.handle.starts_with('@')) post.author.handle.erase(0, 1);
  if (post.author.id.empty()) post.author.id = to_lower_ascii(post.author.handle);
}

void read_words(Reader& in, Post& post) {
  std::string word;
  in.text("automatic", word);
  for (const Automatic kind :
       {Automatic::auto_reply, Automatic::bounce, Automatic::list, Automatic::bulk}) {
    if (automatic_word(kind) == word) post.automatic = kind;
  }
  if (!word.empty() && post.automatic == Automatic::none)
    in.wrong("automatic", "auto-reply, bounce, list or bulk");
  word.clear();
  in.text("channel", word);
  if (const auto channel = from_word<Channel>(word)) {
    post.channel = *channel;
  } else if (!word.empty()) {
    in.wrong("channel", "post, email or review");
  }
  post.is_public = post.channel != Channel::email;
  in.flag("public", post.is_public);
}

void read_attachments(Reader& in, Post& post) {
  const JsonValue* list = in.present("attachments");
  if (list == nullptr) return;
  if (!list->IsArray()) return in.wrong("attachments", "a list");
  for (const JsonValue& item : list->GetArray()) {
    Reader fields{item, "attachments."};
    Attachment file;
    std::optional<std::uint64_t> bytes;
    fields.text("name", file.name);
    fields.text("type", file.type);
    fields.count("bytes", bytes);
    file.bytes = bytes.value_or(0);
    post.attachments.push_back(std::move(file));
  }
}

}  // namespace

void write_post(JsonWriter& out, const Post& post, bool whole) {
  out.object();
  out.text_or_null("id", post.id);
  out.text_or_null("url", post.url);
  out.key("author");
  out.object();
  out.text_or_null("id", post.author.id);
  out.text_or_null("name", post.author.name);
  out.text_or_null("handle", post.author.handle);
  out.field("followers", post.author.followers);
  out.end();
  out.text_or_null("title", post.title);
  out.text_or_null("text", post.text);
  out.field("created_at", post.created_at);
  out.field("updated_at", post.updated_at);
  out.text_or_null("language", post.language);
  out.field("mentions", post.mentions);
  out.field("hashtags", post.hashtags);
  out.field("cashtags", post.cashtags);
  out.field("links", post.links);
  out.text_or_null("in_reply_to", post.in_reply_to);
  out.text_or_null("conversation", post.conversation);
  out.text_or_null("automatic", post.automatic == Automatic::none ? std::string_view{}
                                                                  : automatic_word(post.automatic));
  if (whole) write_own_fields(out, post);
  out.end();
}

std::string to_json(const Post& post, bool whole) {
  JsonWriter out;
  write_post(out, post, whole);
  return out.take();
}

Result<Post> post_from_json(const JsonValue& value, Wordless wordless) {
  if (!value.IsObject()) return permanent("a post must be a JSON object");
  Post post;
  Reader in{value};
  in.id("id", post.id);
  in.text("url", post.url);
  read_author(in, post);
  in.text("title", post.title);
  in.text("text", post.text);
  in.instant("created_at", post.created_at);
  in.instant("updated_at", post.updated_at);
  in.text("language", post.language);
  in.list("mentions", post.mentions);
  in.list("hashtags", post.hashtags);
  in.list("cashtags", post.cashtags);
  in.list("links", post.links);
  in.id("in_reply_to", post.in_reply_to);
  in.id("conversation", post.conversation);
  read_words(in, post);
  in.list("addressed", post.addressed);
  in.text("quoted", post.quoted);
  read_attachments(in, post);
  in.flag("truncated", post.truncated);
  in.flag("deleted", post.deleted);
  if (!in.problem.empty()) return permanent(in.problem);
  const bool named = find(value, "text") != nullptr || find(value, "title") != nullptr;
  if (post.text.empty() && post.title.empty() && !(named && wordless == Wordless::allowed))
    return permanent(R"(a post needs "text" or "title")");
  if (post.text.size() > kTextLimit) {
    post.text = std::string{cut_utf8(post.text, kTextLimit)};
    post.truncated = true;
  }
  return post;
}

}  // namespace earshot

#include "post_parts.hpp"

#include <algorithm>
#include <array>
#include <unordered_set>
#include <utility>

#include "earshot/core/utf8.hpp"
#include "earshot/text/entities.hpp"
#include "json_tidy.hpp"

namespace earshot {

namespace {
constexpr std::size_t kTextLimit = std::size_t{256} << 10U;  // P14
constexpr std::size_t kRepaired =
    std::size_t{2} << 20U;  ///< larger pages are not mended: that costs a second reading
constexpr std::size_t kListLimit = 1000;  ///< entities of one kind; a hostile post has more

bool knows(const std::vector<std::string>& list, std::string_view word) {
  return std::any_of(list.begin(), list.end(),
                     [&](const std::string& known) { return equals_ignoring_case(known, word); });
}

bool knows_handle(const std::vector<std::string>& list, std::string_view handle) {
  return std::any_of(list.begin(), list.end(), [&](const std::string& known) {
    const std::string_view name{known};
    return equals_ignoring_case(name, handle) ||
           equals_ignoring_case(name.substr(0, name.find('@')), handle) ||
           equals_ignoring_case(name, handle.substr(0, handle.find('@')));
  });
}

/// The same address with and without protocol, "www." and a lone last slash.
std::string_view bare_link(std::string_view link) {
  if (const std::size_t at = link.find("://"); at <= 5) link.remove_prefix(at + 3);
  if (link.ends_with('/')) link.remove_suffix(1);
  return link;
}
}  // namespace

std::string clean_at(const JsonValue& object, std::string_view key) {
  return clean_utf8(string_at(object, key));
}

std::string id_at(const JsonValue& object, std::string_view key) {
  const JsonValue* value = find(object, key);
  if (value != nullptr && value->IsUint64()) return std::to_string(value->GetUint64());
  return clean_at(object, key);
}

const JsonValue* object_at(const JsonValue& object, std::string_view key) {
  const JsonValue* value = find(object, key);
  return value != nullptr && value->IsObject() ? value : nullptr;
}

const JsonValue* array_at(const JsonValue& object, std::string_view key) {
  const JsonValue* value = find(object, key);
  return value != nullptr && value->IsArray() ? value : nullptr;
}

void add_once(std::vector<std::string>& list, std::string word) {
  if (word.empty() || list.size() >= kListLimit ||
      std::find(list.begin(), list.end(), word) != list.end())
    return;
  list.push_back(std::move(word));
}

void add_paragraph(std::string& text, std::string_view paragraph) {
  paragraph = trim(paragraph);
  if (paragraph.empty()) return;
  if (!text.empty()) text += '\n';
  text += paragraph;
}

void finish_text(Post& post, std::string text, std::string_view readable) {
  Entities found = extract_entities(cut_utf8(readable, kTextLimit));
  const auto room = [](const std::vector<std::string>& list) { return list.size() < kListLimit; };
  for (std::string& word : found.mentions) {
    if (!room(post.mentions)) break;
    if (!knows_handle(post.mentions, word)) post.mentions.push_back(std::move(word));
  }
  for (std::string& word : found.hashtags) {
    if (!room(post.hashtags)) break;
    if (!knows(post.hashtags, word)) post.hashtags.push_back(std::move(word));
  }
  for (std::string& word : found.cashtags) {
    if (!room(post.cashtags)) break;
    if (!knows(post.cashtags, word)) post.cashtags.push_back(std::move(word));
  }
  std::unordered_set<std::string> links;
  for (const std::string& link : post.links) links.emplace(bare_link(link));
  const std::size_t marked = post.links.size();
  for (std::string& link : found.links) {
    if (!room(post.links)) break;
    // The visible half of a marked link ("shop.example/returns") is no second link.
    const auto shown = [&](const std::string& whole) {
      return whole.find(link) != std::string::npos;
    };
    const auto end = post.links.begin() + static_cast<std::ptrdiff_t>(marked);
    if (std::any_of(post.links.begin(), end, shown)) continue;
    if (!links.emplace(bare_link(link)).second) continue;
    const bool absolute = link.find("://") != std::string::npos && link.find("://") <= 5;
    post.links.push_back(absolute ? std::move(link) : "https://" + link);
  }
  const std::string_view kept = cut_utf8(text, kTextLimit);
  post.truncated = kept.size() < text.size();
  post.text = post.truncated ? std::string{kept} : std::move(text);
}

std::string unescape_markup(std::string_view text) {
  using Pair = std::pair<std::string_view, char>;
  static constexpr std::array<Pair, 6> kEscapes{{{"&amp;", '&'},
                                                 {"&lt;", '<'},
                                                 {"&gt;", '>'},
                                                 {"&quot;", '"'},
                                                 {"&#39;", '\''},
                                                 {"&#x27;", '\''}}};
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const auto hit = text[i] != '&'
                         ? kEscapes.end()
                         : std::find_if(kEscapes.begin(), kEscapes.end(), [&](const Pair& escape) {
                             return text.substr(i).starts_with(escape.first);
                           });
    out += hit == kEscapes.end() ? text[i] : hit->second;
    i += hit == kEscapes.end() ? 1 : hit->first.size();
  }
  return out;
}

BadItem bad_item(const JsonValue& item, std::string id, std::string reason) {
  JsonWriter out;
  out.value(item);
  return {std::move(id), out.take(), std::move(reason)};
}

bool set_aside(const JsonValue& item, std::string id, ItemWatch* watch, std::vector<BadItem>& bad) {
  if (watch == nullptr) return false;
  BadItem unread = bad_item(item, std::move(id), std::string{kPoison});
  if (watch->may_read(unread.raw)) return false;
  bad.push_back(std::move(unread));
  return true;
}

Result<JsonDocument> parse_body(std::string_view body) {
  auto document = parse_json(body);
  if (document) return document;
  const std::string_view start = trim(body.substr(0, 512));
  if (start.empty()) return permanent("the answer is empty");
  if (start.front() == '<')
    return permanent("a web page came instead of JSON: a sign-in or a block page?");
  // One post whose text was cut inside a character must not make its whole page unreadable. A page
  // that ends early stays an error: the next poll asks for it again.
  if (body.size() > kRepaired) return document;
  const TidyJson tidy = tidy_json(body);
  if (tidy.cut || tidy.warnings.empty()) return document;
  auto again = parse_json(tidy.json);
  return again ? std::move(again) : std::move(document);
}

}  // namespace earshot

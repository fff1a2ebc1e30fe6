#include "normalise.hpp"

#include <algorithm>

#include "earshot/core/ids.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/text/normalise.hpp"

namespace earshot {
namespace {

constexpr std::size_t kFieldLimit = 2048;
constexpr std::size_t kListLimit = 200;

void bound(std::string& field, std::size_t limit) {
  if (field.size() > limit) field = std::string{cut_utf8(field, limit)};
}

void bound(std::vector<std::string>& list) {
  if (list.size() > kListLimit) list.resize(kListLimit);
  for (std::string& item : list) bound(item, kFieldLimit);
}

bool names(const std::string& folded, const std::string& name) {
  const std::string wanted = fold(name);
  if (wanted.empty()) return false;
  for (std::size_t at = folded.find(wanted); at != std::string::npos;
       at = folded.find(wanted, at + 1)) {
    const auto letter = [&](std::size_t i) {
      const auto c = static_cast<unsigned char>(folded[i]);
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80;
    };
    const std::size_t end = at + wanted.size();
    const bool inside = (at > 0 && letter(at - 1) && letter(at)) ||
                        (end < folded.size() && letter(end) && letter(end - 1));
    if (!inside) return true;
  }
  return false;
}

bool names_any(const std::string& folded, const std::vector<std::string>& list) {
  return std::ranges::any_of(list, [&](const std::string& name) { return names(folded, name); });
}

bool mentions_any(const Post& post, const std::string& folded,
                  const std::vector<std::string>& handles) {
  for (const std::string& handle : handles) {
    if (std::ranges::any_of(
            post.mentions, [&](const std::string& it) { return equals_ignoring_case(it, handle); }))
      return true;
    if (names(folded, "@" + handle)) return true;
  }
  return false;
}

}  // namespace

void normalise(Post& post, const SourceConfig* source) {
  if (post.text.size() > kTextLimit) post.truncated = true;
  bound(post.text, kTextLimit);
  bound(post.quoted, kTextLimit);
  for (std::string* field :
       {&post.id, &post.url, &post.author.id, &post.author.name, &post.author.handle, &post.title,
        &post.language, &post.in_reply_to, &post.conversation}) {
    bound(*field, kFieldLimit);
  }
  for (std::vector<std::string>* list :
       {&post.mentions, &post.hashtags, &post.cashtags, &post.links, &post.addressed})
    bound(*list);
  if (post.id.empty())
    post.id = "hash:" + hash128_hex(post.author.id + "\n" + post.title + "\n" + post.text);
  if (source == nullptr) return;
  if (post.language.empty()) post.language = source->language;
  if (const auto channel = from_word<Channel>(source->channel)) post.channel = *channel;
}

bool matches(const Post& post, const std::vector<std::string>& match, const Watch& watch) {
  if (match.empty()) return true;
  const std::string folded = fold(words_of(post));
  const Company& us = watch.company;
  for (const std::string& kind : match) {
    if (kind == "company" && (names(folded, us.name) || names_any(folded, us.aliases) ||
                              mentions_any(post, folded, us.handles)))
      return true;
    if (kind == "products" && std::ranges::any_of(us.products, [&](const Product& it) {
          return names(folded, it.name) || names_any(folded, it.aliases);
        })) {
      return true;
    }
    if (kind == "rivals" && std::ranges::any_of(us.rivals, [&](const Rival& it) {
          return names(folded, it.name) || names_any(folded, it.aliases) ||
                 mentions_any(post, folded, it.handles);
        })) {
      return true;
    }
    if (kind == "principals" && std::ranges::any_of(watch.principals, [&](const Principal& it) {
          return names(folded, it.name) || names_any(folded, it.aliases) ||
                 mentions_any(post, folded, it.handles);
        })) {
      return true;
    }
  }
  return false;
}

}  // namespace earshot

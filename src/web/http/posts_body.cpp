#include "posts_body.hpp"

#include "earshot/core/post_json.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

constexpr std::size_t kMostPosts = 10'000;
constexpr std::size_t kRawKept = 16'384;

void take(PostsBody& out, const JsonValue& value, std::size_t line, std::string_view raw) {
  auto post = post_from_json(value);
  if (post)
    out.posts.push_back(std::move(*post));
  else
    out.rejected.push_back({line, std::string{cut_utf8(raw, kRawKept)}, post.error().message});
}

std::string text_of(const JsonValue& value) {
  JsonWriter out;
  out.value(value);
  return out.take();
}

Result<PostsBody> parse_array(std::string_view body) {
  const auto document = parse_json(body);
  if (!document) return document.error();
  if (document->Size() > kMostPosts) return permanent("more than 10000 posts in one request");
  PostsBody out;
  std::size_t line = 0;
  for (const JsonValue& value : document->GetArray()) take(out, value, ++line, text_of(value));
  return out;
}

}  // namespace

Result<PostsBody> parse_posts(std::string_view body) {
  const std::string_view inner = trim(body);
  if (inner.empty()) return permanent("the body is empty");
  if (inner.front() == '[') return parse_array(inner);
  // One object may stand on several lines; JSON Lines never do.
  if (const auto whole = parse_json(inner); whole && whole->IsObject()) {
    PostsBody out;
    take(out, *whole, 1, inner);
    return out;
  }
  PostsBody out;
  std::size_t line = 0;
  for (std::string_view rest = body; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view text = trim(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    ++line;
    if (text.empty()) continue;
    if (out.posts.size() + out.rejected.size() >= kMostPosts)
      return permanent("more than 10000 posts in one request");
    const auto document = parse_json(text);
    if (document)
      take(out, *document, line, text);
    else
      out.rejected.push_back(
          {line, std::string{cut_utf8(text, kRawKept)}, document.error().message});
  }
  if (out.posts.empty() && out.rejected.size() == 1 && line == 1)
    return permanent(out.rejected.front().reason);
  return out;
}

}  // namespace earshot

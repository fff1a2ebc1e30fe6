// RFC 3986 section 5: parsing by its appendix B, merging and dot segments by 5.2.

#include <algorithm>
#include <optional>

#include "earshot/text/html.hpp"

namespace earshot {
namespace {

struct Url {
  std::string_view scheme;
  std::optional<std::string_view> authority;
  std::string_view path;
  std::optional<std::string_view> query;
  std::optional<std::string_view> fragment;
};

bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string_view scheme_of(std::string_view text) {
  if (text.empty() || !is_alpha(text[0])) return {};
  for (std::size_t i = 1; i < text.size(); ++i) {
    const char c = text[i];
    if (c == ':') return text.substr(0, i);
    if (!is_alpha(c) && !(c >= '0' && c <= '9') && c != '+' && c != '-' && c != '.') return {};
  }
  return {};
}

Url split(std::string_view text) {
  Url url;
  url.scheme = scheme_of(text);
  if (!url.scheme.empty()) text.remove_prefix(url.scheme.size() + 1);
  if (const std::size_t hash = text.find('#'); hash != std::string_view::npos) {
    url.fragment = text.substr(hash + 1);
    text = text.substr(0, hash);
  }
  if (const std::size_t mark = text.find('?'); mark != std::string_view::npos) {
    url.query = text.substr(mark + 1);
    text = text.substr(0, mark);
  }
  if (text.starts_with("//")) {
    text.remove_prefix(2);
    const std::size_t slash = std::min(text.find('/'), text.size());
    url.authority = text.substr(0, slash);
    text.remove_prefix(slash);
  }
  url.path = text;
  return url;
}

void drop_last_segment(std::string& out) {
  const std::size_t slash = out.rfind('/');
  out.resize(slash == std::string::npos ? 0 : slash);
}

std::string remove_dots(std::string_view in) {
  std::string out;
  while (!in.empty()) {
    if (in.starts_with("../")) {
      in.remove_prefix(3);
    } else if (in.starts_with("./") || in.starts_with("/./")) {
      in.remove_prefix(2);
    } else if (in == "/.") {
      in = "/";
    } else if (in.starts_with("/../")) {
      in.remove_prefix(3);
      drop_last_segment(out);
    } else if (in == "/..") {
      in = "/";
      drop_last_segment(out);
    } else if (in == "." || in == "..") {
      in = {};
    } else {
      const std::size_t next = std::min(in.find('/', 1), in.size());
      out += in.substr(0, next);
      in.remove_prefix(next);
    }
  }
  return out;
}

std::string merge(const Url& base, std::string_view path) {
  if (base.authority && base.path.empty()) return "/" + std::string{path};
  const std::size_t slash = base.path.rfind('/');
  return std::string{slash == std::string_view::npos ? std::string_view{}
                                                     : base.path.substr(0, slash + 1)} +
         std::string{path};
}

}  // namespace

std::string resolve_url(std::string_view base_text, std::string_view reference) {
  constexpr std::size_t kLongest =
      std::size_t{16} << 10U;  // dot segments of absurd references would cost quadratic time
  const Url base = split(base_text);
  if (base.scheme.empty() || base_text.size() > kLongest || reference.size() > kLongest)
    return std::string{reference};
  const Url given = split(reference);
  std::string_view scheme = base.scheme;
  std::optional<std::string_view> authority = base.authority;
  std::optional<std::string_view> query = given.query;
  std::string path;
  if (!given.scheme.empty()) {
    scheme = given.scheme;
    authority = given.authority;
    path = remove_dots(given.path);
  } else if (given.authority) {
    authority = given.authority;
    path = remove_dots(given.path);
  } else if (given.path.empty()) {
    path = base.path;
    if (!query) query = base.query;
  } else {
    path = given.path.starts_with('/') ? remove_dots(given.path)
                                       : remove_dots(merge(base, given.path));
  }
  std::string out{scheme};
  out += ':';
  if (authority) out.append("//").append(*authority);
  out += path;
  if (query) out.append("?").append(*query);
  if (given.fragment) out.append("#").append(*given.fragment);
  return out;
}

}  // namespace earshot

#include "request.hpp"

#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

constexpr std::size_t kLongestTarget = 8192;

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> decode(std::string_view text, bool plus) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size() || hex(text[i + 1]) < 0 || hex(text[i + 2]) < 0) return std::nullopt;
      c = static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
      i += 2;
    } else if (plus && c == '+') {
      c = ' ';
    }
    if (c == '\0') return std::nullopt;
    out += c;
  }
  if (!is_utf8(out)) return std::nullopt;
  return out;
}

bool plain_path(std::string_view path) {
  if (!path.starts_with('/') || path.find("//") != std::string_view::npos ||
      path.find('\\') != std::string_view::npos)
    return false;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t end = std::min(path.find('/', at + 1), path.size());
    const std::string_view segment = path.substr(at + 1, end - at - 1);
    if (segment == "." || segment == "..") return false;
    at = end;
  }
  return true;
}

}  // namespace

std::string_view WebRequest::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (equals_ignoring_case(key, name)) return value;
  }
  return {};
}

std::string WebRequest::query_or(std::string_view name, std::string otherwise) const {
  const auto it = query.find(name);
  if (it == query.end()) return otherwise;
  return it->second;
}

std::optional<RequestTarget> parse_target(std::string_view target) {
  if (target.empty() || target.size() > kLongestTarget) return std::nullopt;
  const std::size_t mark = target.find('?');
  const auto path = decode(target.substr(0, mark), false);
  if (!path || !plain_path(*path)) return std::nullopt;
  RequestTarget out{*path, {}};
  std::string_view rest =
      mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const auto name = decode(pair.substr(0, equals), true);
    const auto value = decode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!name || !value) return std::nullopt;
    if (!name->empty()) out.query[*name] = *value;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out;
}

std::optional<std::vector<std::string>> match_path(std::string_view pattern,
                                                   std::string_view path) {
  std::vector<std::string> taken;
  while (!pattern.empty() && !path.empty()) {
    const std::size_t pattern_end = std::min(pattern.find('/', 1), pattern.size());
    const std::size_t path_end = std::min(path.find('/', 1), path.size());
    const std::string_view want = pattern.substr(0, pattern_end);
    const std::string_view have = path.substr(0, path_end);
    if (want.starts_with("/{")) {
      if (have.size() < 2) return std::nullopt;
      taken.emplace_back(have.substr(1));
    } else if (want != have) {
      return std::nullopt;
    }
    pattern.remove_prefix(pattern_end);
    path.remove_prefix(path_end);
  }
  if (!pattern.empty() || !path.empty()) return std::nullopt;
  return taken;
}

}  // namespace earshot

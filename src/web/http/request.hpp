#pragma once

/// A request and an answer as the handlers see them: plain values, no socket. Pure.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace earshot {

struct WebRequest {
  std::string method;
  std::string path;                                       ///< decoded, begins with "/"
  std::map<std::string, std::string, std::less<>> query;  ///< decoded; the last of equal names
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string peer;  ///< address without port

  std::string_view header(std::string_view name) const;  ///< "" where absent
  std::string query_or(std::string_view name, std::string otherwise = {}) const;
};

struct WebResponse {
  int status = 200;
  std::string type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

/// Splits and decodes "/api/v1/cases?x=1". nullopt for anything that is not one plain path: a NUL,
/// a backslash, dot segments (also encoded), "//", broken escapes, more than 8 KiB.
struct RequestTarget {
  std::string path;
  std::map<std::string, std::string, std::less<>> query;
};
std::optional<RequestTarget> parse_target(std::string_view target);

/// Matches "/cases/{id}/{action}": each {…} takes one segment. nullopt where it does not fit.
std::optional<std::vector<std::string>> match_path(std::string_view pattern, std::string_view path);

}  // namespace earshot

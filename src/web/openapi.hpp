#pragma once

/// The OpenAPI 3.1 description of what is served. It is written from the very table that requests
/// are matched with, so it cannot name other paths. Pure.

#include <span>
#include <string>
#include <string_view>

namespace earshot {

struct ApiPath {
  std::string_view method;  ///< "GET", "POST"
  std::string_view path;    ///< "/api/v1/cases/{id}"
  std::string_view role;    ///< who may; "" = open to everybody
  int ok;                   ///< the status of success
  std::string_view query;   ///< names of query parameters, separated by blanks
  std::string_view summary;
  std::string_view answer = "application/json";  ///< media type of success
};

std::string openapi_document(std::span<const ApiPath> paths);

}  // namespace earshot

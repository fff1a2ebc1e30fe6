#include "openapi.hpp"

#include <algorithm>
#include <vector>

#include "earshot/core/json.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

void write_parameter(JsonWriter& out, std::string_view name, std::string_view in) {
  out.object();
  out.field("name", name);
  out.field("in", in);
  out.field("required", in == "path");
  out.key("schema");
  out.object();
  out.field("type", "string");
  out.end();
  out.end();
}

void write_parameters(JsonWriter& out, const ApiPath& it) {
  out.key("parameters");
  out.array();
  for (std::size_t at = it.path.find('{'); at != std::string_view::npos;
       at = it.path.find('{', at + 1)) {
    write_parameter(out, it.path.substr(at + 1, it.path.find('}', at) - at - 1), "path");
  }
  std::string_view names = it.query;
  while (!names.empty()) {
    const std::size_t end = std::min(names.find(' '), names.size());
    write_parameter(out, names.substr(0, end), "query");
    names.remove_prefix(std::min(end + 1, names.size()));
  }
  out.end_array();
}

void write_responses(JsonWriter& out, const ApiPath& it) {
  const auto answer = [&](std::string_view status, std::string_view words, std::string_view type) {
    out.key(status);
    out.object();
    out.field("description", words);
    out.key("content");
    out.object();
    out.key(type);
    out.object();
    out.end();
    out.end();
    out.end();
  };
  out.key("responses");
  out.object();
  answer(std::to_string(it.ok), "done", it.answer);
  answer("default", "{\"error\":{code,text,field,detail}}", "application/json");
  out.end();
}

void write_operation(JsonWriter& out, const ApiPath& it) {
  out.key(to_lower_ascii(it.method));
  out.object();
  out.field("summary", it.summary);
  if (!it.role.empty()) out.field("description", "Role: " + std::string{it.role});
  write_parameters(out, it);
  write_responses(out, it);
  out.key("security");
  out.array();
  if (!it.role.empty()) {
    out.object();
    out.key("token");
    out.array();
    out.end_array();
    out.end();
  }
  out.end_array();
  out.end();
}

void write_paths(JsonWriter& out, std::span<const ApiPath> paths) {
  std::vector<std::string_view> written;
  out.key("paths");
  out.object();
  for (const ApiPath& first : paths) {
    if (std::find(written.begin(), written.end(), first.path) != written.end()) continue;
    written.push_back(first.path);
    out.key(first.path);
    out.object();
    for (const ApiPath& it : paths) {
      if (it.path == first.path) write_operation(out, it);
    }
    out.end();
  }
  out.end();
}

}  // namespace

std::string openapi_document(std::span<const ApiPath> paths) {
  JsonWriter out;
  out.object();
  out.field("openapi", "3.1.0");
  out.key("info");
  out.object();
  out.field("title", "Earshot");
  out.field("version", "1");
  out.end();
  write_paths(out, paths);
  out.key("components");
  out.object();
  out.key("securitySchemes");
  out.object();
  out.key("token");
  out.object();
  out.field("type", "http");
  out.field("scheme", "bearer");
  out.end();
  out.end();
  out.end();
  out.end();
  return out.take();
}

}  // namespace earshot

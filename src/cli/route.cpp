#include "earshot/route/tree.hpp"

#include <fmt/format.h>

#include "command.hpp"
#include "configured.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot::cli {
namespace {

std::string text_of(const JsonValue& value) {
  return {value.GetString(), value.GetStringLength()};
}

/// A string, a list of strings, or null for a label that is missing.
Result<std::vector<std::string>> values_of(const std::string& name, const JsonValue& value) {
  std::vector<std::string> out;
  if (value.IsNull()) return out;
  if (value.IsString()) {
    out.push_back(text_of(value));
    return out;
  }
  const auto refuse = [&] {
    return permanent(
        fmt::format("label \"{}\" is neither a string nor a list of strings", printable(name)));
  };
  if (!value.IsArray()) return refuse();
  for (const JsonValue& item : value.GetArray()) {
    if (!item.IsString()) return refuse();
    out.push_back(text_of(item));
  }
  return out;
}

Result<Labels> read_labels(const JsonValue& line) {
  const JsonValue* given = line.IsObject() ? find(line, "labels") : nullptr;
  if (given == nullptr || !given->IsObject())
    return permanent("the line is no object with \"labels\"");
  Labels labels;
  for (const auto& member : given->GetObject()) {
    const std::string name = text_of(member.name);
    auto values = values_of(name, member.value);
    if (!values) return values.error();
    labels[name] = std::move(*values);
  }
  return labels;
}

void print_routing(const Routing& routing) {
  JsonWriter out;
  out.object();
  out.key("matches");
  out.array();
  for (const RouteMatch& match : routing.matches) {
    out.object();
    out.field("path", match.path);
    out.text_or_null("team", match.team);
    out.text_or_null("escalation", match.escalation);
    out.field("receivers", match.receivers);
    out.field("group_by", match.group_by);
    out.end();
  }
  out.end_array();
  out.text_or_null("team", routing.team);
  out.text_or_null("escalation", routing.escalation);
  out.field("receivers", routing.receivers);
  out.end();
  print_line(out.take());
}

}  // namespace

std::string_view help_route() {
  return "usage: earshot route --config C [FILE]\n"
         "Reads {\"labels\":{name: string or [strings]}} lines and prints for each where such a "
         "case goes:\n"
         "{\"matches\":[{\"path\",\"team\",\"escalation\",\"receivers\",\"group_by\"}],\"team\","
         "\"escalation\",\"receivers\"}.\n"
         "Labels are urgency principal cue topic product source channel language severity about, "
         "and any others.\n"
         "FILE is \"-\" or left out for standard input. A bad line gives {\"error\",\"line\"} in "
         "its place, and exit 1 at the end.\n";
}

int run_route(std::span<const std::string> words) {
  const Args args{words, {"config=", "json"}};
  const std::string file = args.one("FILE", true);
  const Config config = load_for_question({args.need("config")});
  return each_json_line(file, [&config](const JsonValue& line, std::size_t) -> Result<void> {
    const auto labels = read_labels(line);
    if (!labels) return labels.error();
    print_routing(resolve_route(config.route, *labels));
    return {};
  });
}

}  // namespace earshot::cli

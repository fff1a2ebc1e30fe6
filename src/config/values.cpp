#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>

#include "context.hpp"
#include "earshot/core/network.hpp"
#include "earshot/core/utf8.hpp"
#include "earshot/oncall/schedule.hpp"

namespace earshot::config {
namespace {

constexpr std::size_t kMaxText = 4096;
constexpr std::string_view kDurationHint = "write 30s, 5m, 2h or 7d";

std::optional<double> to_number(std::string_view text) {
  double value = 0;
  const auto [end, failed] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (failed != std::errc{} || end != text.data() + text.size() || text.empty())
    return std::nullopt;
  return value >= -1e15 && value <= 1e15 ? std::optional{value} : std::nullopt;
}

/// Names of the machine's zones, for "did you mean"; empty where the list is not installed.
std::vector<std::string> zone_names() {
  std::vector<std::string> names{"UTC"};
  std::ifstream table{"/usr/share/zoneinfo/tzdata.zi"};
  for (std::string line; names.size() < 2000 && std::getline(table, line);) {
    // "Z Europe/Berlin …" declares a zone, "L Europe/Berlin Arctic/Longyearbyen" a link.
    std::size_t begin = 2;
    if (line.starts_with("L ")) begin = line.find(' ', 2) + 1;
    if (!line.starts_with("Z ") && !line.starts_with("L ")) continue;
    names.push_back(line.substr(begin, line.find(' ', begin) - begin));
  }
  return names;
}

void read_policy(Section& section, NetworkPolicy& policy) {
  section.read("insecure_http", policy.insecure_http);
  section.each("allow", [&](const Node& item, const std::string& path) {
    const auto text = text_of(section.context(), item, path, "an address range");
    if (!text) return;
    const auto range = parse_range(*text);
    if (range) {
      policy.allow.push_back(*range);
    } else {
      section.context().error(item.mark, path, range.error().message,
                              "write an address or a range, such as 127.0.0.1/32 or fd00::/8");
    }
  });
}

}  // namespace

std::optional<std::string> text_of(Context& context, const Node& node, const std::string& path,
                                   std::string_view want) {
  if (node.kind == Node::Kind::broken) return std::nullopt;
  if (node.kind == Node::Kind::list || node.kind == Node::Kind::map) {
    context.error(
        node.mark, path, fmt::format("{} stands where {} is wanted", kind_word(node), want),
        node.kind == Node::Kind::list && node.items.size() == 1 ? "remove the brackets" : "");
    return std::nullopt;
  }
  if (node.kind == Node::Kind::empty || trim(node.text).empty()) {
    context.error(node.mark, path, fmt::format("is empty where {} is wanted", want));
    return std::nullopt;
  }
  if (node.text.size() > kMaxText) {
    context.error(node.mark, path, fmt::format("is longer than {} bytes", kMaxText));
    return std::nullopt;
  }
  return node.text;
}

std::optional<Duration> duration_of(Context& context, const Node& node, const std::string& path) {
  const auto text = text_of(context, node, path, "a duration");
  if (!text) return std::nullopt;
  if (const auto span = parse_duration(*text)) return span;
  if (*text == "0") return Duration{0};
  context.error(node.mark, path,
                to_number(*text) ? fmt::format("{} has no unit", in_quotes(*text))
                                 : fmt::format("{} is not a duration", in_quotes(*text)),
                std::string{kDurationHint});
  return std::nullopt;
}

std::optional<bool> flag_of(Context& context, const Node& node, const std::string& path) {
  const auto text = text_of(context, node, path, "true or false");
  if (!text) return std::nullopt;
  if (!node.quoted && *text == "true") return true;
  if (!node.quoted && *text == "false") return false;
  const std::string lower = to_lower_ascii(*text);
  std::string hint = "write true or false";
  if (lower == "yes" || lower == "on" || lower == "true" || lower == "1" || lower == "y")
    hint = "write true, without quotes";
  if (lower == "no" || lower == "off" || lower == "false" || lower == "0" || lower == "n")
    hint = "write false, without quotes";
  context.error(node.mark, path, fmt::format("{} is neither true nor false", in_quotes(*text)),
                std::move(hint));
  return std::nullopt;
}

std::optional<std::int64_t> number_of(Context& context, const Node& node, const std::string& path) {
  const auto text = text_of(context, node, path, "a number");
  if (!text) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, failed] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (failed == std::errc{} && end == text->data() + text->size()) return value;
  context.error(node.mark, path, fmt::format("{} is not a whole number", in_quotes(*text)),
                "write digits only, like 15");
  return std::nullopt;
}

std::optional<double> decimal_of(Context& context, const Node& node, const std::string& path) {
  const auto text = text_of(context, node, path, "a number");
  if (!text) return std::nullopt;
  if (const auto value = to_number(*text)) return value;
  context.error(node.mark, path, fmt::format("{} is not a number", in_quotes(*text)),
                "write a number like 0.5 or 60");
  return std::nullopt;
}

std::optional<double> share_of(Context& context, const Node& node, const std::string& path) {
  const auto text = text_of(context, node, path, "a share");
  if (!text) return std::nullopt;
  const bool percent = text->ends_with('%');
  const auto value =
      to_number(trim(std::string_view{*text}.substr(0, text->size() - (percent ? 1 : 0))));
  const double most = percent ? 100 : 1;
  if (value && *value >= 0 && *value <= most) return *value / most;
  context.error(node.mark, path, fmt::format("{} is not a share", in_quotes(*text)),
                value && !percent && *value > 1 && *value <= 100 ? fmt::format("write {}%", *text)
                                                                 : "write 0% to 100%, or 0 to 1");
  return std::nullopt;
}

std::optional<std::string> language_of(Context& context, const Node& node,
                                       const std::string& path) {
  auto text = text_of(context, node, path, "a language");
  if (!text) return std::nullopt;
  const std::size_t primary = std::min(text->find('-'), text->size());
  bool right = primary >= 2 && primary <= 3 && text->size() <= 35 && text->back() != '-';
  for (const char c : *text)
    right = right && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-');
  if (right) return text;
  context.error(node.mark, path, fmt::format("{} is not a language", in_quotes(*text)),
                "write its tag: en, de, pt-BR");
  return std::nullopt;
}

const std::vector<Node>* items_of(Context& context, const Node& node, const std::string& path) {
  if (node.kind == Node::Kind::list) return &node.items;
  if (node.kind == Node::Kind::broken) return nullptr;
  std::string hint = "write `- item` lines, or [a, b]";
  if (node.kind == Node::Kind::text)
    hint = fmt::format("write [{}]", printable(cut_utf8(node.text, 60)));
  if (node.kind == Node::Kind::map) hint = "put a `- ` before each entry";
  context.error(node.mark, path, fmt::format("{} stands where a list is wanted", kind_word(node)),
                std::move(hint));
  return nullptr;
}

std::optional<std::string> zone_of(Context& context, const Node& node, const std::string& path) {
  auto text = text_of(context, node, path, "a time zone");
  if (!text) return std::nullopt;
  if (known_zone(*text)) return text;
  std::string hint = did_you_mean(*text, zone_names());
  if (hint.empty()) hint = "write an IANA name such as Europe/Berlin or UTC";
  context.error(node.mark, path, fmt::format("no time zone is named {}", in_quotes(*text)),
                std::move(hint));
  return std::nullopt;
}

std::optional<NetworkPolicy> network_of(Context& context, const Node& node,
                                        const std::string& path) {
  Section section{context, node, path};
  if (!section.ok()) return std::nullopt;
  NetworkPolicy policy;
  read_policy(section, policy);
  section.done();
  return policy;
}

bool Section::read(std::string_view key, std::string& out) {
  const Node* node = find(key);
  if (node == nullptr) return false;
  auto text = text_of(context_, *node, path_of(key));
  if (!text) return false;
  out = std::move(*text);
  return true;
}

bool Section::read(std::string_view key, bool& out) {
  const Node* node = find(key);
  if (node == nullptr) return false;
  const auto flag = flag_of(context_, *node, path_of(key));
  if (flag) out = *flag;
  return flag.has_value();
}

bool Section::read(std::string_view key, int& out, int least, int most) {
  const Node* node = find(key);
  if (node == nullptr) return false;
  const auto number = number_of(context_, *node, path_of(key));
  if (!number) return false;
  if (*number < least || *number > most) {
    error(node->mark, key, fmt::format("{} is out of range", *number),
          fmt::format("{} to {}", least, most));
    return false;
  }
  out = static_cast<int>(*number);
  return true;
}

bool Section::read(std::string_view key, Duration& out, Span span) {
  const Node* node = find(key);
  if (node == nullptr) return false;
  const auto duration = duration_of(context_, *node, path_of(key));
  if (!duration) return false;
  if (*duration < span.least || *duration > span.most) {
    error(node->mark, key,
          fmt::format("{} is {}", to_text(*duration),
                      *duration < span.least ? "too short" : "too long"),
          fmt::format("{} to {}", to_text(span.least), to_text(span.most)));
    return false;
  }
  out = *duration;
  return true;
}

bool Section::read(std::string_view key, std::vector<std::string>& out) {
  const Node* node = find(key);
  if (node == nullptr) return false;
  const auto* items = items_of(context_, *node, path_of(key));
  if (items == nullptr) return false;
  out.clear();
  for (std::size_t i = 0; i < items->size(); ++i) {
    if (auto text = text_of(context_, (*items)[i], item_path(path_of(key), i)))
      out.push_back(std::move(*text));
  }
  return true;
}

bool Section::read_name(std::string_view key, std::string& out, NameKind refers_to) {
  if (!read(key, out)) return false;
  context_.refer(refers_to, out, find(key)->mark, path_of(key));
  return true;
}

bool Section::read_names(std::string_view key, std::vector<std::string>& out, NameKind refers_to) {
  const Node* node = find(key);
  if (node == nullptr) return false;
  const auto* items = items_of(context_, *node, path_of(key));
  if (items == nullptr) return false;
  out.clear();
  for (const Node& item : *items) {
    const std::string at = path_of(key);  // the caret shows which one
    auto text = text_of(context_, item, at, fmt::format("the name of a {}", to_word(refers_to)));
    if (!text) continue;
    context_.refer(refers_to, *text, item.mark, at);
    out.push_back(std::move(*text));
  }
  return true;
}

bool Section::read_word(std::string_view key, std::string& out,
                        std::span<const std::string> words) {
  const Node* node = find(key);
  if (node == nullptr) return false;
  const auto text = text_of(context_, *node, path_of(key), any_of(words));
  if (!text) return false;
  for (const std::string& word : words) {
    if (word != *text) continue;
    out = word;
    return true;
  }
  std::string hint = did_you_mean(*text, words);
  hint +=
      hint.empty() ? fmt::format("write {}", any_of(words)) : fmt::format(" ({})", any_of(words));
  error(node->mark, key, fmt::format("{} is not known here", in_quotes(*text)), std::move(hint));
  return false;
}

bool Section::read_secret_file(std::string_view key, std::string& out) {
  const std::string bare{key.substr(0, key.size() - std::string_view{"_file"}.size())};
  for (const Entry& entry : node_.entries) {
    if (entry.key != bare) continue;
    known({bare});
    error(entry.mark, bare, "a secret may not stand in the configuration",
          fmt::format("put it into a file of its own and write `{}: NAME`", key));
    find(key);
    return false;
  }
  return read_file_as_secret(key, out);
}

bool Section::read_file_as_secret(std::string_view key, std::string& out) {
  if (!read(key, out)) return false;
  context_.files.push_back({out, path_of(key), find(key)->mark, true});
  return true;
}

bool Section::read_file(std::string_view key, std::string& out) {
  if (!read(key, out)) return false;
  context_.files.push_back({out, path_of(key), find(key)->mark, false});
  return true;
}

void Section::each(std::string_view key,
                   const std::function<void(const Node&, const std::string&)>& each) {
  const Node* node = find(key);
  if (node == nullptr) return;
  const auto* items = items_of(context_, *node, path_of(key));
  if (items == nullptr) return;
  for (std::size_t i = 0; i < items->size(); ++i) each((*items)[i], item_path(path_of(key), i));
}

void Section::read_network(NetworkPolicy& out) {
  if (const Node* node = find("network")) {
    if (auto policy = network_of(context_, *node, path_of("network"))) out = std::move(*policy);
  }
  read_policy(*this, out);  // the short form: `insecure_http: true` on the target itself
}

}  // namespace earshot::config

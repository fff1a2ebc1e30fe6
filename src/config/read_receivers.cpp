#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "address.hpp"
#include "earshot/core/utf8.hpp"
#include "sections.hpp"
#include "services.hpp"

namespace earshot::config {
namespace {

/// Which keys a type of receiver takes besides name and type.
struct ReceiverType {
  std::string_view word;
  std::string_view keys;
  bool http = true;  ///< takes the keys of kReach too
};
constexpr std::string_view kReach = "ca_file timeout network allow insecure_http at_once rate";
constexpr std::array kReceiverTypes{
    ReceiverType{"webhook", "url url_file secret_file token_file headers updates"},
    ReceiverType{"email", "to from timeout updates templates at_once rate", false},
    ReceiverType{"slack", "url_file url token_file channel updates templates"},
    ReceiverType{"teams", "url_file url updates templates"},
    ReceiverType{"mattermost", "url_file url token_file channel updates templates"},
    ReceiverType{"discord", "url_file url updates templates"},
    ReceiverType{"telegram", "url token_file chat updates templates"},
    ReceiverType{"matrix", "url token_file room updates templates"},
    ReceiverType{"ntfy", "url topic topic_file token_file updates templates"},
    ReceiverType{"pagerduty", "url key_file updates templates"},
    ReceiverType{"opsgenie", "url key_file updates templates"},
    ReceiverType{"alertmanager", "url urls labels token_file templates"},
    ReceiverType{"sms", "url account token_file from to updates templates"},
    ReceiverType{"voice", "url account token_file from to templates"},
    ReceiverType{"exec", "command timeout updates at_once rate", false},
    ReceiverType{"log", "path updates at_once rate", false},
};
/// Names under which people look for a type.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kOtherNames{
    {{"twilio", "sms"},
     {"msteams", "teams"},
     {"jsm", "opsgenie"},
     {"push", "ntfy"},
     {"call", "voice"},
     {"script", "exec"}}};

bool takes(const ReceiverType& type, std::string_view key) {
  const std::string padded = fmt::format(" {} {} ", type.keys, type.http ? kReach : "");
  return padded.find(fmt::format(" {} ", key)) != std::string::npos;
}

const ReceiverType* read_type(Section& section, std::string& out) {
  section.need("type", fmt::format("one of {}", any_of(receiver_types())));
  if (!section.read("type", out)) return nullptr;
  for (const ReceiverType& type : kReceiverTypes) {
    if (type.word == out) return &type;
  }
  const Mark mark = section.find("type")->mark;
  std::string hint = did_you_mean(out, receiver_types());
  for (const auto& [other, type] : kOtherNames) {
    if (out == other) hint = fmt::format("write {}", in_quotes(type));
  }
  section.error(mark, "type", fmt::format("no receiver has the type {}", in_quotes(out)),
                hint.empty() ? fmt::format("write {}", any_of(receiver_types())) : std::move(hint));
  return nullptr;
}

/// A map of texts whose keys the user chooses.
void read_texts(Section& section, std::string_view key, std::map<std::string, std::string>& out,
                const std::function<std::string(const std::string&)>& bad_name) {
  const Node* node = section.find(key);
  if (node == nullptr) return;
  Section map{section.context(), *node, section.path_of(key)};
  if (!map.ok()) return;
  for (const Entry& entry : node->entries) {
    if (const std::string problem = bad_name(entry.key); !problem.empty()) {
      map.context().error(entry.mark, map.path_of(entry.key), problem);
      map.known({entry.key});
      continue;
    }
    std::string value;
    if (map.read(entry.key, value)) out[entry.key] = std::move(value);
  }
}

std::string bad_label(const std::string& name) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  bool right = !name.empty() && letter(name.front());
  for (const char c : name) right = right && (letter(c) || (c >= '0' && c <= '9'));
  return right ? ""
               : fmt::format("{} is not a label name: letters, digits and \"_\"", in_quotes(name));
}

std::string bad_header(const std::string& name) {
  bool right = !name.empty() && name.size() <= 64;
  for (const char c : name)
    right = right && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_');
  const std::string lower = to_lower_ascii(name);
  if (lower == "authorization" || lower == "cookie" || lower == "proxy-authorization")
    return "a secret may not stand in the configuration: write `token_file: NAME`";
  if (lower.starts_with("webhook-") || lower == "host" || lower == "content-length" ||
      lower == "content-type" || lower == "transfer-encoding")
    return fmt::format("{} is set by Earshot itself", in_quotes(name));
  return right ? "" : fmt::format("{} is not a header name", in_quotes(name));
}

void read_email(Section& section, ReceiverConfig& out) {
  section.need("to", "to: [name@host]");
  if (const Node* to = section.find("to");
      to != nullptr && to->kind == Node::Kind::list && to->items.empty()) {
    section.error(to->mark, "to", "nobody would get this mail",
                  "name somebody, or remove the receiver");
  }
  read_mails(section, "to", out.to);
  if (const Node* from = section.find("from"))
    out.from = mail_of(section.context(), *from, section.path_of("from")).value_or("");
}

void read_keys(Section& section, const ReceiverType& type, const NetworkPolicy& network,
               ReceiverConfig& out) {
  if (takes(type, "network")) section.read_network(out.network);
  const NetworkPolicy reach = joined(network, out.network);
  if (takes(type, "timeout")) section.read("timeout", out.timeout, {milliseconds{100}, minutes{2}});
  if (takes(type, "ca_file")) section.read_file("ca_file", out.ca_file);
  read_common(section, out, takes(type, "updates"), takes(type, "templates"));
  if (read_service(section, reach, out)) return;
  if (takes(type, "token_file")) section.read_secret_file("token_file", out.token_file);
  if (type.word == "webhook") {
    if (section.has("url_file")) {
      section.known({"url"});
      section.read_file_as_secret("url_file", out.url_file);
      if (section.has("url"))
        section.error(section.find("url_file")->mark, "url_file", "the address is given twice",
                      "write `url:` or `url_file:`");
    } else {
      section.need("url", "where to send; or url_file where the address is a secret");
      section.known({"url_file"});
      read_url(section, "url", out.url, {"https", "http"}, reach);
    }
    section.read_secret_file("secret_file", out.secret_file);
    read_texts(section, "headers", out.headers, bad_header);
  }
  if (type.word == "alertmanager") {
    if (!section.has("urls"))
      section.need("url", "its address, or `urls:` with every member of the cluster");
    if (section.has("url") && section.has("urls"))
      section.error(
          section.find("urls") == nullptr ? section.node().mark : section.find("urls")->mark,
          "urls", "the address is given twice", "list every member under `urls:`");
    if (read_url(section, "url", out.url, {"https", "http"}, reach)) out.urls.push_back(out.url);
    section.each("urls", [&](const Node& item, const std::string& path) {
      if (auto url = url_of(section.context(), item, path, {"https", "http"}, reach))
        out.urls.push_back(std::move(*url));
    });
    read_texts(section, "labels", out.labels, bad_label);
  }
  if (type.word == "email") read_email(section, out);
  if (type.word == "log") section.read("path", out.path);
}

std::string elsewhere(const ReceiverType& type, const std::string& key) {
  std::vector<std::string> others;
  for (const ReceiverType& other : kReceiverTypes) {
    if (takes(other, key)) others.emplace_back(other.word);
  }
  return others.empty() ? std::string{}
                        : fmt::format("{} takes it, {} does not", any_of(others), type.word);
}

}  // namespace

const std::vector<std::string>& receiver_types() {
  static const std::vector<std::string> words = [] {
    std::vector<std::string> all;
    all.reserve(std::size(kReceiverTypes));
    for (const ReceiverType& type : kReceiverTypes) all.emplace_back(type.word);
    return all;
  }();
  return words;
}

void read_receivers(Context& context, const Node& node, const NetworkPolicy& network,
                    std::vector<ReceiverConfig>& out) {
  const auto* items = items_of(context, node, "receivers");
  if (items == nullptr) return;
  for (std::size_t i = 0; i < items->size(); ++i) {
    Section section{context, (*items)[i], item_path("receivers", i)};
    if (!section.ok()) continue;
    ReceiverConfig receiver;
    section.need("name", "routes and people refer to it");
    section.read("name", receiver.name);
    const ReceiverType* type = read_type(section, receiver.type);
    if (type == nullptr) {
      section.known_all();  // nobody knows which keys it takes
      section.done();
      continue;
    }
    read_keys(section, *type, network, receiver);
    section.done([type](const std::string& key) { return elsewhere(*type, key); });
    out.push_back(std::move(receiver));
  }
}

}  // namespace earshot::config

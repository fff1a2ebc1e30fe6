#include <fmt/format.h>

#include <map>

#include "address.hpp"
#include "earshot/core/utf8.hpp"
#include "sections.hpp"

namespace earshot::config {
namespace {

/// Kinds of places an account can be on: the types of sources, and mail.
std::vector<std::string> places() {
  std::vector<std::string> all = source_types();
  all.insert(all.end(), {"x", "reddit", "threads", "youtube", "mail"});
  return all;
}

/// `{mastodon: ["@care@…"], mail: [care@…]}`.
void read_accounts(Context& context, const Node& node, const std::string& path,
                   std::map<std::string, std::vector<std::string>>& out) {
  Section section{context, node, path};
  for (const std::string& place : places()) {
    if (!section.has(place)) {
      section.known({place});
      continue;
    }
    if (place == "mail") {
      read_mails(section, place, out[place]);
    } else {
      read_handles(section, place, out[place]);
    }
  }
  section.done();
}

/// A product or a rival: a map, or its name alone.
template <class T>
void read_named(Context& context, const Node& node, const std::string& path, std::vector<T>& out) {
  T thing;
  if (node.kind != Node::Kind::map) {
    auto name = text_of(context, node, path, "a name, or {name: …}");
    if (!name) return;
    thing.name = std::move(*name);
  } else {
    Section section{context, node, path};
    section.need("name");
    section.read("name", thing.name);
    section.read("aliases", thing.aliases);
    if constexpr (requires { thing.handles; }) read_handles(section, "handles", thing.handles);
    section.done();
  }
  for (const T& other : out) {
    if (!thing.name.empty() && equals_ignoring_case(other.name, thing.name)) {
      context.error(node.mark, path, fmt::format("{} is listed twice", in_quotes(thing.name)),
                    "remove one");
    }
  }
  out.push_back(std::move(thing));
}

}  // namespace

void read_company(Context& context, const Node& node, Company& out) {
  Section section{context, node, "company"};
  if (!section.ok()) return;
  section.need("name", "the name customers use");
  section.read("name", out.name);
  section.read("aliases", out.aliases);
  if (const Node* handles = section.find("handles");
      handles != nullptr && handles->kind == Node::Kind::map) {
    read_accounts(context, *handles, section.path_of("handles"), out.handles_on);
  } else {
    read_handles(section, "handles", out.handles);
  }
  if (const Node* official = section.find("official"))
    read_accounts(context, *official, section.path_of("official"), out.official);
  section.each("products", [&](const Node& item, const std::string& path) {
    read_named(context, item, path, out.products);
  });
  section.each("rivals", [&](const Node& item, const std::string& path) {
    read_named(context, item, path, out.rivals);
  });
  section.done();
}

void read_principals(Context& context, const Node& node, std::vector<Principal>& out) {
  const auto* items = items_of(context, node, "principals");
  if (items == nullptr) return;
  std::map<std::string, std::string> owners;  // handle or address -> principal
  for (std::size_t i = 0; i < items->size(); ++i) {
    Section section{context, (*items)[i], item_path("principals", i)};
    if (!section.ok()) continue;
    Principal principal;
    section.need("id");
    section.read("id", principal.id);
    section.read("name", principal.name);
    section.read("title", principal.title);
    read_handles(section, "handles", principal.handles);
    read_mails(section, "mail", principal.mail);
    section.read("aliases", principal.aliases);
    section.read_name("delegate", principal.delegate, NameKind::person);
    section.read_name("aide", principal.aide, NameKind::person);
    for (const auto* accounts : {&principal.handles, &principal.mail}) {
      for (const std::string& account : *accounts) {
        const auto [it, fresh] = owners.try_emplace(to_lower_ascii(account), principal.id);
        if (fresh) continue;
        section.error(
            section.node().mark, accounts == &principal.mail ? "mail" : "handles",
            fmt::format("{} belongs to {} already", in_quotes(account), in_quotes(it->second)),
            "one account, one principal");
      }
    }
    section.done();
    out.push_back(std::move(principal));
  }
}

}  // namespace earshot::config

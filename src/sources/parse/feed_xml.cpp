#include "feed_xml.hpp"

#include <array>

#include "earshot/core/utf8.hpp"
#include "earshot/text/html.hpp"
#include "feed_text.hpp"

namespace earshot {
namespace {

constexpr std::size_t kExpansion = 256U << 10U;  ///< bytes of DTD entities a document may use

constexpr std::size_t kValue = 2U << 20U;  ///< of one text; far beyond what a post keeps

struct Known {
  std::string_view uri;  ///< lower case, without scheme and trailing '/' or '#'
  Ns ns;
};
constexpr std::array kUris{
    Known{"www.w3.org/2005/atom", Ns::core},
    Known{"purl.org/atom/ns", Ns::core},
    Known{"purl.org/rss/1.0", Ns::core},
    Known{"purl.org/net/rss1.1", Ns::core},
    Known{"my.netscape.com/rdf/simple/0.9", Ns::core},
    Known{"channel.netscape.com/rdf/simple/0.9", Ns::core},
    Known{"backend.userland.com/rss", Ns::core},
    Known{"backend.userland.com/rss2", Ns::core},
    Known{"blogs.law.harvard.edu/tech/rss", Ns::core},
    Known{"purl.org/rss/1.0/modules/rss091", Ns::core},
    Known{"purl.org/echo", Ns::core},
    Known{"purl.org/pie", Ns::core},
    Known{"example.com/newformat", Ns::core},
    Known{"example.com/necho", Ns::core},
    Known{"purl.org/rss/1.0/modules/content", Ns::content},
    Known{"purl.org/dc/elements/1.1", Ns::dc},
    Known{"purl.org/dc/elements/1.0", Ns::dc},
    Known{"purl.org/dc/terms", Ns::dcterms},
    Known{"www.itunes.com/dtds/podcast-1.0.dtd", Ns::itunes},
    Known{"example.com/dtds/podcast-1.0.dtd", Ns::itunes},
    Known{"search.yahoo.com/mrss", Ns::media},
    Known{"purl.org/rss/1.0/modules/syndication", Ns::sy},
    Known{"purl.org/syndication/thread/1.0", Ns::thr},
    Known{"www.w3.org/1999/02/22-rdf-syntax-ns", Ns::rdf},
    Known{"www.w3.org/1999/xhtml", Ns::xhtml},
};
constexpr std::array kPrefixes{
    Known{"atom", Ns::core},       Known{"atom10", Ns::core},     Known{"a10", Ns::core},
    Known{"rss", Ns::core},        Known{"content", Ns::content}, Known{"dc", Ns::dc},
    Known{"dcterms", Ns::dcterms}, Known{"dct", Ns::dcterms},     Known{"itunes", Ns::itunes},
    Known{"media", Ns::media},     Known{"sy", Ns::sy},           Known{"thr", Ns::thr},
    Known{"rdf", Ns::rdf},         Known{"xhtml", Ns::xhtml},     Known{"xh", Ns::xhtml},
};

const Known* known_uri(std::string_view uri) {
  std::string plain = to_lower_ascii(trim(uri));
  if (const std::size_t scheme = plain.find("://"); scheme != std::string::npos)
    plain.erase(0, scheme + 3);
  while (plain.ends_with('/') || plain.ends_with('#')) plain.pop_back();
  if (plain.starts_with("backend.userland.com/rss")) plain = "backend.userland.com/rss";
  for (const Known& known : kUris) {
    if (known.uri == plain) return &known;
  }
  return nullptr;
}

const Known* known_prefix(std::string_view prefix) {
  for (const Known& known : kPrefixes) {
    if (equals_ignoring_case(known.uri, prefix)) return &known;
  }
  return nullptr;
}

/// The URI that `prefix` ("" is the default namespace) is bound to; nullptr where it is not.
const char* binding(const XmlScope* scope, pugi::xml_node own, std::string_view prefix) {
  const auto declared = [prefix](pugi::xml_node node) -> const char* {
    for (const pugi::xml_attribute attribute : node.attributes()) {
      const std::string_view name = attribute.name();
      if (!name.starts_with("xmlns")) continue;
      if (name.size() == 5 ? prefix.empty() : name[5] == ':' && name.substr(6) == prefix)
        return attribute.value();
    }
    return nullptr;
  };
  if (own.first_attribute()) {
    if (const char* uri = declared(own)) return uri;
  }
  for (; scope != nullptr; scope = scope->parent) {
    if (const char* uri = scope->node ? declared(scope->node) : nullptr) return uri;
  }
  return nullptr;
}

void escape(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '&')
      out += "&amp;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
}

std::string_view local_part(std::string_view name) {
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

bool entity_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '#' || c == '.' || c == '-';
}

}  // namespace

bool XmlName::is(Ns space, std::string_view wanted) const {
  return ns == space && equals_ignoring_case(local, wanted);
}

XmlReader::XmlReader(XmlEntities entities, std::string_view base) : entities_(std::move(entities)) {
  scopes_.push_back({.parent = nullptr, .node = {}, .base = std::string{base}, .lang = {}});
}

const XmlScope* XmlReader::enter(const XmlScope* parent, pugi::xml_node node) {
  bool declares = false;
  std::string base;
  const char* lang = nullptr;
  for (const pugi::xml_attribute a : node.attributes()) {
    const std::string_view name = a.name();
    if (name.starts_with("xmlns"))
      declares = true;
    else if (equals_ignoring_case(name, "xml:base") || (base.empty() && name == "base"))
      base = trim(a.value());
    else if (equals_ignoring_case(name, "xml:lang") || (lang == nullptr && name == "lang"))
      lang = a.value();
  }
  if (!declares && base.empty() && lang == nullptr) return parent;
  XmlScope scope{.parent = parent, .node = node, .base = parent->base, .lang = parent->lang};
  if (!base.empty()) {
    if (std::string whole = feed_url(parent->base, decode(base)); !whole.empty())
      scope.base = std::move(whole);
  }
  if (lang != nullptr) scope.lang = std::string{trim(lang)};
  scopes_.push_back(std::move(scope));
  return &scopes_.back();
}

void XmlReader::set_default_base(const std::string& base) {
  for (XmlScope& scope : scopes_) {
    if (scope.base.empty()) scope.base = base;
  }
}

XmlName XmlReader::name(const XmlScope* scope, pugi::xml_node node) {
  const std::string_view full = node.name();
  const std::size_t colon = full.find(':');
  const std::string_view prefix =
      colon == std::string_view::npos ? std::string_view{} : full.substr(0, colon);
  const std::string_view local = colon == std::string_view::npos ? full : full.substr(colon + 1);
  const char* uri = binding(scope, node, prefix);
  if (uri != nullptr) {
    if (const Known* known = known_uri(uri)) return {known->ns, local};
  }
  if (prefix.empty()) return {Ns::core, local};
  const Known* known = known_prefix(prefix);
  return {known == nullptr ? Ns::other : known->ns, local};
}

std::string XmlReader::decode(std::string_view raw) const {
  raw = cut_utf8(raw, kValue);
  if (raw.find('&') == std::string_view::npos) return std::string{raw};
  std::string out;
  out.reserve(raw.size());
  for (std::size_t at = 0; at < raw.size();) {
    const std::size_t amp = raw.find('&', at);
    out.append(raw.substr(at, amp == std::string_view::npos ? std::string_view::npos : amp - at));
    if (amp == std::string_view::npos) break;
    std::size_t end = amp + 1;
    while (end < raw.size() && end - amp < 40 && entity_char(raw[end])) ++end;
    if (end >= raw.size() || raw[end] != ';' || end == amp + 1) {  // a stray '&', as in a query
      out += '&';
      at = amp + 1;
      continue;
    }
    const std::string_view whole = raw.substr(amp, end - amp + 1);
    const auto own = entities_.find(whole.substr(1, whole.size() - 2));
    if (own != entities_.end()) {
      const bool room = expanded_ + own->second.size() <= kExpansion;
      if (room) expanded_ += own->second.size();
      out += room ? decode_entities(own->second) : std::string{whole};
    } else {
      out += decode_entities(whole);
    }
    at = end + 1;
  }
  return out;
}

std::string XmlReader::attribute(pugi::xml_node node, const char* wanted) const {
  for (const pugi::xml_attribute a : node.attributes()) {
    if (equals_ignoring_case(a.name(), wanted) ||
        equals_ignoring_case(local_part(a.name()), wanted))
      return std::string{trim(decode(a.value()))};
  }
  return {};
}

std::string XmlReader::text(pugi::xml_node node) const {
  std::string out;
  for (const pugi::xml_node child : node.children()) {
    if (child.type() == pugi::node_cdata)
      out += child.value();
    else if (child.type() == pugi::node_pcdata)
      out += decode(child.value());
  }
  // "&lt;![CDATA[…]]&gt;": somebody escaped what was to escape.
  if (const std::string_view whole = trim(out);
      whole.starts_with(kCdataOpen) && whole.ends_with(kCdataClose) &&
      whole.size() >= kCdataOpen.size() + kCdataClose.size()) {
    return std::string{
        whole.substr(kCdataOpen.size(), whole.size() - kCdataOpen.size() - kCdataClose.size())};
  }
  return out;
}

bool XmlReader::has_elements(pugi::xml_node node) {
  for (const pugi::xml_node child : node.children()) {
    if (child.type() == pugi::node_element) return true;
  }
  return false;
}

void XmlReader::open_tag(std::string& out, pugi::xml_node node) const {
  out += '<';
  out += local_part(node.name());
  for (const pugi::xml_attribute a : node.attributes()) {
    const std::string_view name = a.name();
    if (name.starts_with("xml")) continue;
    out += ' ';
    out += local_part(name);
    out += "=\"";
    escape(out, decode(a.value()));
    out += '"';
  }
  out += '>';
}

std::string XmlReader::markup(pugi::xml_node node) const {
  std::string out;
  int depth = 0;
  pugi::xml_node at = node.first_child();
  while (at) {
    const bool element = at.type() == pugi::node_element;
    if (element)
      open_tag(out, at);
    else if (at.type() == pugi::node_cdata)
      escape(out, at.value());
    else if (at.type() == pugi::node_pcdata)
      escape(out, decode(at.value()));
    if (element && at.first_child()) {
      at = at.first_child();
      ++depth;
      continue;
    }
    const auto close = [&out](pugi::xml_node done) {
      const std::string_view local = local_part(done.name());
      for (const std::string_view bare : {"br", "img", "hr", "input", "wbr"}) {
        if (equals_ignoring_case(local, bare)) return;
      }
      out += "</";
      out += local;
      out += '>';
    };
    if (element) close(at);
    while (!at.next_sibling() && depth > 0) {
      at = at.parent();
      --depth;
      close(at);
    }
    at = at.next_sibling();
  }
  return out;
}

}  // namespace earshot

#pragma once

/// Names, namespaces, inherited attributes and text of an XML tree, as far as feeds need them.
/// Pure. The tree is parsed without resolving entities, so that "&amp;lt;" and CDATA are told
/// apart; every value goes through XmlReader.

#include <pugixml.hpp>

#include <deque>
#include <string>
#include <string_view>

#include "earshot/core/words.hpp"
#include "feed_tidy.hpp"

namespace earshot {

/// core: RSS of any version, Atom of any version, and elements without a namespace.
enum class Ns { core, content, dc, dcterms, itunes, media, sy, thr, rdf, xhtml, other };

struct XmlName {
  Ns ns = Ns::core;
  std::string_view local;
  bool is(Ns space, std::string_view wanted) const;  ///< names are compared without case
  bool is(std::string_view name) const { return is(Ns::core, name); }
};

/// What an element inherits: xml:base (absolute where it can be), xml:lang, prefixes.
struct XmlScope {
  const XmlScope* parent = nullptr;
  pugi::xml_node node;  ///< where prefixes are declared
  std::string base;
  std::string lang;
};

class XmlReader {
 public:
  XmlReader(XmlEntities entities, std::string_view base);

  const XmlScope* root() const { return &scopes_.front(); }
  /// The scope inside `node`; the parent's own where the node adds nothing. Lives as long as the
  /// reader.
  const XmlScope* enter(const XmlScope* parent, pugi::xml_node node);
  /// Where a feed without any base may point to.
  void set_default_base(const std::string& base);

  static XmlName name(const XmlScope* scope, pugi::xml_node node);
  std::string attribute(pugi::xml_node node,
                        const char* wanted) const;  ///< decoded and trimmed; names without case
  /// Character data directly inside the node, decoded, untrimmed.
  std::string text(pugi::xml_node node) const;
  static bool has_elements(pugi::xml_node node);
  /// The node's content as HTML source: child elements without prefixes, text escaped.
  std::string markup(pugi::xml_node node) const;
  std::string decode(std::string_view raw) const;

 private:
  void open_tag(std::string& out, pugi::xml_node node) const;
  XmlEntities entities_;
  mutable std::size_t expanded_ = 0;  ///< bytes that DTD entities became, over the whole document
  std::deque<XmlScope> scopes_;
};

}  // namespace earshot

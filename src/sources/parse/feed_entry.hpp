#pragma once

/// One RSS item or Atom entry -> post. Pure.

#include "earshot/core/post.hpp"
#include "feed_xml.hpp"

namespace earshot {

/// What a feed says for all its entries.
struct FeedDefaults {
  bool atom = false;  ///< Plain means plain; elsewhere "plain" text that is HTML was escaped twice.
  Author author;      ///< Of the feed; Atom entries inherit it (RFC 4287 4.2.1).
  std::string language;
};

/// A person construct of Atom, or RSS's "mail (Name)".
Author read_author(const XmlReader& reader, const XmlScope* scope, pugi::xml_node node);

/// nullopt where the entry holds nothing at all.
std::optional<Post> read_entry(XmlReader& reader, const XmlScope* parent, pugi::xml_node node,
                               const FeedDefaults& defaults);

}  // namespace earshot

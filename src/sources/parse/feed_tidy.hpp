#pragma once

/// What stands between foreign XML and the tree: budgets, DTD entities, and the repair of documents
/// that are not well-formed. Pure.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "earshot/core/result.hpp"

namespace earshot {

/// Counts what would become nodes or attributes, skipping CDATA and comments; an Error where there
/// are more than 200,000 elements or attributes.
Result<void> check_xml_budget(std::string_view xml);

/// Internal entities of a DTD whose value holds no other entity: at most 64 of at most 1 KiB.
/// External ones are never read.
using XmlEntities = std::map<std::string, std::string, std::less<>>;
XmlEntities read_dtd_entities(std::string_view xml);

struct TidyXml {
  std::string xml;  ///< Well-formed.
  std::vector<std::string> warnings;
  bool cut =
      false;  ///< The document ended inside an item or entry, which is the last one in `xml`.
};

/// Rewrites XML so that it is well-formed: closes what is open, drops end tags nobody opened,
/// quotes attributes, escapes stray
/// `<`, ends CDATA and comments, drops declarations, instructions, and junk before the first tag.
TidyXml tidy_xml(std::string_view xml);

}  // namespace earshot

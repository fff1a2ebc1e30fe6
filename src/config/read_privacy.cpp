/// `retention:`, how long things are kept, and `privacy:`.

#include <fmt/format.h>

#include "sections.hpp"

namespace earshot::config {

void read_retention(Context& context, const Node& node, RetentionConfig& out) {
  constexpr Duration kMost = hours{24 * 3650};
  Section section{context, node, "retention"};
  if (!section.ok()) return;
  section.read("posts", out.posts, {Duration{0}, kMost});
  section.read("cases", out.cases, {Duration{0}, kMost});
  section.read("audit", out.audit, {Duration{0}, kMost});
  section.done();
  const auto longer = [&](Duration one, Duration other) {
    return other > Duration{} && (one == Duration{} || one > other);
  };
  // A case is rebuilt from its entries; an entry without its case says nothing about anybody.
  if (const Node* cases = section.find("cases"); longer(out.cases, out.audit) && cases != nullptr)
    section.error(cases->mark, "cases",
                  "cases would be kept longer than the ledger's entries on them",
                  "let audit be at least as long as cases");
  else if (const Node* audit = section.find("audit");
           longer(out.cases, out.audit) && audit != nullptr)
    section.error(audit->mark, "audit",
                  "cases would be kept longer than the ledger's entries on them",
                  "let audit be at least as long as cases");
}

void read_privacy(Context& context, const Node& node, PrivacyConfig& out) {
  Section section{context, node, "privacy"};
  if (!section.ok()) return;
  section.read("mask_outgoing", out.mask_outgoing);
  section.done();
}

}  // namespace earshot::config

/// `questions:`: where mail asks, whom, until when, and how it climbs.

#include <fmt/format.h>

#include <algorithm>

#include "address.hpp"
#include "sections.hpp"

namespace earshot::config {
namespace {

/// Askers are people or principals.
void read_askers(Section& section, std::vector<std::string>& out) {
  section.each("askers", [&](const Node& item, const std::string& path) {
    const auto id = text_of(section.context(), item, path, "the id of a person or a principal");
    if (!id) return;
    Context& context = section.context();
    if (!context.is_known(NameKind::principal, *id))
      context.refer(NameKind::person, *id, item.mark, path);
    out.push_back(*id);
  });
}

}  // namespace

void read_questions(Context& context, const Node& node, const Config& known, QuestionPolicy& out) {
  Section section{context, node, "questions"};
  if (!section.ok()) return;
  read_mails(section, "addresses", out.addresses);
  section.read_name("source", out.source, NameKind::source);
  section.read("plus", out.plus);
  read_askers(section, out.askers);
  section.read_name("to", out.to, NameKind::person);
  const Span span{minutes{1}, hours{24 * 90}};
  section.read("due", out.due, span);
  if (!section.has("remind")) out.remind = std::min(out.remind, out.due / 4);
  section.read("remind", out.remind, {Duration{0}, hours{24 * 90}});
  section.read("climb", out.climb, span);
  section.read("most_per_hour", out.most_per_hour, 1, 10'000);
  if (out.remind >= out.due)
    section.error(section.node().mark, "remind",
                  fmt::format("{} before is not after the question, which is due after {}",
                              to_text(out.remind), to_text(out.due)),
                  "write a shorter time, or 0s for no reminder");
  const bool mailbox =
      out.source.empty() || std::ranges::any_of(known.sources, [&](const SourceConfig& it) {
        return it.name == out.source && it.type == "imap";
      });
  if (!mailbox && context.is_known(NameKind::source, out.source))
    section.error(section.find("source")->mark, "source", "is no mailbox",
                  "name a source of type imap");
  section.done();
}

}  // namespace earshot::config

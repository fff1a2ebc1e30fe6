/// How people acknowledge, who is given cases, and what helps them: acknowledge, runbooks, and the
/// keys `assign` of a team and `skills` of a person.

#include <fmt/format.h>

#include <algorithm>

#include "address.hpp"
#include "earshot/core/network.hpp"
#include "sections.hpp"

namespace earshot::config {

void read_acknowledge(Context& context, const Node& node, AcknowledgeConfig& out) {
  Section section{context, node, "acknowledge"};
  if (!section.ok()) return;
  section.read_enum("link", out.link);
  section.read("remind", out.remind, {Duration{0}, hours{24}});
  section.read("rotate_keys", out.rotate_keys, {Duration{0}, hours{24 * 366}});
  if (const Node* sms = section.find("sms")) {
    Section inner{context, *sms, "acknowledge.sms"};
    if (inner.ok()) {
      inner.need("token_file", "the provider signs with it what it sends");
      inner.read_secret_file("token_file", out.sms_token_file);
      NetworkPolicy anywhere;  // the provider calls it: Earshot does not connect to it
      anywhere.insecure_http = true;
      anywhere.allow = {*parse_range("0.0.0.0/0"), *parse_range("::/0")};
      read_url(inner, "url", out.sms_url, {"https", "http"}, anywhere);
      inner.done();
    }
  }
  section.done();
}

void read_assign(Section& team, AssignPolicy& out) {
  const Node* node = team.find("assign");
  if (node == nullptr) return;
  Section section{team.context(), *node, team.path_of("assign")};
  if (!section.ok()) return;
  if (section.has("by")) out.by.clear();
  section.each("by", [&](const Node& item, const std::string& path) {
    const auto text = text_of(section.context(), item, path, "a strategy");
    if (!text) return;
    const auto by = from_word<AssignBy>(*text);
    if (by) {
      out.by.push_back(*by);
      return;
    }
    const std::vector<std::string> words = words_of<AssignBy>();
    std::string hint = did_you_mean(*text, words);
    section.context().error(
        item.mark, path, fmt::format("{} is not a strategy", in_quotes(*text)),
        hint.empty() ? fmt::format("write {}", any_of(words)) : std::move(hint));
  });
  const bool mixed =
      out.by.size() > 1 && std::ranges::find(out.by, AssignBy::whoever_acks) != out.by.end();
  if (mixed)
    section.error(section.find("by")->mark, "by",
                  "whoever_acks leaves nothing to choose for the others",
                  "write it alone, or leave it out");
  section.read("capacity", out.capacity, 0, 1000);
  section.read("unowned", out.unowned, {minutes{1}, hours{24 * 30}});
  section.done();
}

void read_skills(Section& person, Skills& out) {
  const Node* node = person.find("skills");
  if (node == nullptr) return;
  Section section{person.context(), *node, person.path_of("skills")};
  if (!section.ok()) return;
  section.each("languages", [&](const Node& item, const std::string& path) {
    if (const auto tag = language_of(section.context(), item, path)) out.languages.push_back(*tag);
  });
  section.read("topics", out.topics);
  section.read("products", out.products);
  section.done();
}

void read_runbooks(Context& context, const Node& node, std::vector<Runbook>& out) {
  const auto* items = items_of(context, node, "runbooks");
  if (items == nullptr) return;
  static const std::vector<std::string> kCues = words_of<Cue>();
  for (std::size_t i = 0; i < items->size(); ++i) {
    Section section{context, (*items)[i], item_path("runbooks", i)};
    if (!section.ok()) continue;
    Runbook book;
    section.need("cue", "for which cue: safety, threat, press, …");
    section.read_word("cue", book.cue, kCues);
    section.read("text", book.text);
    NetworkPolicy anywhere;  // a link for people's browsers
    anywhere.insecure_http = true;
    anywhere.allow = {*parse_range("0.0.0.0/0"), *parse_range("::/0")};
    read_url(section, "url", book.url, {"https", "http"}, anywhere);
    if (!section.has("text") && !section.has("url"))
      section.error(section.node().mark, "text", "the runbook says nothing",
                    "write text: \"…\" or url: https://…");
    section.done();
    out.push_back(std::move(book));
  }
}

}  // namespace earshot::config

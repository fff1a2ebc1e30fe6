/// `digest:`: who is told how a day or a week went, when, and what stands in it.

#include <algorithm>

#include "earshot/oncall/schedule.hpp"
#include "sections.hpp"

namespace earshot::config {
namespace {

void read_readers(Section& turn, std::vector<std::string>& out) {
  turn.need("to", "a list of people and principals");
  turn.each("to", [&](const Node& item, const std::string& path) {
    Context& context = turn.context();
    const auto name = text_of(context, item, path, "the name of a person or a principal");
    if (!name) return;
    if (!context.is_known(NameKind::principal, *name))
      context.refer(NameKind::person, *name, item.mark, path);
    if (std::ranges::find(out, *name) != out.end())
      context.error(item.mark, path, in_quotes(*name) + " is named twice", "once is enough");
    else
      out.push_back(*name);
  });
  const Node* list = turn.find("to");
  if (list != nullptr && list->kind == Node::Kind::list && list->items.empty())
    turn.error(list->mark, "to", "nobody is named", "people and principals, like [ceo]");
}

void read_turn(Section& digest, DigestEvery every, DigestPolicy& out) {
  const Node* node = digest.find(to_word(every));
  if (node == nullptr) return;
  Section section{digest.context(), *node, digest.path_of(to_word(every))};
  if (!section.ok()) return;
  DigestTurn it;
  it.every = every;
  read_readers(section, it.to);
  std::string text;
  if (section.read("at", text)) {
    const auto at = parse_time_of_day(text);
    if (!at || *at >= minutes{24 * 60})
      section.error(section.find("at")->mark, "at", in_quotes(text) + " is no time of day",
                    "HH:MM, like \"07:00\"");
    else
      it.at = *at;
  }
  if (every == DigestEvery::weekly && section.read("day", text)) {
    const auto days = parse_days(text);
    if (!days || days->size() != 1)
      section.error(section.find("day")->mark, "day", in_quotes(text) + " is no weekday",
                    "one of mon, tue, wed, thu, fri, sat, sun");
    else
      it.day = days->front();
  }
  section.done();
  out.turns.push_back(std::move(it));
}

}  // namespace

void read_digest(Context& context, const Node& node, DigestPolicy& out) {
  Section section{context, node, "digest"};
  if (!section.ok()) return;
  if (const Node* zone = section.find("zone"))
    out.zone = zone_of(context, *zone, section.path_of("zone")).value_or("UTC");
  if (section.has("sections")) {
    out.sections.clear();
    section.each("sections", [&](const Node& item, const std::string& path) {
      const auto word = text_of(context, item, path, "the name of a section");
      if (!word) return;
      const auto known = from_word<DigestSection>(*word);
      const std::vector<std::string> words = words_of<DigestSection>();
      if (!known)
        context.error(item.mark, path, in_quotes(*word) + " is no section of a digest",
                      "one of " + any_of(words) +
                          "; the counts and what people set aside cannot be left out");
      else
        out.sections.push_back(*known);
    });
  }
  read_turn(section, DigestEvery::daily, out);
  read_turn(section, DigestEvery::weekly, out);
  if (!section.has("daily") && !section.has("weekly"))
    section.error(node.mark, "daily", "neither daily nor weekly: nobody gets the digest",
                  "daily: {at: \"07:00\", to: [ceo]}");
  section.done();
}

}  // namespace earshot::config

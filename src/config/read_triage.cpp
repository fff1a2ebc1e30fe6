#include <fmt/format.h>

#include <array>
#include <utility>

#include "sections.hpp"

namespace earshot::config {
namespace {

constexpr int kMostPoints = 1000;

/// A floor or a ceiling: a word of Urgency, or `none` to take the default's away.
void read_bound(Section& section, std::string_view key, std::optional<Urgency>& out) {
  static const std::vector<std::string> kWords{"none", "ignore", "digest", "queue", "page"};
  std::string word;
  if (!section.read_word(key, word, kWords)) return;
  out = word == "none" ? std::nullopt : from_word<Urgency>(word);
}

void read_when(Section& section, std::vector<Condition>& out) {
  static const std::vector<std::string> kWords{"complaint", "public", "about_us", "urgent"};
  const Node* node = section.find("when");
  if (node == nullptr) return;
  out.clear();
  section.each("when", [&](const Node& item, const std::string& path) {
    const auto text = text_of(section.context(), item, path, "a condition");
    if (!text) return;
    const auto condition = from_word<Condition>(*text == "public" ? "is_public" : *text);
    if (condition) {
      out.push_back(*condition);
      return;
    }
    std::string hint = did_you_mean(*text, kWords);
    section.context().error(
        item.mark, path, fmt::format("no condition is named {}", in_quotes(*text)),
        hint.empty() ? fmt::format("write {}", any_of(kWords)) : std::move(hint));
  });
}

void read_symbol(Section& points, std::string_view key, SymbolRule& out) {
  const Node* node = points.find(key);
  if (node == nullptr) return;
  Section section{points.context(), *node, points.path_of(key)};
  if (!section.ok()) return;
  section.read("add", out.add, -kMostPoints, kMostPoints);
  read_bound(section, "floor", out.floor);
  read_bound(section, "ceiling", out.ceiling);
  read_when(section, out.when);
  if (out.floor && out.ceiling && *out.floor > *out.ceiling) {
    section.error(node->mark, section.has("floor") ? "floor" : "ceiling",
                  fmt::format("the floor {} is above the ceiling {}", to_word(*out.floor),
                              to_word(*out.ceiling)),
                  "remove one of them (`none` takes a default away)");
  }
  section.done();
}

/// A symbol made of plain numbers.
void read_numbers(Section& points, std::string_view key,
                  std::initializer_list<std::pair<std::string_view, int*>> numbers) {
  const Node* node = points.find(key);
  if (node == nullptr) return;
  Section section{points.context(), *node, points.path_of(key)};
  if (!section.ok()) return;
  for (const auto& [name, out] : numbers) section.read(name, *out, 0, kMostPoints);
  section.done();
}

void read_thresholds(Section& triage, TriagePolicy& out) {
  const Node* node = triage.find("urgency");
  if (node == nullptr) return;
  Section section{triage.context(), *node, triage.path_of("urgency")};
  if (!section.ok()) return;
  section.read("page", out.page_at, 1, kMostPoints);
  section.read("queue", out.queue_at, 1, kMostPoints);
  section.read("digest", out.digest_at, 0, kMostPoints);
  section.done();
  if (out.page_at > out.queue_at && out.queue_at > out.digest_at) return;
  triage.error(node->mark, "urgency",
               fmt::format("the thresholds must fall: page {}, queue {}, digest {}", out.page_at,
                           out.queue_at, out.digest_at),
               "page needs the most points, digest the fewest");
}

}  // namespace

void read_triage(Context& context, const Node& node, TriagePolicy& out) {
  Section section{context, node, "triage"};
  if (!section.ok()) return;
  read_thresholds(section, out);
  if (const Node* points_node = section.find("points")) {
    Section points{context, *points_node, "triage.points"};
    const std::array<std::pair<std::string_view, SymbolRule*>, 9> symbols{{
        {"principal_addressed", &out.principal_addressed},
        {"principal_addressed_privately", &out.principal_addressed_privately},
        {"principal_mentioned", &out.principal_mentioned},
        {"urgent", &out.urgent},
        {"repeat_contact", &out.repeat_contact},
        {"broken_promise", &out.broken_promise},
        {"failed_case", &out.failed_case},
        {"storm", &out.storm},
        {"about_rival", &out.about_rival},
    }};
    if (points.ok()) {
      read_numbers(points, "complaint", {{"up_to", &out.complaint_up_to}});
      for (const auto& [name, rule] : symbols) read_symbol(points, name, *rule);
      read_numbers(points, "severity",
                   {{"serious", &out.severity_serious}, {"grave", &out.severity_grave}});
      read_numbers(points, "reach",
                   {{"per_decade", &out.reach_per_decade}, {"cap", &out.reach_cap}});
      points.done();
    }
  }
  section.done();
}

}  // namespace earshot::config

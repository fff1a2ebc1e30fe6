/// `root_causes:` and what follow_through says of failed cases and of authority.

#include <fmt/format.h>

#include <algorithm>

#include "earshot/cases/authority.hpp"
#include "sections.hpp"

namespace earshot::config {
namespace {

template <class T>
bool is_new(Section& section, const std::vector<T>& all, const std::string& id) {
  const bool twice = std::ranges::any_of(all, [&](const T& it) { return it.id == id; });
  if (twice) section.error(section.find("id")->mark, "id", in_quotes(id) + " is declared twice");
  return !twice;
}

void read_departments(Section& section, std::vector<Department>& out) {
  section.each("departments", [&](const Node& item, const std::string& path) {
    Section one{section.context(), item, path};
    if (!one.ok()) return;
    Department it;
    one.need("id", "a short name, like hardware");
    one.need("head", "the person who answers for it");
    const bool named = one.read("id", it.id);
    one.read("name", it.name);
    one.read_name("head", it.head, NameKind::person);
    if (named && is_new(one, out, it.id)) out.push_back(std::move(it));
    one.done();
  });
}

void read_causes(Section& section, CauseRules& rules) {
  section.each("causes", [&](const Node& item, const std::string& path) {
    Section one{section.context(), item, path};
    if (!one.ok()) return;
    RootCause it;
    one.need("id", "a short name, like battery");
    const bool named = one.read("id", it.id);
    one.read("name", it.name);
    one.read("department", it.department);
    if (!it.department.empty() && rules.department(it.department) == nullptr) {
      std::vector<std::string> known;
      for (const Department& department : rules.departments) known.push_back(department.id);
      one.error(one.find("department")->mark, "department",
                in_quotes(it.department) + " is no department",
                known.empty() ? "declare it under `root_causes.departments:`"
                              : did_you_mean(it.department, known));
    }
    if (named && is_new(one, rules.causes, it.id)) rules.causes.push_back(std::move(it));
    one.done();
  });
}

}  // namespace

void read_root_causes(Context& context, const Node& node, CauseRules& out) {
  Section section{context, node, "root_causes"};
  if (!section.ok()) return;
  read_departments(section, out.departments);
  read_causes(section, out);
  const Span span{hours{1}, hours{24 * 365}};
  section.read("due", out.due, span);
  if (!section.has("remind")) out.remind = std::min(out.remind, out.due / 4);
  section.read("remind", out.remind, {Duration{0}, hours{24 * 365}});
  section.read("climb", out.climb, span);
  section.read("recurrence", out.recurrence, span);
  if (out.remind >= out.due)
    section.error(section.node().mark, "remind",
                  fmt::format("{} before is not after the action, which is due after {}",
                              to_text(out.remind), to_text(out.due)),
                  "write a shorter time, or 0s for no reminder");
  section.done();
}

void read_failed(Section& section, CasePolicy& out) {
  const Node* node = section.find("failed");
  if (node == nullptr) return;
  Section failed{section.context(), *node, section.path_of("failed")};
  if (!failed.ok()) return;
  failed.read("again_after", out.failed_again, {Duration{0}, hours{24 * 30}});
  failed.read("window", out.failed_window, {minutes{1}, hours{24 * 90}});
  failed.read("clocks", out.failed_clocks, 1, 4);
  failed.done();
}

void read_authority(Section& section, std::map<std::string, std::string>& out) {
  const Node* node = section.find("authority");
  if (node == nullptr) return;
  Section authority{section.context(), *node, section.path_of("authority")};
  if (!authority.ok()) return;
  for (const Entry& entry : node->entries) {
    std::string text;
    if (!authority.read(entry.key, text)) continue;
    out[entry.key] = text;
    if (entry.key.ends_with("_up_to") && !money_of(text))
      authority.error(entry.value.mark, entry.key, in_quotes(text) + " is no amount",
                      "write an amount and its currency: 250 EUR");
  }
}

}  // namespace earshot::config

#include <array>

#include "earshot/core/utf8.hpp"
#include "sections.hpp"

namespace earshot::config {
namespace {

struct Declared {
  NameKind kind;
  std::string_view section;
  std::string_view key;
};
constexpr std::array kDeclared{
    Declared{NameKind::receiver, "receivers", "name"},
    Declared{NameKind::person, "people", "id"},
    Declared{NameKind::schedule, "schedules", "name"},
    Declared{NameKind::escalation, "escalations", "name"},
    Declared{NameKind::team, "teams", "name"},
    Declared{NameKind::principal, "principals", "id"},
    Declared{NameKind::source, "sources", "name"},
    Declared{NameKind::calendar, "calendars", "name"},
    Declared{NameKind::time_interval, "time_intervals", "name"},
};

const Node* value_of(const Node& map, std::string_view key) {
  for (const Entry& entry : map.entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

/// Names go into labels, links and texts such as "person:kim". Ids of people and principals hold no
/// blank.
bool is_name(std::string_view text, NameKind kind) {
  if (text.size() > 100 || trim(text).size() != text.size() || printable(text) != text)
    return false;
  const bool id = kind == NameKind::person || kind == NameKind::principal;
  return !id || text.find_first_of(" :,/") == std::string_view::npos;
}

void declare_one(Context& context, const Declared& what, const Node& item,
                 const std::string& path) {
  const Node* name = item.kind == Node::Kind::map ? value_of(item, what.key) : nullptr;
  if (name == nullptr || name->kind != Node::Kind::text || trim(name->text).empty()) {
    context.incomplete(what.kind);  // its section says what is wrong
    return;
  }
  const std::string at = path + "." + std::string{what.key};
  if (!is_name(name->text, what.kind)) {
    context.error(name->mark, at, in_quotes(name->text) + " cannot be a name",
                  R"(letters, digits, "-" and "_", at most 100, like care-chat)");
  }
  context.declare(what.kind, name->text, name->mark, at);
}

}  // namespace

void declare_names(Context& context, const Node& root) {
  if (context.partial) context.incomplete();
  for (const Declared& what : kDeclared) {
    const Node* section = value_of(root, what.section);
    if (section == nullptr) continue;
    if (section->kind != Node::Kind::list) {
      context.incomplete(what.kind);
      continue;
    }
    for (std::size_t i = 0; i < section->items.size(); ++i) {
      declare_one(context, what, section->items[i], item_path(std::string{what.section}, i));
    }
  }
}

}  // namespace earshot::config

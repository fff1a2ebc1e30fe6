// A source that cannot be read is an incident: it has an owner and pages like one.
#include <fmt/format.h>

#include "earshot/core/ids.hpp"
#include "effects.hpp"

namespace earshot {

std::string Effects::open_blindness(const std::string& source, const std::string& why) {
  Case it;
  it.id = "c" + ordered_id(chance_.now, draw());
  it.kind = "blindness";
  it.urgency = Urgency::page;
  it.severity = Severity::none;
  it.source = source;
  it.customer_name = "Earshot";
  it.title = fmt::format("Earshot cannot hear {}", source);
  it.excerpt = why;
  it.reasons = {fmt::format("The source {} cannot be read: {}", source, why)};
  it.points.push_back({"blindness", 0, "page", it.reasons.front()});
  it.posted_at = it.opened_at = it.updated_at = chance_.now;
  it.verification_needed = false;
  std::vector<Event> events{{EventKind::opened, "poller", chance_.now, {}}};
  return commit(Case{}, std::move(it), std::move(events)).id;
}

/// It hears again: no customer is waiting, so no gate stands before the end.
void Effects::end_blindness(const std::string& case_id) {
  const auto record = writer_.case_by_id(case_id);
  if (!record || record->ended) return;
  const Case before = load_case(*record);
  std::vector<Event> events{{EventKind::closed, "poller", chance_.now, {{"outcome", "recovered"}}}};
  Case after = fold_all(before, events);
  commit(before, std::move(after), std::move(events));
}

}  // namespace earshot

// A source that cannot be read, and an item that cannot, are incidents: they have an owner and page
// like one.
#include <fmt/format.h>

#include "earshot/core/ids.hpp"
#include "effects.hpp"

namespace earshot {

std::string Effects::open_blindness(const std::string& source, const std::string& why) {
  return open_incident("blindness", source, fmt::format("Earshot cannot hear {}", source), why,
                       fmt::format("The source {} cannot be read: {}", source, why));
}

std::string Effects::open_unreadable(const std::string& source, const std::string& why,
                                     const std::string& begin) {
  return open_incident(
      "unreadable", source, fmt::format("Unreadable post on {}", source), begin,
      fmt::format("A post of a watched account cannot be read, and it may be urgent: {}", why));
}

std::string Effects::open_miscount(const std::string& digest, const std::string& what) {
  return open_incident("self", "digest", fmt::format("The digest {} does not close", digest), what,
                       "Something that came in may be hidden: two counts of it differ.");
}

std::string Effects::open_incident(const std::string& kind, const std::string& source,
                                   const std::string& title, const std::string& excerpt,
                                   const std::string& reason) {
  Case it;
  it.id = "c" + ordered_id(chance_.now, draw());
  it.kind = kind;
  it.urgency = Urgency::page;
  it.severity = Severity::none;
  it.source = source;
  it.customer_name = "Earshot";
  it.title = title;
  it.excerpt = excerpt;
  it.reasons = {reason};
  it.points.push_back({kind, 0, "page", it.reasons.front()});
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

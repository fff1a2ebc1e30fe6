#include "earshot/web/brief.hpp"

#include "earshot/cases/brief.hpp"
#include "earshot/cases/clocks.hpp"
#include "earshot/config/parties.hpp"

namespace earshot {
namespace {

/// The newest words of the staff about the facts: feedback, an answer to a question, a note.
std::string truth_of(const Case& it, const std::vector<LedgerEntry>& story) {
  if (it.feedback) return it.feedback->done;
  std::string newest;
  for (const LedgerEntry& entry : story) {
    if (entry.kind != "question_answer" && entry.kind != "noted") continue;
    const auto data = parse_json(entry.data);
    if (!data || !data->IsObject()) continue;
    const JsonValue* inner = find(*data, "data");
    newest = string_at(inner != nullptr && inner->IsObject() ? *inner : *data, "text");
  }
  return newest;
}

}  // namespace

std::string brief_now(const Case& it, const Config& config, const std::string& reader, Instant now,
                      const std::vector<LedgerEntry>& story) {
  const Parties parties = parties_of(config);
  const auto name = [&](const std::string& id) {
    const std::string known = id.empty() ? "" : parties(id).name;
    return known.empty() ? id : known;
  };
  BriefNames names;
  names.owner = name(it.owner);
  if (!it.told.empty()) names.told = name(it.told.front());
  for (const CaseClock& clock : clocks(it, config.follow_through, now)) {
    if (clock.kind != ClockKind::first_answer || !clock.due) continue;
    const std::string zone = parties(reader).zone;
    const CivilTime local = to_civil(*clock.due, zone.empty() ? "UTC" : zone);
    names.due = to_rfc3339(Instant{local.time_since_epoch()}).substr(11, 5);
  }
  return brief_of(it, names, truth_of(it, story), "");
}

}  // namespace earshot

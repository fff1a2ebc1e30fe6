#include "quiet.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "earshot/oncall/time_interval.hpp"
#include "earshot/route/labels.hpp"

namespace earshot {
namespace {

constexpr Duration kLookAgain = minutes{5};  // where the end is not known

std::string data_of(const Quiet& why) {
  JsonWriter data;
  data.object();
  data.field("by", why.by);
  data.field("why", why.text);
  data.field("until", why.until);
  data.end();
  return data.take();
}

}  // namespace

std::vector<Silence> read_silences(StoreReader& reader, Instant now) {
  RecordQuery query;
  query.kind = kSilence;
  query.states = {"active"};
  query.limit = 10'000;
  std::vector<Silence> out;
  for (const Record& record : reader.records(query)) {
    auto read = silence_from_json(record.body);
    if (!read) throw StoreError("silence " + record.id + ": " + read.error().message);
    if (read->to > now) out.push_back(std::move(*read));
  }
  return out;
}

void wake_quieted(StoreWriter& writer, const std::string& by, Instant now) {
  RecordQuery query;
  query.kind = kQuiet;
  query.parent = by;
  query.limit = 10'000;
  for (const Record& it : writer.records(query))
    writer.arm({fmt::format("{}/{}", it.id, kQuiet), it.id, std::string{kQuiet}, now, "{}"});
}

const std::vector<Silence>& Effects::silences() {
  if (!silences_) silences_ = read_silences(writer_, chance_.now);
  return *silences_;
}

/// By a silence or an inhibition.
std::optional<Quiet> Effects::quiet_case(const Case& it) {
  const Labels labels = labels_of(it);
  if (const Silence* silence = silencing(silences(), labels, chance_.now))
    return Quiet{"silence/" + silence->id,
                 fmt::format("silenced by {}: {}", silence->by, silence->reason), silence->to};
  for (const InhibitRule& rule : rules_.config->inhibit_rules) {
    const InhibitSide side = side_of(rule, labels);
    if (side != InhibitSide::target && side != InhibitSide::both) continue;
    RecordQuery query;
    query.kind = kInhibitor;
    query.parent = inhibit_key(rule, labels);
    if (side == InhibitSide::both) query.states = {"source"};
    query.limit = 2;
    for (const Record& source : writer_.records(query)) {
      if (source.owner == it.id) continue;
      const auto open = writer_.case_by_id(source.owner);
      if (open && !open->ended)
        return Quiet{"inhibition/" + query.parent,
                     fmt::format("kept quiet by case {}, which is open", open->number),
                     {}};
    }
  }
  return std::nullopt;
}

/// By the times of a route.
std::optional<Quiet> Effects::quiet_route(const std::vector<std::string>& mute,
                                          const std::vector<std::string>& active) {
  if (mute.empty() && active.empty()) return std::nullopt;
  const auto why = muted(rules_.config->time_intervals, mute, active, chance_.now);
  if (!why) return std::nullopt;
  return Quiet{"interval/" + why->name, "its route is " + why->text, why->until};
}

/// The people of a case hear nothing while it or the route that chose them is quiet.
std::optional<Quiet> Effects::quiet(const Case& it) {
  if (auto why = quiet_case(it)) return why;
  const Routing routing = resolve_route(rules_.config->route, labels_of(it));
  const RouteMatch& first = routing.matches.front();
  return quiet_route(first.mute_time_intervals, first.active_time_intervals);
}

/// "; silenced by jo: batch 17 is known. Sent all the same": what a message of a hazard says.
std::string Effects::all_the_same(const Case& it) {
  if (!speaks_anyway(it)) return {};
  const auto why = quiet(it);
  return why ? fmt::format(" ({}; sent all the same)", why->text) : std::string{};
}

/// True where nobody may be told now. What is withheld is written down, and a timer stands where it
/// may be said.
bool Effects::withheld(const Case& it) {
  const auto why = quiet(it);
  if (!why) return false;
  if (speaks_anyway(it)) {
    writer_.append_ledger({0, chance_.now, "tick", "not_withheld", it.id, data_of(*why), ""});
    return false;
  }
  Record record = writer_.record(kQuiet, it.id).value_or(Record{});
  const bool known = record.version > 0 && record.parent == why->by;
  record.kind = kQuiet;
  record.id = it.id;
  record.parent = why->by;
  record.state = "quiet";
  record.due = why->until.value_or(chance_.now + kLookAgain);
  if (record.version == 0) record.created_at = chance_.now;
  record.updated_at = chance_.now;
  record.body = data_of(*why);
  writer_.put_record(record);
  writer_.arm({case_timer(it, kQuiet), it.id, std::string{kQuiet}, *record.due, "{}"});
  writer_.disarm(case_timer(it, kEscalate));
  if (!known) writer_.append_ledger({0, chance_.now, "tick", "withheld", it.id, data_of(*why), ""});
  return true;
}

/// What kept a case quiet may have ended: where it has, the case is told as if it came now.
void Effects::speak_again(const TimerRecord& timer) {
  const auto record = writer_.case_by_id(timer.case_id);
  if (!record || record->ended) return writer_.remove_record(kQuiet, timer.case_id);
  Case it = load_case(*record);
  const bool had = !it.owner.empty() && !it.climbs();
  if (!had && withheld(it)) return;
  writer_.remove_record(kQuiet, it.id);
  if (had) {
    writer_.append_ledger({0, chance_.now, "tick", "quiet_over", it.id, "{}", ""});
    return;
  }
  writer_.append_ledger({0, chance_.now, "tick", "speaks_again", it.id, "{}", ""});
  if (it.step >= 0)
    go_on(std::move(it));
  else if (it.urgency == Urgency::page)
    begin_escalation(std::move(it));
  else
    give_or_tell(std::move(it));
}

/// Keeps the records of what this case keeps quiet while it is open.
void Effects::mind_inhibitors(const Case& it) {
  if (it.ended()) writer_.remove_record(kQuiet, it.id);
  const std::vector<InhibitRule>& rules = rules_.config->inhibit_rules;
  if (rules.empty()) return;
  std::map<std::string, std::string> wanted;
  const Labels labels = labels_of(it);
  for (const InhibitRule& rule : rules) {
    const InhibitSide side = side_of(rule, labels);
    if (it.ended() || (side != InhibitSide::source && side != InhibitSide::both)) continue;
    wanted[inhibit_key(rule, labels)] = side == InhibitSide::both ? "both" : "source";
  }
  RecordQuery query;
  query.kind = kInhibitor;
  query.owner = it.id;
  for (const Record& record : writer_.records(query)) {
    if (wanted.erase(record.parent) > 0) continue;
    writer_.remove_record(kInhibitor, record.id);
    wake_quieted(writer_, "inhibition/" + record.parent, chance_.now);
  }
  for (const auto& [key, state] : wanted) {
    Record record;
    record.kind = kInhibitor;
    record.id = key + "/" + it.id;
    record.parent = key;
    record.owner = it.id;
    record.state = state;
    record.created_at = record.updated_at = chance_.now;
    record.body = "{}";
    writer_.put_record(record);
  }
}

}  // namespace earshot

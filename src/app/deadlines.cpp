// Deadlines: a word before a clock runs out and when it has, to named recipients; computed anew
// from what happened when the configuration changes, and kept with their reasons.
#include "deadlines.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "earshot/cases/clocks.hpp"
#include "earshot/core/ids.hpp"
#include "effects.hpp"
#include "targets.hpp"

namespace earshot {
namespace {

constexpr std::size_t kReckonedAtOnce = 100;
constexpr std::string_view kRulesOfClocks = "clock_rules";  // of the store's meta

/// What has been said of a clock; `since` tells one run of it from the next.
struct Said {
  std::string clock;
  std::optional<Instant> since{}, due{};
  std::string why;
  bool warned = false;
  bool missed = false;
};

std::string to_json(const std::vector<Said>& all) {
  JsonWriter out;
  out.object();
  out.key("clocks");
  out.array();
  for (const Said& it : all) {
    out.object();
    out.field("clock", it.clock);
    out.field("since", it.since);
    out.field("due", it.due);
    out.field("why", it.why);
    out.field("warned", it.warned);
    out.field("missed", it.missed);
    out.end();
  }
  out.end_array();
  out.end();
  return out.take();
}

std::vector<Said> said_from_json(const std::string& json) {
  std::vector<Said> out;
  const auto document = parse_json(json);
  const JsonValue* all = document ? find(*document, "clocks") : nullptr;
  if (all == nullptr || !all->IsArray()) return out;
  for (const JsonValue& it : all->GetArray()) {
    Said said;
    said.clock = string_at(it, "clock");
    said.since = parse_rfc3339(string_at(it, "since"));
    said.due = parse_rfc3339(string_at(it, "due"));
    said.why = string_at(it, "why");
    said.warned = flag_at(it, "warned");
    said.missed = flag_at(it, "missed");
    out.push_back(std::move(said));
  }
  return out;
}

/// Those that somebody is told of: an acknowledgement that decays has words of its own, and for a
/// case that is grouped in a storm the one that stands for it speaks.
std::vector<CaseClock> watched(const Case& it, const CasePolicy& policy, Instant now) {
  std::vector<CaseClock> out;
  if (it.ended() || it.grouped) return out;
  for (CaseClock& clock : clocks(it, policy, now)) {
    if (clock.kind != ClockKind::ack_decay && !clock.met_at) out.push_back(std::move(clock));
  }
  return out;
}

/// When there is something to say of it; nullopt where nothing is.
std::optional<Instant> next_word(const CaseClock& clock, const Said& said) {
  if (!clock.due || said.missed) return std::nullopt;
  return clock.warn_at && !said.warned ? std::min(*clock.warn_at, *clock.due) : *clock.due;
}

std::string data_of(const CaseClock& clock, const std::string& more_key, const std::string& more) {
  JsonWriter data;
  data.object();
  data.field("clock", to_word(clock.kind));
  data.field("due", clock.due);
  data.field("why", clock.why);
  data.field(more_key, more);
  data.end();
  return data.take();
}

std::string fingerprint(const Config& config) {
  const CasePolicy& policy = config.follow_through;
  std::string out = fmt::format("{} {} {}", policy.waiting_most.count(), policy.warn,
                                policy.call_back.count() + policy.call_spacing.count());
  out += fmt::format(" {} {}", policy.principal_public.count(), policy.principal_private.count());
  for (const auto* limits : {&policy.first_answer, &policy.next_update, &policy.solution}) {
    for (const auto& [urgency, limit] : *limits)
      out += fmt::format(" {}={}", to_word(urgency), limit.count());
    out += ";";
  }
  for (const auto& [urgency, calendar] : policy.calendar) {
    out += fmt::format(" {}:{}", to_word(urgency), calendar.zone);
    for (const DutyWindow& window : calendar.hours) {
      out += fmt::format(" {}-{}/{}", window.from.count(), window.to.count(),
                         to_word(window.holiday_rule));
      for (const auto day : window.days) out += fmt::format(",{}", day.iso_encoding());
      for (const auto day : window.holidays)
        out += fmt::format("!{}", day.time_since_epoch().count());
    }
  }
  for (const InhibitRule& rule : config.inhibit_rules) {
    out += ";";
    for (const Matcher& it : rule.source) out += it.text();
    for (const Matcher& it : rule.target) out += ">" + it.text();
    for (const std::string& it : rule.equal) out += "=" + it;
  }
  return hash128_hex(out);
}

std::string clock_timer(const std::string& case_id) {
  return fmt::format("{}/{}", case_id, kClock);
}

}  // namespace

/// Writes down what is due when and why, and sets the timer of the next word.
void Effects::mind_clocks(const Case& it, bool fresh, const std::string& why_moved) {
  Record record;
  if (!fresh) record = writer_.record(kClock, it.id).value_or(Record{});
  const std::vector<Said> before = said_from_json(record.body);
  std::vector<Said> after;
  std::optional<Instant> next;
  for (const CaseClock& clock : watched(it, rules_.config->follow_through, chance_.now)) {
    Said now;
    now.clock = to_word(clock.kind);
    now.since = clock.started;
    now.due = clock.due;
    now.why = clock.why;
    const auto old = std::ranges::find_if(before, [&](const Said& said) {
      return said.clock == now.clock && said.since == now.since;
    });
    if (old != before.end()) {
      const bool moved = old->due != now.due;
      now.missed = old->missed && !(moved && clock.due && *clock.due > chance_.now);
      now.warned = old->warned && !(moved && clock.warn_at && *clock.warn_at > chance_.now);
      if (moved && !why_moved.empty())
        writer_.append_ledger({0, chance_.now, "tick", "deadline_moved", it.id,
                               data_of(clock, "because", why_moved), ""});
    }
    if (const auto word = next_word(clock, now); word && (!next || *word < *next)) next = word;
    after.push_back(std::move(now));
  }
  keep_clocks(it, std::move(record), to_json(after), next);
}

void Effects::keep_clocks(const Case& it, Record record, std::string body,
                          std::optional<Instant> next) {
  const std::string state = it.ended() ? "ended" : "running";
  if (next)
    writer_.arm({clock_timer(it.id), it.id, std::string{kClock}, *next, "{}"});
  else if (record.due)
    writer_.disarm(clock_timer(it.id));
  const bool fresh = record.version == 0;
  if (fresh && (it.ended() || it.grouped)) return;
  if (!fresh && record.body == body && record.state == state && record.due == next) return;
  record.kind = kClock;
  record.id = it.id;
  record.owner = it.owner;
  record.state = state;
  record.due = next;
  if (fresh) record.created_at = chance_.now;
  record.updated_at = chance_.now;
  record.body = std::move(body);
  writer_.put_record(record);
}

/// Says what there is to say now: once before a deadline, once when it has passed.
void Effects::clock_due(const TimerRecord& timer) {
  const auto record = writer_.case_by_id(timer.case_id);
  auto kept = writer_.record(kClock, timer.case_id);
  if (!record || record->ended || !kept) return;
  const Case it = load_case(*record);
  // The timer says that it is due; the wall clock may have been set back since.
  const Instant now = std::max(chance_.now, timer.due);
  std::vector<Said> all = said_from_json(kept->body);
  std::optional<Instant> next;
  bool missed = false;
  for (const CaseClock& clock : watched(it, rules_.config->follow_through, now)) {
    const auto said = std::ranges::find_if(all, [&](const Said& one) {
      return one.clock == to_word(clock.kind) && one.since == clock.started;
    });
    if (said == all.end()) continue;
    if (const auto word = next_word(clock, *said); word && *word <= now) {
      said->missed = *clock.due <= now;
      missed = missed || said->missed;
      said->warned = true;
      say_of_clock(it, clock, said->missed, now);
    }
    if (const auto word = next_word(clock, *said); word && (!next || *word < *next)) next = word;
  }
  keep_clocks(it, std::move(*kept), to_json(all), next);
  if (missed) fail_for_clocks(it.id);
}

/// Whom a word about a clock goes to. "owner" is whoever has the case, or is being told of it, or
/// would be.
StepTargets Effects::clock_targets(Case it, const std::vector<std::string>& notify, Instant now) {
  const EscalationPolicy* policy = rules_.escalation(it.escalation);
  if (it.owner.empty() && it.told.empty() && policy != nullptr && !policy->steps.empty())
    it.told = resolve_targets(policy->steps.front(), it, rules_, now, live()).people;
  EscalationStep step;
  std::vector<std::string> people;
  for (const std::string& target : notify) {
    if (target != "owner")
      step.notify.push_back(target);
    else
      people = it.owner.empty() ? it.told : std::vector{it.owner};
  }
  StepTargets out = resolve_targets(step, it, rules_, now, live());
  for (const std::string& id : out.people) {
    if (std::ranges::find(people, id) == people.end()) people.push_back(id);
  }
  out.people = std::move(people);
  return out;
}

void Effects::say_of_clock(const Case& it, const CaseClock& clock, bool missed, Instant now) {
  if (missed) missed_clocks_.emplace_back(to_word(clock.kind));
  const CasePolicy& policy = rules_.config->follow_through;
  Case of = it;  // a call-back is owed by who rings
  if (clock.kind == ClockKind::call_back && rules_.person(it.caller) != nullptr)
    of.owner = it.caller;
  StepTargets whom =
      clock_targets(std::move(of), missed ? policy.breach_notify : policy.warn_notify, now);
  if (quiet(it) && !speaks_anyway(it)) whom = {};  // the ledger has it; nobody is told
  std::string told;
  for (const std::string& id : whom.people) told += (told.empty() ? "" : ",") + id;
  writer_.append_ledger({0, now, "tick", missed ? "clock_missed" : "clock_warned", it.id,
                         data_of(clock, "told", told), ""});
  const std::string what = clock_words(clock.kind);
  const std::string due = to_rfc3339(*clock.due).substr(0, 16) + " UTC";
  const std::string text =
      missed ? fmt::format("The {} of case {} is late: it was due at {}. {}", what, it.number, due,
                           it.owner.empty() ? "Nobody has the case." : it.owner + " has the case.")
             : fmt::format("The {} of case {} is due at {}. {}", what, it.number, due,
                           it.owner.empty() ? "Nobody has the case." : it.owner + " has the case.");
  const std::string about = fmt::format("clock/{}/{}/{}/{}", it.id, to_word(clock.kind),
                                        to_unix_ms(*clock.due), missed ? "missed" : "warned");
  for (const std::string& id : whom.people) tell_of_case(it, id, text, about, missed);
  for (const std::string& name : whom.receivers) tell_receiver(it, name, text, about);
}

/// By the ways of their queue; `loud` tells of an urgent case by those of their pages. There is
/// nothing to acknowledge.
void Effects::tell_of_case(const Case& it, const std::string& person, const std::string& text,
                           const std::string& about, bool loud) {
  const Person* who = rules_.person(person);
  if (who == nullptr) return;
  std::vector<std::string> skipped;
  const std::vector<Way> ways = loud && it.urgency == Urgency::page
                                    ? page_ways(*who, rules_, live(), skipped)
                                    : ways_of(*who, "queue", rules_);
  for (const Way& way : ways) {
    if (way.after > Duration{0} && loud) continue;  // once is enough: the first way of a page
    OutboxRow row;
    row.key = fmt::format("{}/{}/{}/{}", about, person, way.receiver, way.target);
    row.case_id = it.id;
    row.receiver = way.receiver;
    row.person = person;
    row.target = way.target;
    row.not_before = chance_.now + way.after;
    Message message = message_of(MessageKind::update, it);
    message.person = person;
    message.text = text;
    enqueue(std::move(row), *rules_.receiver(way.receiver), message);
  }
}

void Effects::tell_receiver(const Case& it, const std::string& receiver, const std::string& text,
                            const std::string& about) {
  const ReceiverConfig* config = rules_.receiver(receiver);
  if (config == nullptr) return;
  OutboxRow row;
  row.key = fmt::format("{}//{}", about, receiver);
  row.case_id = it.id;
  row.receiver = receiver;
  row.not_before = chance_.now;
  Message message = message_of(MessageKind::update, it);
  message.text = text;
  enqueue(std::move(row), *config, message);
}

void arm_reckoning(StoreWriter& writer, const Rules& rules, Instant now) {
  const std::string print = fingerprint(*rules.config);
  const auto known = writer.meta(kRulesOfClocks);
  if (known == print) return;
  writer.put_meta(kRulesOfClocks, print);
  if (known) writer.arm({std::string{kReckon}, "", std::string{kReckon}, now, ""});
}

void reckon(StoreWriter& writer, Effects& effects, const TimerRecord& timer, Instant now) {
  RecordQuery query;
  query.kind = kClock;
  query.states = {"running"};
  query.after = timer.data;
  query.limit = kReckonedAtOnce;
  const std::vector<Record> some = writer.records(query);
  for (const Record& kept : some) {
    if (const auto record = writer.case_by_id(kept.id); record && !record->ended)
      effects.reckon_anew(load_case(*record), record->due);
  }
  if (some.size() < kReckonedAtOnce) return;
  writer.arm({timer.id, "", timer.kind, now, some.back().id});
}

void Effects::reckon_anew(Case it, std::optional<Instant> due) {
  mind_inhibitors(it);
  mind_clocks(it, false, "The hours or limits in the configuration have changed.");
  const auto nearest = nearest_clock(it, rules_.config->follow_through, chance_.now);
  const std::optional<Instant> now_due = nearest ? nearest->due : std::nullopt;
  if (now_due != due) store(std::move(it), {});
}

}  // namespace earshot

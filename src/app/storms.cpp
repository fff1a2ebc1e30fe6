#include "storms.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "earshot/core/ids.hpp"
#include "earshot/core/utf8.hpp"

namespace earshot {
namespace {

constexpr std::string_view kSince = "storms_since";  // when cases were first counted
constexpr std::size_t kNameBytes = 60;

std::string joined_words(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& it : words) out += (out.empty() ? "" : ", ") + it;
  return out;
}

bool is_alone(const Case& it) {
  return !it.principal.empty() || std::ranges::any_of(it.cues, [](const std::string& word) {
    const auto cue = from_word<Cue>(word);
    return cue && is_hazard(*cue);
  });
}

Command enter_command(const Storm& storm, bool grouped, std::string reason) {
  return {
      Action::enter_storm,
      "storm",
      {{"storm", storm.id}, {"grouped", grouped ? "yes" : "no"}, {"reason", std::move(reason)}}};
}

/// The most urgent; among those one that somebody has; among those the first. A hazard only where
/// there is nothing else.
const Case* choose_lead(const std::vector<Case>& cases) {
  const auto rank = [](const Case& it) {
    return std::tuple{!is_alone(it), it.urgency, !it.owner.empty()};
  };
  const Case* best = nullptr;
  for (const Case& it : cases) {
    if (it.urgency < Urgency::queue) continue;
    if (best == nullptr || rank(it) > rank(*best)) best = &it;
  }
  return best;
}

std::string timer_of(const std::string& storm) {
  return "storm/" + storm;
}

void note(StoreWriter& writer, const Storm& storm, std::string_view kind, const std::string& who,
          Instant now) {
  JsonWriter data;
  data.object();
  data.field("storm", storm.id);
  data.field("name", storm.name);
  data.field("why", storm.why);
  data.field("count", storm.count);
  data.end();
  writer.append_ledger({0, now, who, std::string{kind}, storm.lead, data.take(), ""});
}

}  // namespace

bool may_be_grouped(const Case& it) {
  return !is_alone(it) && it.urgency >= Urgency::queue && it.state == CaseState::open;
}

std::optional<Storm> load_storm(StoreReader& reader, const std::string& id) {
  if (id.empty()) return std::nullopt;
  const auto record = reader.record(kStorm, id);
  if (!record) return std::nullopt;
  Result<Storm> read = storm_from_json(record->body);
  if (!read) throw StoreError("storm " + id + " cannot be read: " + read.error().message);
  read->version = record->version;
  return std::move(*read);
}

void store_storm(StoreWriter& writer, Storm& storm, Instant now) {
  Record record;
  record.kind = kStorm;
  record.id = storm.id;
  record.version = storm.version;
  record.state = storm.ended_at ? "ended" : "open";
  record.created_at = storm.since;
  record.updated_at = now;
  record.body = to_json(storm);
  storm.version = writer.put_record(record);
}

bool is_led(StoreReader& reader, const Storm& storm) {
  if (storm.lead.empty()) return false;
  const auto record = reader.case_by_id(storm.lead);
  if (!record || record->ended) return false;
  const Case lead = load_case(*record);
  return lead.storm == storm.id && !lead.grouped;
}

Storms::Storms(StoreWriter& writer, const Rules& rules, Effects& effects)
    : writer_(writer), rules_(rules), effects_(effects), policy_(rules.config->storms) {}

Storms::Book& Storms::book_of(const std::string& cause) {
  const auto known = books_.find(cause);
  if (known != books_.end()) return known->second;
  Book fresh;
  if (auto record = writer_.record(kCause, cause)) {
    fresh.counts = counts_from_json(record->body);
    fresh.record = std::move(*record);
  } else {
    fresh.record.kind = kCause;
    fresh.record.id = cause;
    fresh.record.created_at = effects_.chance().now;
  }
  return books_.emplace(cause, std::move(fresh)).first->second;
}

Storms::Open* Storms::open_storm(const std::string& id) {
  if (id.empty()) return nullptr;
  auto known = open_.find(id);
  if (known == open_.end()) {
    auto storm = load_storm(writer_, id);
    if (!storm || storm->ended_at) return nullptr;
    known = open_.emplace(id, Open{std::move(*storm), false}).first;
  }
  return &known->second;
}

Storms::Open* Storms::storm_of(const std::string& cause) {
  if (cause.empty() || policy_.at_least <= 0) return nullptr;
  return open_storm(book_of(cause).record.parent);
}

Instant Storms::since() {
  if (const auto known = writer_.meta(kSince)) {
    if (const auto at = parse_rfc3339(*known)) return *at;
  }
  const Instant now = effects_.chance().now;
  writer_.put_meta(kSince, to_rfc3339(now));
  return now;
}

bool Storms::rages(const Assessment& assessment) {
  return assessment.is_complaint && storm_of(cause_of(assessment)) != nullptr;
}

void Storms::enter(const Assessment& assessment, const std::string& copied, Filed& filed) {
  Open* found = open_storm(copied);
  if (found == nullptr) found = storm_of(cause_of(assessment));
  if (found == nullptr) return;
  Case& it = filed.after;
  Storm& storm = found->storm;
  const bool groupable = may_be_grouped(it);
  const bool leads = groupable && !is_led(writer_, storm);
  if (leads) storm.lead = it.id;
  found->changed = true;
  const Command command = enter_command(
      storm, groupable && !leads, fmt::format("Many customers report the same: {}.", storm.name));
  Applied applied = apply(it, command, effects_.chance().now, rules_.config->follow_through);
  it = fold_all(std::move(it), applied.events);
  filed.events.insert(filed.events.end(), applied.events.begin(), applied.events.end());
}

void Storms::count(Open& it, const Case& stored) {
  const Instant now = effects_.chance().now;
  const bool hazard = is_alone(stored) && stored.principal.empty();
  count_customer(it.storm, now, !stored.principal.empty(), hazard);
  it.changed = true;
  if (!has_grown(it.storm)) return;
  effects_.tell_storm(it.storm, fmt::format("It grows: {} customers.", it.storm.count),
                      fmt::format("grows/{}", it.storm.count));
}

void Storms::opened(const Assessment& assessment, const Case& stored) {
  if (policy_.at_least <= 0) return;
  const Instant now = effects_.chance().now;
  const std::string cause = cause_of(assessment);
  Book* book = cause.empty() ? nullptr : &book_of(cause);
  if (book != nullptr) {
    count_case(book->counts, stored.id, now);
    book->changed = true;
  }
  if (Open* found = open_storm(stored.storm)) {
    ++found->storm.cases;
    count(*found, stored);
    // The one that stands for all is as loud as the loudest of them.
    if (stored.grouped) effects_.raise_lead(found->storm, stored);
    return;
  }
  if (book == nullptr) return;
  const StormVerdict verdict = is_storm(book->counts, since(), policy_, now);
  if (!verdict.storm) return;
  Storm storm;
  storm.cause = cause;
  storm.words = cause_words(assessment);
  storm.name = joined_words(storm.words);
  storm.why = verdict.why;
  const auto from = std::chrono::floor<minutes>((now - policy_.window).time_since_epoch()).count();
  std::vector<std::string> cases;
  for (const CauseCounts::Lately& it : book->counts.lately) {
    if (it.minute > from) cases.push_back(it.case_id);
  }
  open(std::move(storm), cases, 0);
}

void Storms::joined(const Case& stored) {
  if (Open* found = open_storm(stored.storm)) return count(*found, stored);
  if (policy_.at_least <= 0 || stored.joined + 1 < static_cast<std::uint64_t>(policy_.at_least))
    return;
  LedgerQuery query;
  query.case_id = stored.id;
  query.kind = to_word(EventKind::joined);
  query.from = effects_.chance().now - policy_.window;
  query.limit = static_cast<std::size_t>(policy_.at_least);
  const std::size_t lately = writer_.ledger(query).size();
  const StormVerdict verdict = is_storm_of_copies(lately + 1, policy_);
  if (!verdict.storm) return;
  Storm storm;
  storm.name = fmt::format("\"{}\"", cut_utf8(stored.excerpt, kNameBytes));
  storm.why = verdict.why;
  open(std::move(storm), {stored.id}, lately);
}

void Storms::added(const Assessment& assessment, const Case& stored) {
  if (!stored.grouped || !stands_alone(assessment)) return;
  if (Open* found = open_storm(stored.storm)) {
    effects_.ungroup(stored, "It is told by itself: it is a hazard, or goes to the top.");
    found->changed = true;
  }
}

void Storms::open(Storm storm, const std::vector<std::string>& ids, std::uint64_t lately) {
  const Instant now = effects_.chance().now;
  // Two storms may get one name in one batch.
  std::uint64_t seed = hash64(storm.name, effects_.chance().seed);
  storm.id = "s" + ordered_id(now, seed);
  while (writer_.record(kStorm, storm.id)) storm.id = "s" + ordered_id(now, ++seed);
  storm.since = now;
  std::vector<Case> cases;
  for (const std::string& id : ids) {
    const auto record = writer_.case_by_id(id);
    if (!record || record->ended) continue;
    Case it = load_case(*record);
    if (open_storm(it.storm) == nullptr) cases.push_back(std::move(it));
  }
  if (cases.empty()) return;
  if (const Case* lead = choose_lead(cases)) storm.lead = lead->id;
  for (const Case& chosen : cases) {
    // What was decided for the one before may have changed this one, too.
    const auto record = writer_.case_by_id(chosen.id);
    const Case it = record ? load_case(*record) : Case{};
    if (!record || record->ended || it.storm == storm.id) continue;
    ++storm.cases;
    count_customer(storm, now, !it.principal.empty(), is_alone(it) && it.principal.empty());
    // Of a case that was in a storm before, only what came lately.
    const std::uint64_t copies = it.storm.empty() ? it.joined : lately;
    for (std::uint64_t i = 0; i < copies; ++i) count_customer(storm, now, false, false);
    const bool grouped = it.id != storm.lead && may_be_grouped(it);
    Applied applied =
        apply(it, enter_command(storm, grouped, storm.why), now, rules_.config->follow_through);
    Case after = fold_all(it, applied.events);
    effects_.commit(it, std::move(after), std::move(applied.events));
  }
  has_grown(storm);  // from here on
  store_storm(writer_, storm, now);
  if (!storm.cause.empty()) {
    Book& book = book_of(storm.cause);
    book.record.parent = storm.id;
    book.changed = true;
  }
  writer_.arm(
      {timer_of(storm.id), storm.id, std::string{kStormTimer}, now + policy_.cool_down, "{}"});
  note(writer_, storm, "storm_opened", "storm", now);
  effects_.tell_storm(storm, storm.why + " Further cases are grouped under this one.", "opened");
  const std::string id = storm.id;
  open_.insert_or_assign(id, Open{std::move(storm), false});
}

void Storms::flush() {
  const Instant now = effects_.chance().now;
  for (auto& [id, it] : open_) {
    if (!it.changed) continue;
    store_storm(writer_, it.storm, now);
    it.changed = false;
  }
  for (auto& [cause, it] : books_) {
    if (!it.changed) continue;
    it.record.updated_at = now;
    it.record.body = to_json(it.counts);
    it.record.version = writer_.put_record(it.record);
    it.changed = false;
  }
}

void end_storm(StoreWriter& writer, Effects& effects, Storm storm, const std::string& by,
               Instant now) {
  storm.ended_at = now;
  storm.ended_by = by;
  store_storm(writer, storm, now);
  writer.disarm(timer_of(storm.id));
  if (auto cause = writer.record(kCause, storm.cause); cause && cause->parent == storm.id) {
    cause->parent.clear();
    cause->updated_at = now;
    writer.put_record(*cause);
  }
  note(writer, storm, "storm_ended", by.empty() ? "storm" : by, now);
  RecordQuery query;
  query.kind = kStormCase;
  query.parent = storm.id;
  query.states = {"grouped"};
  query.limit = 10'000;
  const std::size_t left = writer.records(query).size();
  const std::string rest = left == 0 ? "" : fmt::format(" {} of its cases have nobody yet.", left);
  effects.tell_storm(
      storm,
      fmt::format("{} {} customers in {}.{}", by.empty() ? "It is over." : by + " ended it.",
                  storm.count, to_text(std::chrono::ceil<minutes>(now - storm.since)), rest),
      "ended");
}

void cool_down(StoreWriter& writer, const Rules& rules, Effects& effects, const TimerRecord& timer,
               Instant now) {
  auto storm = load_storm(writer, timer.case_id);
  if (!storm || storm->ended_at) return;
  const StormPolicy& policy = rules.config->storms;
  Usual usual;
  if (const auto cause = writer.record(kCause, storm->cause)) {
    const auto since = parse_rfc3339(writer.meta(kSince).value_or(""));
    usual = usual_at(counts_from_json(cause->body), since.value_or(now), now);
  }
  if (is_over(count_since(*storm, now - policy.cool_down), usual, policy))
    return end_storm(writer, effects, std::move(*storm), "", now);
  TimerRecord again = timer;
  again.due = now + std::max<Duration>(minutes{1}, policy.cool_down / 3);
  writer.arm(again);
}

std::optional<Case> crowded_case(StoreReader& reader, const Assessment& assessment,
                                 const std::string& customer, const StormPolicy& policy,
                                 Instant now) {
  constexpr std::size_t kLookedAt = 8;
  if (policy.author_cases <= 0) return std::nullopt;
  std::vector<Case> lately;
  for (const CaseRecord& record :
       reader.cases_of(customer, "", now - policy.author_window, kLookedAt)) {
    if (!record.ended && record.opened_at >= now - policy.author_window)
      lately.push_back(load_case(record));
  }
  if (std::ssize(lately) < policy.author_cases) return std::nullopt;
  for (Case& it : lately) {
    const bool to_them = assessment.principal.empty() || it.principal == assessment.principal;
    const bool same_hazard = std::ranges::all_of(assessment.cues, [&](Cue cue) {
      return !is_hazard(cue) || std::ranges::find(it.cues, to_word(cue)) != it.cues.end();
    });
    if (to_them && same_hazard) return std::move(it);
  }
  return std::nullopt;
}

}  // namespace earshot

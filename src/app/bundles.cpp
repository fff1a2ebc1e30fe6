// Bundles: more than three cases within two minutes to one person become one message that lists
// them. A hazard's first page never waits.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "earshot/core/planted.hpp"
#include "earshot/core/rare.hpp"
#include "earshot/core/utf8.hpp"
#include "effects.hpp"
#include "quiet.hpp"
#include "targets.hpp"

namespace earshot {
namespace {

constexpr std::size_t kAlone = 3;       // so many cases are told one by one …
constexpr Duration kSpan = minutes{2};  // … within this
constexpr std::size_t kMostRemembered = 64;
constexpr std::size_t kMostWaiting = 500;

/// A page that was told, or waits to be.
struct Paged {
  std::string case_id;
  int step = 0;
  int round = 0;
  Instant at{};
};

/// What a person has been told lately, what waits for them, and which bundles are under way.
struct Lately {
  std::vector<Paged> told;
  std::vector<Paged> waiting;
  std::vector<Paged> sent;  ///< in bundles whose later ways may still speak
};

void write(JsonWriter& out, std::string_view name, const std::vector<Paged>& all) {
  out.key(name);
  out.array();
  for (const Paged& it : all) {
    out.object();
    out.field("case", it.case_id);
    out.field("step", it.step);
    out.field("round", it.round);
    out.field("at", it.at);
    out.end();
  }
  out.end_array();
}

std::vector<Paged> read(const JsonValue& object, std::string_view name) {
  std::vector<Paged> out;
  const JsonValue* all = find(object, name);
  if (all == nullptr || !all->IsArray()) return out;
  for (const JsonValue& it : all->GetArray())
    out.push_back({std::string{string_at(it, "case")},
                   static_cast<int>(integer_at(it, "step").value_or(0)),
                   static_cast<int>(integer_at(it, "round").value_or(0)),
                   parse_rfc3339(string_at(it, "at")).value_or(Instant{})});
  return out;
}

Lately lately_of(const Record& record) {
  Lately out;
  const auto document = parse_json(record.body.empty() ? "{}" : record.body);
  if (!document) throw StoreError("bundle " + record.id + ": " + document.error().message);
  out.told = read(*document, "told");
  out.waiting = read(*document, "waiting");
  out.sent = read(*document, "sent");
  return out;
}

void put(StoreWriter& writer, Record record, const std::string& person, const Lately& it,
         Instant now) {
  JsonWriter out;
  out.object();
  write(out, "told", it.told);
  write(out, "waiting", it.waiting);
  write(out, "sent", it.sent);
  out.end();
  record.kind = kBundle;
  record.id = record.owner = person;
  record.state = it.waiting.empty() ? "idle" : "waiting";
  if (record.version == 0) record.created_at = now;
  record.updated_at = now;
  record.body = out.take();
  writer.put_record(record);
}

bool among(const std::vector<Paged>& all, const std::string& case_id) {
  return std::ranges::find(all, case_id, &Paged::case_id) != all.end();
}

void forget(std::vector<Paged>& all, const std::string& case_id) {
  std::erase_if(all, [&](const Paged& it) { return it.case_id == case_id; });
}

/// The parent of a bundle's rows: it is no one case's, and an acknowledgement finds it by this.
std::string rows_of(const std::string& person) {
  return "bundle/" + person;
}

/// Hazards and the top do not wait, nor what says that Earshot itself is deaf or broken.
bool hurries(const Case& it) {
  return speaks_anyway(it) || it.kind != "customer";
}

bool is_first(StoreWriter& writer, const std::string& case_id, const std::string& person) {
  return std::ranges::none_of(writer.outbox_of(case_id), [&](const OutboxRow& row) {
    return row.lane == Lane::page && row.person == person;
  });
}

/// What the keys of the rows of one bundle begin with.
std::string key_of(const std::string& person, Instant sent) {
  return fmt::format("bundle/{}/{}/", person, to_unix_ms(sent));
}

void cancel_rows(StoreWriter& writer, const std::string& person, Instant sent, Instant now) {
  for (OutboxRow row : writer.outbox_of(rows_of(person))) {
    if (!row.key.starts_with(key_of(person, sent))) continue;
    if (row.state != OutboxState::pending && row.state != OutboxState::uncertain) continue;
    row.state = OutboxState::cancelled;
    row.ended_at = now;
    row.result = "somebody has each of its cases";
    writer.update_outbox(row);
  }
}

}  // namespace

bool bundle_is_needless(StoreReader& reader, const OutboxRow& page) {
  const auto record = reader.record(kBundle, page.person);
  if (!record || planted<17>) return false;
  const Lately lately = lately_of(*record);
  if (lately.sent.size() >= kMostWaiting) return false;  // it may be one that was not remembered
  return std::ranges::none_of(lately.sent, [&](const Paged& it) {
    return page.key.starts_with(key_of(page.person, it.at));
  });
}

/// True where this page waits for the person's next bundle.
bool Effects::bundle(const Case& it, const std::string& person, StepAt step) {
  Record record = writer_.record(kBundle, person).value_or(Record{});
  Lately lately = lately_of(record);
  std::erase_if(lately.told, [&](const Paged& one) { return one.at + kSpan <= chance_.now; });
  std::size_t others = 0;
  for (const Paged& one : lately.told) others += one.case_id != it.id ? 1U : 0U;
  const Paged page{it.id, step.step, step.round, chance_.now};
  const bool many = others >= kAlone || !lately.waiting.empty();
  const bool waits = many && !rare("bundle.no_room") && lately.waiting.size() < kMostWaiting &&
                     !(hurries(it) && is_first(writer_, it.id, person));
  if (!waits) {
    forget(lately.told, it.id);
    if (lately.told.size() < kMostRemembered) lately.told.push_back(page);
    put(writer_, std::move(record), person, lately, chance_.now);
    return false;
  }
  if (lately.waiting.empty()) {
    const Instant began = std::ranges::min(lately.told, {}, &Paged::at).at;
    writer_.arm({rows_of(person), rows_of(person), std::string{kBundle},
                 std::max(chance_.now, began + kSpan), person});
  }
  forget(lately.waiting, it.id);
  lately.waiting.push_back(page);
  put(writer_, std::move(record), person, lately, chance_.now);
  JsonWriter data;
  data.object();
  data.field("person", person);
  data.field("step", step.step);
  data.end();
  writer_.append_ledger({0, chance_.now, "tick", "bundled", it.id, data.take(), ""});
  return true;
}

/// One message with all cases that still want somebody; one alone is a page like any other.
void Effects::send_bundle(const TimerRecord& timer) {
  const std::string person = timer.data;
  Record record = writer_.record(kBundle, person).value_or(Record{});
  Lately lately = lately_of(record);
  std::vector<std::pair<Case, Paged>> open;
  for (const Paged& it : lately.waiting) {
    const auto stored = writer_.case_by_id(it.case_id);
    if (!stored || stored->ended) continue;
    Case one = load_case(*stored);
    const bool confirmed = std::ranges::find(one.confirmed, person) != one.confirmed.end();
    if (one.climbs() && !confirmed) open.emplace_back(std::move(one), it);
  }
  lately.waiting.clear();
  lately.told.clear();
  for (const auto& [it, page] : open)
    lately.told.push_back({it.id, page.step, page.round, chance_.now});
  for (const Paged& it : lately.told) {
    forget(lately.sent, it.case_id);
    if (lately.sent.size() < kMostWaiting) lately.sent.push_back(it);
  }
  put(writer_, std::move(record), person, lately, chance_.now);
  const Person* who = rules_.person(person);
  if (who == nullptr || open.empty()) return;
  Message message;
  for (const auto& [it, page] : open) {
    Message one = message_of(MessageKind::page, it);
    const std::string url = ack_url(it, person, page.step);
    message.text += fmt::format("Case {}{}{}\n", it.number, url.empty() ? "" : ": take it: ", url);
    message.kind = MessageKind::page;
    message.at = one.at;
    message.cases.push_back(std::move(one.cases.front()));
  }
  message.headline = fmt::format("Page: {} cases within {}", open.size(), to_text(kSpan));
  if (open.size() == 1) message = message_of(MessageKind::page, open.front().first);
  message.person = person;
  message.step = open.front().second.step;
  message.round = open.front().second.round;
  if (open.size() == 1)
    message.ack_url = ack_url(open.front().first, person, message.step);
  else
    message.case_url = base_url();
  std::vector<std::string> skipped;
  for (const Way& way : page_ways(*who, rules_, live(), skipped)) {
    OutboxRow row;
    row.key = key_of(person, chance_.now) + fmt::format("{}/{}", way.receiver, way.target);
    row.case_id = rows_of(person);
    row.lane = Lane::page;
    row.receiver = way.receiver;
    row.person = person;
    row.target = way.target;
    row.step = message.step;
    row.not_before = chance_.now + way.after;
    enqueue(std::move(row), *rules_.receiver(way.receiver), message);
  }
}

/// A case was taken or has ended: it waits in nobody's bundle, and a bundle all of whose cases are
/// taken does not go on.
void Effects::leave_bundles(const Case& it) {
  RecordQuery query;
  query.kind = kBundle;
  for (Record& record : writer_.records(query)) {
    Lately lately = lately_of(record);
    if (!among(lately.waiting, it.id) && !among(lately.sent, it.id)) continue;
    forget(lately.waiting, it.id);
    if (const auto told = std::ranges::find(lately.sent, it.id, &Paged::case_id);
        told != lately.sent.end()) {
      const Instant sent = told->at;  // a bundle of its own, though others of theirs are open
      forget(lately.sent, it.id);
      if (std::ranges::find(lately.sent, sent, &Paged::at) == lately.sent.end())
        cancel_rows(writer_, record.id, sent, chance_.now);
    }
    const std::string person = record.id;
    put(writer_, std::move(record), person, lately, chance_.now);
  }
}

}  // namespace earshot
